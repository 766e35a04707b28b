"""The arithmetic of a run: how long things took, in shares of all that were timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import median


@dataclass(frozen=True)
class Spread:
    """How long something took, in milliseconds: the middle, and what one in a hundred exceeds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        return cls(*(percentile(seconds, share) * 1000 for share in (0.50, 0.99)))

    @classmethod
    def middle(cls, spreads: Sequence["Spread"]) -> "Spread":
        """The middle of several rounds' spreads."""
        return cls(median(each.p50 for each in spreads), median(each.p99 for each in spreads))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all do not exceed, between two neighbours where need be."""
    if not values:
        raise ValueError("there is nothing to take a share of")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below, above = ordered[floor(place)], ordered[ceil(place)]
    return below + (above - below) * (place - floor(place))


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What each has used between two readings of the same clocks."""
    return {name: after[name] - before[name] for name in after}


def each_of(totals: Mapping[str, float], orders: int) -> dict[str, float]:
    """Totals of a run, as what one order comes to."""
    return {name: total / orders for name, total in totals.items()}


def middle_of(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The middle of several rounds' figures, one by one."""
    return {name: median(each[name] for each in rounds) for name in rounds[0]}
