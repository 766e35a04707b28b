"""A run in Markdown."""

from collections.abc import Iterable, Sequence

from bench.result import DRIVER, Report, Result
from bench.systems import SHARED, TITLES
from bench.targets import Target, judged

_BUSY = (
    "**The machine was busy with other things during this run**: its times are those of a machine "
    "half asleep, and no more than indicative. Processor times bear comparison with each other.\n\n"
)
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"


def placed(table: str, document: str) -> str:
    """A document with this run's tables in the place of an earlier one's."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def markdown(report: Report) -> str:
    """All of a run: how fast, at what cost, and whether that is what we hold ourselves to."""
    targets = judged(report)
    sections = [
        ("Speed", _speed(report.results)),
        ("Processor time of one order, ms", _processors(report.results)),
        ("What one order leaves behind", _traces(report)),
        *([("Targets", _targets(targets))] if targets else []),
        ("Machine", _table(["", ""], [list(item) for item in report.machine.items()])),
    ]
    tables = "\n\n".join(f"### {title}\n\n{table}" for title, table in sections) + "\n"
    return _BUSY + tables if report.was_busy else tables


def _speed(results: Sequence[Result]) -> str:
    head = ["", "at once", "orders/s", "checkout p50", "p99", "webhook p50", "p99"]
    rows = [
        [
            TITLES[each.system],
            f"{each.buyers}",
            f"{each.orders_per_second:.1f}",
            *(
                f"{value:.0f} ms"
                for spread in (each.checkout, each.acknowledgement, each.fulfillment)
                for value in (spread.p50, spread.p99)
            ),
        ]
        for each in results
    ]
    return _table([*head, "paid → COMPLETED p50", "p99"], rows)


def _processors(results: Sequence[Result]) -> str:
    names = list(dict.fromkeys(name for each in results for name in each.cpu_ms))
    names.sort(key=lambda name: (name == DRIVER, name in SHARED))
    rows = [
        [
            TITLES[each.system],
            f"{each.buyers}",
            *(f"{each.cpu_ms[name]:.1f}" if name in each.cpu_ms else "" for name in names),
            f"{sum(used for name, used in each.cpu_ms.items() if name != DRIVER):.1f}",
        ]
        for each in results
    ]
    titles = [TITLES.get(name, name) for name in names]
    return _table(["", "at once", *titles, "all but the driver"], rows)


def _traces(report: Report) -> str:
    last = {each.system: each for each in report.results}
    kinds = sorted({kind for each in report.histories.values() for kind in each if ":" in kind})
    plain = {"events": "history events", "bytes": "history bytes", "actions": "billable actions"}
    rows = [
        ["SQL statements", *(f"{each.statements:.1f}" for each in last.values())],
        ["calls to Stripe", *(f"{each.stripe_calls:.1f}" for each in last.values())],
        *(
            [title, *(_of(report.histories.get(name), kind) for name in last)]
            for kind, title in (
                plain | {kind: f"… {kind.split(': ')[1]}" for kind in kinds}
            ).items()
        ),
    ]
    return _table(["", *(TITLES[name] for name in last)], rows)


def _of(history: dict[str, float] | None, kind: str) -> str:
    return f"{history.get(kind, 0.0):.0f}" if history else ""


def _targets(targets: Sequence[Target]) -> str:
    rows = [[each.name, each.bound, each.measured, "✓" if each.is_met else "✗"] for each in targets]
    return _table(["", "target", "measured", ""], rows)


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] + ["--:"] * (len(columns) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
