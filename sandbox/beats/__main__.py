"""`python -m sandbox.beats FOLDER`: write the demo beats into a producer's folder."""

import argparse
from pathlib import Path

from sandbox.beats import write_demo_beats


def main() -> None:
    """Write what is missing and print each beat's folder."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.beats", description=__doc__)
    parser.add_argument("folder", type=Path)
    for place in write_demo_beats(parser.parse_args().folder):
        print(place)


if __name__ == "__main__":
    main()
