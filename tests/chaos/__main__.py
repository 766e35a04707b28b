"""`make chaos`: a system under a seeded plan of faults, and whether all held in the end."""

import argparse
import asyncio
import secrets
import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.plan import ARRIVALS, LEAST_SPAN, plan
from tests.chaos.run import run
from tests.chaos.vocabulary import Scenario
from tests.system import free_base


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--scenario", type=Scenario, choices=Scenario, default=Scenario.EVERYTHING)
    parser.add_argument("--orders", type=int, help="100; of a soak 600, one a second")
    parser.add_argument("--seed", type=int, default=None, help="drawn when it is not given")
    parser.add_argument(
        "--span", type=float, default=LEAST_SPAN, help="seconds of faults, at least"
    )
    parser.add_argument(
        "--pace", type=_positive, default=1.0, help="2: twice as long between blows"
    )
    parser.add_argument("--arrivals", type=_positive, default=ARRIVALS, help="buyers a second: 2")
    parser.add_argument("--data", type=Path, help="keep what the system knew and logged here")
    parser.add_argument("--port-base", type=int, help="the first of nine ports")
    given = parser.parse_args()
    if given.data and given.data.exists() and any(given.data.iterdir()):
        parser.error(f"{given.data} holds something already: give a folder that is empty, or new")
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    orders = given.orders or (600 if given.scenario is Scenario.SOAK else 100)
    planned = plan(given.scenario, orders, seed, given.span, given.pace, given.arrivals)
    place = nullcontext(str(given.data)) if given.data else TemporaryDirectory(prefix="beatline-")
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {what}", file=sys.stderr, flush=True)

    tell(f"{given.scenario}, {orders} buyers, seed {seed}: coming up")
    with place as folder:
        data = Path(folder).resolve()
        data.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(run(planned, data, given.port_base or free_base(), tell))
    print("\n".join(result.lines()))
    return 0 if result.held else 1


def _positive(word: str) -> float:
    with suppress(ValueError):
        if 0 < float(word) < float("inf"):
            return float(word)
    raise argparse.ArgumentTypeError(f"{word!r} is no number above zero")


if __name__ == "__main__":
    sys.exit(main())
