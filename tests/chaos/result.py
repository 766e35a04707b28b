"""What came of a run, in one line."""

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.invariants import Finding, Kind
from tests.chaos.plan import Plan


@dataclass(frozen=True)
class Result:
    """The outcome of a run.

    `recoveries` are seconds from the moment when an order was paid and every fault was over to
    COMPLETED, of orders completed after that moment; `meanwhile` from paid to COMPLETED, of those
    that were completed while the faults went on.
    """

    plan: Plan
    placed: int
    faults: int
    paid: int
    persisted: int
    findings: list[Finding]
    recoveries: list[float]
    meanwhile: list[float]
    fallen: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        return not self.findings

    def line(self) -> str:
        kinds = Counter(finding.kind for finding in self.findings)
        words = [
            f"{self.plan.scenario}: orders {self.placed}",
            f"faults {self.faults}",
            f"paid {self.paid}",
            f"persisted {self.persisted}",
            *(f"{kind} {kinds[kind]}" for kind in Kind),
            f"recovery {_spread(self.recoveries)}",
            f"under fire {_spread(self.meanwhile)}",
            f"{self.seconds:.0f} s",
            f"seed {self.plan.seed}",
        ]
        return "  ".join(words)

    def lines(self) -> list[str]:
        """The line, and everything that did not hold."""
        fallen = Counter(self.fallen)
        told = [f"  {each.kind}: {each.words}" for each in self.findings]
        told += [f"  by itself: {what} ({times} times)" for what, times in fallen.items()]
        return [self.line(), *told]


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "of none"
    ranked = sorted(seconds)
    middle, late = ranked[len(ranked) // 2], ranked[min(len(ranked) * 99 // 100, len(ranked) - 1)]
    return f"p50 {middle:.1f} s p99 {late:.1f} s of {len(ranked)}"
