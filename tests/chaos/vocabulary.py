"""Who can come to a run, what they can do, and what can go wrong."""

import signal
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

WORKERS = ("worker-1", "worker-2")
PROGRAMS = (*WORKERS, "api")


class Scenario(StrEnum):
    """How much goes wrong."""

    CLEAN = "clean"
    WEBHOOKS = "webhooks"
    PROCESSES = "processes"
    DEPENDENCIES = "dependencies"
    EVERYTHING = "everything"
    SOAK = "soak"


class Clicks(StrEnum):
    """How a buyer asks for the payment page."""

    ONCE = "once"
    TWICE = "twice"  # two calls at once under one key
    IMPATIENTLY = "impatiently"  # gives up soon, then asks again under the same key
    WITHOUT_A_KEY = "without a key"


class Payment(StrEnum):
    """What a buyer does on the payment page."""

    CARD = "card"
    AFTER_A_DECLINE = "after a decline"
    SUBMITS_TWICE = "submits twice"
    ON_A_SECOND_PAGE_TOO = "on a second page too"
    ON_A_SECOND_PAGE_FIRST = "on a second page first"
    ON_A_SECOND_PAGE_INSTEAD = "on a second page instead"  # while its own expires
    DEBIT = "debit"
    FAILING_DEBIT = "failing debit"
    AS_IT_EXPIRES = "as it expires"
    LETS_IT_EXPIRE = "lets it expire"
    NEVER = "never"
    WHEN_ALL_IS_OVER = "when all is over"  # long after the faults


class Return(StrEnum):
    """Whether a buyer looks at the order once paid."""

    WAITS = "waits"
    CLOSES_THE_TAB = "closes the tab"


class Aftermath(StrEnum):
    """What becomes of the money."""

    KEPT = "kept"
    REFUNDED = "refunded"
    REFUNDED_IN_PART = "refunded in part"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute won"
    DISPUTE_LOST = "dispute lost"


@dataclass(frozen=True)
class Buyer:
    """One buyer of one order; times are in seconds."""

    number: int
    arrives: float
    clicks: Clicks
    payment: Payment
    hesitates: float
    returns: Return
    aftermath: Aftermath
    aftermath_after: float
    dice: int  # what is left to chance, such as the cart, is thrown from here


class BlowKind(StrEnum):
    SIGNAL = "signal"  # sent to a part, which is started again after `lasts` seconds
    FREEZE = "freeze"  # a part is stopped and goes on after `lasts` seconds
    STRIPE = "stripe"  # a fault of the Stripe emulator
    CLOUDINARY = "cloudinary"
    FORGE = "forge"  # webhook calls that must be refused
    CUT = "cut"  # every connection to PostgreSQL
    CUT_COMMITS = "cut commits"  # those that say COMMIT next, `times` of them, once it is heard
    ACKNOWLEDGED = "acknowledged"  # an event of Stripe's, and the API killed at its 200


@dataclass(frozen=True)
class Blow:
    """One thing that goes wrong, `at` so many seconds after the start."""

    at: float
    kind: BlowKind
    on: str = ""
    lasts: float = 0.0
    number: signal.Signals = signal.SIGKILL
    times: int = 1
    fault: dict[str, Any] = field(default_factory=dict)
