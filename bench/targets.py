"""What Beatline is held to, and how a run of it stands to that."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.result import Report
from bench.systems import BEATLINE, CONTENDERS, DBOS, FLOOR

AT_ONCE = 10
THROUGHPUT_OF_FLOOR = 0.6
CHECKOUT_ALLOWANCE = 15.0  # milliseconds
ACKNOWLEDGED_WITHIN = 50.0
FULFILLED_WITHIN = 150.0
CPU_OF_FLOOR = 2.0
EVENTS = 40
BYTES = 20 * 1024


@dataclass(frozen=True)
class Target:
    """A bound, and what was measured."""

    name: str
    bound: str
    measured: str
    is_met: bool


def judged(report: Report) -> list[Target]:
    """The targets; none unless the run has all that they compare, but DBOS."""
    if not all(report.has(system, 1, AT_ONCE) for system in (FLOOR, BEATLINE)):
        return []
    return [*_speeds(report), *_costs(report)]


def _speeds(report: Report) -> Iterator[Target]:
    ours, floor = report.of(BEATLINE, AT_ONCE), report.of(FLOOR, AT_ONCE)
    share = ours.orders_per_second / floor.orders_per_second
    yield Target(
        f"orders/s at {AT_ONCE} at once, of the bare workflow's",
        f"≥ {THROUGHPUT_OF_FLOOR:.2f}",
        f"{share:.2f}",
        share >= THROUGHPUT_OF_FLOOR,
    )
    if report.has(DBOS, AT_ONCE):
        other = report.of(DBOS, AT_ONCE).orders_per_second
        yield Target(
            f"orders/s at {AT_ONCE} at once, beside DBOS",
            f"≥ {other:.1f}",
            f"{ours.orders_per_second:.1f}",
            ours.orders_per_second >= other,
        )
    allowed = report.of(FLOOR, 1).checkout.p50 + report.emulator_ms + CHECKOUT_ALLOWANCE
    checkout = report.of(BEATLINE, 1).checkout.p50
    yield _within("checkout p50 alone: bare workflow + emulator + 15 ms", allowed, checkout)
    yield _within(
        f"webhook acknowledged, p99 at {AT_ONCE} at once",
        ACKNOWLEDGED_WITHIN,
        ours.acknowledgement.p99,
    )
    yield _within(
        f"paid → COMPLETED, p50 at {AT_ONCE} at once", FULFILLED_WITHIN, ours.fulfillment.p50
    )


def _costs(report: Report) -> Iterator[Target]:
    pythons = {each.name: each.python for each in CONTENDERS}
    ours = report.of(BEATLINE, AT_ONCE).cpu_of(*pythons[BEATLINE])
    floor = report.of(FLOOR, AT_ONCE).cpu_of(*pythons[FLOOR])
    yield _within("CPU of our Python an order: 2 × the bare workflow's", CPU_OF_FLOOR * floor, ours)
    history = report.histories[BEATLINE]
    events, size = history["events"], history["bytes"]
    yield Target("history events an order", f"≤ {EVENTS}", f"{events:.0f}", events <= EVENTS)
    yield Target(
        "history an order", f"≤ {BYTES / 1024:.0f} KiB", f"{size / 1024:.1f} KiB", size <= BYTES
    )


def _within(name: str, bound: float, measured: float) -> Target:
    return Target(name, f"≤ {bound:.0f} ms", f"{measured:.0f} ms", measured <= bound)
