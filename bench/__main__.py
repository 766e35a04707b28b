"""`make bench`: an order's cost, beside its floor's, a naive shop's and that on DBOS."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from bench.plots import draw
from bench.result import Report
from bench.run import Wish, bench
from bench.systems import DBOS, available
from bench.table import markdown, placed
from sandbox.process import ProcessError

RESULTS = Path(__file__).with_name("results")
DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
PORT_BASE = 28_000
BUYERS = [1, 10, 50]


def main() -> int:
    given = _parser().parse_args()
    contenders = [each for each in available() if each.name in (given.only or [each.name])]
    wish = Wish(contenders, given.buyers, given.orders, given.rounds)
    tell = _teller()
    if DBOS not in {each.name for each in contenders}:
        tell("without DBOS: it is not installed, or not asked for")
    place = nullcontext(str(given.data)) if given.data else TemporaryDirectory(prefix="beatline-")
    with place as folder:
        data = Path(folder).resolve()
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o755)  # PostgreSQL may run as another user
        report = uvloop.run(_measured(wish, data, given.port_base, tell))
    table = _write(report, given.results)
    if given.docs:
        DOCUMENT.write_text(placed(table, DOCUMENT.read_text()))
    sys.stdout.write(table)
    tell(f"written to {given.results}")
    return 0


async def _measured(wish: Wish, data: Path, port_base: int, tell: Callable[[str], None]) -> Report:
    tell("coming up")
    async with bench(data, port_base, tell) as opened:
        return await opened.measure(wish)


def _write(report: Report, folder: Path) -> str:
    """Leaves a run's figures, tables and pictures in a folder; returns the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders.json").write_text(json.dumps(asdict(report), indent=2) + "\n")
    table = markdown(report)
    (folder / "orders.md").write_text(table)
    draw(report, folder)
    return table


def _teller() -> Callable[[str], None]:
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {what}", file=sys.stderr, flush=True)

    return tell


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=200, help="of each system, each round")
    parser.add_argument("--rounds", type=int, default=1, help="the middle of them counts")
    parser.add_argument("--buyers", type=int, nargs="+", default=BUYERS, help="how many at once")
    parser.add_argument("--only", nargs="+", help="names of systems")
    parser.add_argument("--data", type=Path, help="keep what the systems logged and stored here")
    parser.add_argument("--port-base", type=int, default=PORT_BASE, help="the first of nine ports")
    parser.add_argument("--docs", action="store_true", help="renew the tables in docs/, too")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where results are written")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ProcessError as error:
        sys.exit(f"The bench cannot run: {error}.")
