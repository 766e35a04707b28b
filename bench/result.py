"""What a run comes to, and how several rounds of it become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.figures import Spread, each_of, middle_of, spent
from bench.purchases import Purchase

DRIVER = "driver"
# The system's load average, in programs that want a processor: of the minute before, to which
# setting up the bench belongs.
BUSY_LOAD = 1.0


@dataclass(frozen=True)
class Readings:
    """What is counted beside the purchases, at one moment."""

    cpu: dict[str, float]  # seconds, by program
    statements: int
    stripe_calls: int


@dataclass(frozen=True)
class Result:
    """One system under so many buyers at once; all but the first four figures are one order's."""

    system: str
    buyers: int
    orders: int
    orders_per_second: float
    checkout: Spread
    acknowledgement: Spread
    fulfillment: Spread
    cpu_ms: dict[str, float]
    statements: float
    stripe_calls: float

    @classmethod
    def of(
        cls,
        system: str,
        buyers: int,
        purchases: Sequence[Purchase],
        seconds: float,
        before: Readings,
        after: Readings,
    ) -> "Result":
        orders = len(purchases)
        milliseconds = {name: used * 1000 for name, used in spent(before.cpu, after.cpu).items()}
        return cls(
            system=system,
            buyers=buyers,
            orders=orders,
            orders_per_second=orders / seconds,
            checkout=Spread.of([each.checkout for each in purchases]),
            acknowledgement=Spread.of([each.acknowledgement for each in purchases]),
            fulfillment=Spread.of([each.fulfillment for each in purchases]),
            cpu_ms=each_of(milliseconds, orders),
            statements=(after.statements - before.statements) / orders,
            stripe_calls=(after.stripe_calls - before.stripe_calls) / orders,
        )

    @classmethod
    def middle(cls, rounds: Sequence["Result"]) -> "Result":
        """The middle of each figure over several rounds of the same."""
        first = rounds[0]
        return cls(
            system=first.system,
            buyers=first.buyers,
            orders=sum(each.orders for each in rounds),
            orders_per_second=median(each.orders_per_second for each in rounds),
            checkout=Spread.middle([each.checkout for each in rounds]),
            acknowledgement=Spread.middle([each.acknowledgement for each in rounds]),
            fulfillment=Spread.middle([each.fulfillment for each in rounds]),
            cpu_ms=middle_of([each.cpu_ms for each in rounds]),
            statements=median(each.statements for each in rounds),
            stripe_calls=median(each.stripe_calls for each in rounds),
        )

    def cpu_of(self, *programs: str) -> float:
        """Milliseconds an order of these programs together."""
        return sum(self.cpu_ms.get(name, 0.0) for name in programs)


@dataclass(frozen=True)
class Report:
    """Everything that a run of the bench has found out."""

    machine: dict[str, str]
    emulator_ms: float  # to open a payment page at the emulator, asked by nobody else
    results: tuple[Result, ...]
    histories: dict[str, dict[str, float]]  # by system

    @property
    def was_busy(self) -> bool:
        """Whether others used the machine when the run began."""
        return float(self.machine.get("load before", 0)) > BUSY_LOAD

    def of(self, system: str, buyers: int) -> Result:
        (found,) = (each for each in self.results if (each.system, each.buyers) == (system, buyers))
        return found

    def has(self, system: str, *buyers: int) -> bool:
        """Whether a system was measured, under all of these numbers of buyers."""
        counts = {each.buyers for each in self.results if each.system == system}
        return bool(counts) and counts.issuperset(buyers)
