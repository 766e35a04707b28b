"""`make mutants`: whether anything notices when one thing is taken out of our code."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.vocabulary import Scenario
from tests.mutants.mutants import MUTANTS, Mutant
from tests.system import free_base

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "__pycache__")
ORDERS = "30"
SEEDS = ("1", "2")  # what the first does not see, the second may
LONGEST = 600  # seconds
TOLD = 300  # characters


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("only", nargs="*", help="words of the names of those to try")
    only = parser.parse_args().only
    survivors = 0
    for mutant in MUTANTS:
        if only and not any(word in mutant.name for word in only):
            continue
        with TemporaryDirectory(prefix="beatline-mutant-") as folder:
            caught = _caught(mutant, Path(folder))
        survivors += caught is None
        print(f"{mutant.name}: {f'caught by {caught}' if caught else 'SURVIVED'}", flush=True)
    return 1 if survivors else 0


def _caught(mutant: Mutant, folder: Path) -> str | None:
    """By what it was noticed; None if by nothing."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    mutated = tree / mutant.path
    mutated.write_text(mutated.read_text().replace(mutant.passage, mutant.instead))
    if not isinstance(mutant.by, Scenario):
        return _failure(["-m", "pytest", "-q", "-x", *mutant.by], tree, "FAILED")
    for seed in SEEDS:
        options = ["--orders", ORDERS, "--seed", seed, "--data", str(folder / seed)]
        options += ["--port-base", str(free_base()), "--scenario", mutant.by.value]
        if told := _failure(["-m", "tests.chaos", *options], tree, "  "):
            return f"{mutant.by}: {told}"
    return None


def _failure(arguments: list[str], tree: Path, told_by: str) -> str | None:
    """The first line that tells of it, where a program did not end well."""
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # of no use to anybody afterwards
    }
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        timeout=LONGEST,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode == 0:
        return None
    lines = [line.strip() for line in ended.stdout.splitlines() if line.startswith(told_by)]
    if not lines:  # it was not the mutant that was noticed
        raise RuntimeError(f"{ended.stdout}\n{ended.stderr}"[-3000:])
    return lines[0][:TOLD]


if __name__ == "__main__":
    sys.exit(main())
