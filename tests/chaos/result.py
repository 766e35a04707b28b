"""What came of a run, in one line."""

from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.invariants import Finding, Kind
from tests.chaos.plan import Plan
from tests.chaos.recovery import Course


@dataclass(frozen=True)
class Result:
    """The outcome of a run; `swept_at` is when the sweep was asked for, since the epoch."""

    plan: Plan
    placed: int
    faults: int
    paid: int
    persisted: int
    findings: list[Finding]
    courses: list[Course]
    swept_at: float
    fallen: list[str] = field(default_factory=list)
    held_by_programs: list[str] = field(default_factory=list)  # after a soak
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        return not self.findings

    @property
    def recoveries(self) -> list[float]:
        """Seconds; of silent orders from the sweep, as nobody asked before."""
        return [
            min(course.recovery, course.done - self.swept_at)
            if course.is_silent
            else course.recovery
            for course in self.courses
            if not course.is_silent or course.done > self.swept_at
        ]

    def line(self) -> str:
        kinds = Counter(finding.kind for finding in self.findings)
        silent = sum(course.is_silent for course in self.courses)
        words = [
            f"{self.plan.scenario}: orders {self.placed}",
            f"faults {self.faults}",
            f"paid {self.paid}",
            f"persisted {self.persisted}",
            *(f"{kind} {kinds[kind]}" for kind in Kind),
            f"recovery {_spread(self.recoveries)}",
            f"from paid {_spread([course.done - course.paid for course in self.courses])}",
            f"silent {silent}",
            f"{self.seconds:.0f} s",
            f"seed {self.plan.seed}",
        ]
        return "  ".join(words)

    def lines(self) -> list[str]:
        """The line, and everything that did not hold."""
        fallen = Counter(self.fallen)
        found = Counter(f"  {each.kind}: {each.words}" for each in self.findings)
        told = [what if times == 1 else f"{what} ({times} times)" for what, times in found.items()]
        told += [f"  by itself: {what} ({times} times)" for what, times in fallen.items()]
        told += [f"  {each}" for each in self.held_by_programs]
        return [self.line(), *told]


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "of none"
    ranked = sorted(seconds)
    middle, late = ranked[len(ranked) // 2], ranked[min(len(ranked) * 99 // 100, len(ranked) - 1)]
    return f"p50 {middle:.1f} s p99 {late:.1f} s max {ranked[-1]:.1f} s of {len(ranked)}"
