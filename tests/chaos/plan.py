"""What will happen in a run: who buys what and how, and which blows fall; all of it by the seed."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.chaos.vocabulary import (
    PROGRAMS,
    WORKERS,
    Aftermath,
    Blow,
    BlowKind,
    Buyer,
    Clicks,
    Payment,
    Return,
    Scenario,
)

Dice = Random

ARRIVALS = 2.0  # buyers a second
LEAST_SPAN = 15.0  # seconds over which blows fall, however few the buyers
SOAK_ARRIVALS = 1.0  # buyers a second, one like the other
LONG_DELAY = 10.0  # seconds
SOAK_PAUSE = 30.0  # seconds between two kills


@dataclass(frozen=True)
class Plan:
    """A whole run. `standing` are the faults of webhooks that hold from its start to its end."""

    seed: int
    scenario: Scenario
    buyers: tuple[Buyer, ...]
    standing: tuple[dict[str, Any], ...]
    blows: tuple[Blow, ...]


def plan(
    scenario: Scenario,
    orders: int,
    seed: int,
    least_span: float = LEAST_SPAN,
    pace: float = 1.0,
    arrivals: float = ARRIVALS,
) -> Plan:
    """The same arguments give the same plan.

    At a `pace` of two, twice as much time lies between two blows: for a machine on which a program
    takes longer to start than it would be left alive. `arrivals` are buyers a second, for one whose
    processors the starts leave little of; of a soak they are given.
    """
    dice = Random(seed)
    if scenario is Scenario.SOAK:
        span, make_buyer = orders / SOAK_ARRIVALS, _steady_buyer
    else:
        span, make_buyer = max(least_span, orders / arrivals), _buyer
    buyers = tuple(make_buyer(dice, number, span) for number in range(orders))
    standing = _webhook_faults(dice) if scenario in _WITH_WEBHOOKS else ()
    blows = [
        replace(blow, at=blow.at * pace)
        for make in _BLOWS[scenario]
        for blow in make(dice, span / pace)
    ]
    return Plan(seed, scenario, buyers, standing, tuple(sorted(blows, key=lambda blow: blow.at)))


def _buyer(dice: Dice, number: int, span: float) -> Buyer:
    return Buyer(
        number=number,
        arrives=dice.uniform(0, span),
        clicks=_weighed(dice, _CLICKS),
        payment=_weighed(dice, _PAYMENTS),
        hesitates=dice.choice((0.0, 0.3, 1.0, 4.0)),
        returns=dice.choice(tuple(Return)),
        aftermath=_weighed(dice, _AFTERMATHS),
        aftermath_after=dice.choice((0.0, 0.2, 1.5, 4.0)),
        dice=dice.getrandbits(32),
    )


def _steady_buyer(dice: Dice, number: int, span: float) -> Buyer:
    """One whose order takes the same course as all the others'."""
    return Buyer(
        number=number,
        arrives=number / SOAK_ARRIVALS,
        clicks=Clicks.ONCE,
        payment=Payment.CARD,
        hesitates=1.0,
        returns=Return.WAITS,
        aftermath=Aftermath.KEPT,
        aftermath_after=0.0,
        dice=dice.getrandbits(32),
    )


def _weighed(dice: Dice, weights: dict[Any, int]) -> Any:
    return dice.choices(tuple(weights), tuple(weights.values()))[0]


_CLICKS = {Clicks.ONCE: 4, Clicks.TWICE: 3, Clicks.IMPATIENTLY: 2, Clicks.WITHOUT_A_KEY: 1}
_PAYMENTS = {
    Payment.CARD: 40,
    Payment.AFTER_A_DECLINE: 8,
    Payment.SUBMITS_TWICE: 10,
    Payment.ON_A_SECOND_PAGE_TOO: 6,
    Payment.ON_A_SECOND_PAGE_FIRST: 4,
    Payment.ON_A_SECOND_PAGE_INSTEAD: 3,
    Payment.DEBIT: 6,
    Payment.FAILING_DEBIT: 4,
    Payment.AS_IT_EXPIRES: 6,
    Payment.LETS_IT_EXPIRE: 5,
    Payment.NEVER: 5,
    Payment.WHEN_ALL_IS_OVER: 6,
}
_AFTERMATHS = {
    Aftermath.KEPT: 60,
    Aftermath.REFUNDED: 15,
    Aftermath.REFUNDED_IN_PART: 5,
    Aftermath.DISPUTED: 4,
    Aftermath.DISPUTE_WON: 4,
    Aftermath.DISPUTE_LOST: 4,
}


def _webhook_faults(dice: Dice) -> tuple[dict[str, Any], ...]:
    """Of a hundred events ten are lost, thirty doubled; others come late, shuffled or stale.

    Five come so late that every page has expired: when the run has them sent again.
    """
    faults: tuple[dict[str, Any], ...] = (
        {"effect": "drop", "probability": 0.10},
        {"effect": "delay", "probability": 0.055, "delay": 600.0},
        {"effect": "double", "probability": 0.35},
        {"effect": "shuffle", "probability": 0.25, "delay": 0.8},
        {"effect": "delay", "probability": 0.15, "delay": 4.0},
        {"effect": "skew", "probability": 0.10, "skew": -400.0},
    )
    return tuple(fault | {"on": "webhooks", "seed": dice.getrandbits(32)} for fault in faults)


def _moments(dice: Dice, span: float, least: float, most: float) -> list[float]:
    """Moments between the start and the end, from `least` to `most` seconds apart."""
    moments = [dice.uniform(0, most)]
    while moments[-1] < span:
        moments.append(moments[-1] + dice.uniform(least, most))
    return moments[:-1]


def _forgeries(dice: Dice, span: float) -> list[Blow]:
    return [Blow(at, BlowKind.FORGE) for at in _moments(dice, span, 1.0, 3.0)]


def _deaths(dice: Dice, span: float) -> list[Blow]:
    """Workers and the API, killed or asked to end, every few seconds; one sometimes frozen."""
    kills = [
        Blow(
            at,
            BlowKind.SIGNAL,
            dice.choice(PROGRAMS),
            dice.uniform(0, 1.5),
            dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)),
        )
        for at in _moments(dice, span, 1.0, 4.0)
    ]
    freezes = [
        Blow(at, BlowKind.FREEZE, dice.choice(PROGRAMS), dice.uniform(1, 4))
        for at in _moments(dice, span, 6.0, 12.0)
    ]
    acknowledged = [
        Blow(at, BlowKind.ACKNOWLEDGED, "api", dice.uniform(0, 1))
        for at in _moments(dice, span, 4.0, 8.0)
    ]
    return [*kills, *freezes, *acknowledged]


def _steady_deaths(dice: Dice, span: float) -> list[Blow]:
    """A kill in each half minute: of the second worker, and in the first half of the API, too.

    The first worker lives through all of it, and the API through the second half, so that what
    they hold can be watched for long.
    """
    kills = [
        Blow(number * SOAK_PAUSE, BlowKind.SIGNAL, WORKERS[1])
        for number in range(1, int(span / SOAK_PAUSE))
    ]
    return [
        replace(kill, on="api") if number % 2 and kill.at < span / 2 else kill
        for number, kill in enumerate(kills)
    ]


def _outages(dice: Dice, span: float) -> list[Blow]:
    """PostgreSQL and Temporal, gone without a word and back.

    Each takes some seconds to come back, more on a busy machine: between two outages there must be
    a shop for a while, or nobody buys anything that could be lost.
    """
    # SIGQUIT is what `pg_ctl stop -m immediate` sends.
    postgres = [
        Blow(at, BlowKind.SIGNAL, "postgres", dice.uniform(0.2, 3), signal.SIGQUIT)
        for at in _moments(dice, span, 12.0, 24.0)
    ]
    temporal = [
        Blow(at, BlowKind.SIGNAL, "temporal", dice.uniform(0.2, 3))
        for at in _moments(dice, span, 16.0, 28.0)
    ]
    return [*postgres, *temporal]


def _cut_lines(dice: Dice, span: float) -> list[Blow]:
    """The way to PostgreSQL, where nobody can tell whether a COMMIT arrived."""
    lines = [Blow(at, BlowKind.CUT) for at in _moments(dice, span, 4.0, 10.0)]
    commits = [
        Blow(at, BlowKind.CUT_COMMITS, times=dice.randint(1, 4))
        for at in _moments(dice, span, 0.5, 3.0)
    ]
    return [*lines, *commits]


_STRIPE_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 429, "retry_after": 1},
    {"status": 500},
    {"status": 503, "retry_after": 2},
    {"delay": 3.0},
    {"delay": 11.0},  # longer than our client waits; the call takes effect after that
    {"cut": True},
    {"cut": True, "executed": True},
    {"status": 500, "executed": True},
    {"status": 500, "saved": True, "method": "POST"},
)
_CLOUDINARY_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500},
    {"status": 420},
    {"status": 429, "retry_after": 1},
    {"delay": 2.0},
    {"cut": True},
    {"cut": True, "executed": True},
)


def _vendor_faults(dice: Dice, span: float) -> list[Blow]:
    """Bursts: each strikes so many calls, some of them not in a row."""
    stripe = [
        Blow(at, BlowKind.STRIPE, fault=_burst(dice, _STRIPE_FAULTS) | {"on": "api"})
        for at in _moments(dice, span, 0.5, 2.0)
    ]
    cloudinary = [
        Blow(at, BlowKind.CLOUDINARY, fault=_burst(dice, _CLOUDINARY_FAULTS))
        for at in _moments(dice, span, 3.0, 6.0)
    ]
    return [*stripe, *cloudinary]


def _burst(dice: Dice, faults: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    fault = dice.choice(faults)
    most = 2 if fault.get("delay", 0) > LONG_DELAY else 8  # or all that happens is waiting
    return fault | {
        "times": dice.randint(1, most),
        "probability": dice.choice((0.5, 1.0)),
        "seed": dice.getrandbits(32),
    }


_WITH_WEBHOOKS = (Scenario.WEBHOOKS, Scenario.EVERYTHING)
_BLOWS: dict[Scenario, tuple[Callable[[Dice, float], list[Blow]], ...]] = {
    Scenario.CLEAN: (),
    Scenario.WEBHOOKS: (_forgeries,),
    Scenario.PROCESSES: (_deaths,),
    Scenario.DEPENDENCIES: (_outages, _cut_lines, _vendor_faults),
    Scenario.SOAK: (_steady_deaths,),
    Scenario.EVERYTHING: (_forgeries, _deaths, _outages, _cut_lines, _vendor_faults),
}
