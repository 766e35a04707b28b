"""Faults on demand, on API calls and on webhooks; seeded, so that a run can be repeated."""

import re
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from random import Random
from typing import Any, TypeVar

from sandbox.stripe.errors import Json

_MOST_SECONDS = 600.0


@dataclass
class Fault:
    """When something goes wrong, and how often."""

    times: int | None = None  # None: until it is taken away
    probability: float = 1.0
    seed: int = 0
    _dice: Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1")
        if not 0 < self.probability <= 1:
            raise ValueError("probability must be above 0 and at most 1")
        self._dice = Random(self.seed)  # noqa: S311  # repeatable on purpose

    def strikes(self) -> bool:
        """Throw the dice and count down."""
        if self.times == 0 or (self.probability < 1 and self._dice.random() >= self.probability):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class CallFault(Fault):
    """What happens to an API call."""

    method: str | None = None
    path: str = ".*"  # a regular expression, searched in the path
    delay: float = 0.0  # seconds, before anything else
    status: int | None = None  # the answer instead of the true one
    retry_after: float | None = None  # seconds
    cut: bool = False  # the connection ends without a byte of answer
    executed: bool = False  # whether the call takes effect before status or cut
    saved: bool = False  # whether the idempotency key keeps the status

    def __post_init__(self) -> None:
        super().__post_init__()
        re.compile(self.path)
        if not 0 <= self.delay <= _MOST_SECONDS:
            raise ValueError(f"delay must be from 0 to {_MOST_SECONDS:.0f} seconds")
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError("status must be from 400 to 599")

    def concerns(self, method: str, path: str) -> bool:
        return self.method in (None, method) and re.search(self.path, path) is not None


@dataclass
class WebhookFault(Fault):
    """What happens to an event on its way to an endpoint; later attempts go undisturbed."""

    type: str = "*"  # of the event, with * as a wildcard
    effect: str = "drop"  # drop | double | delay | shuffle | skew
    delay: float = 1.0  # seconds: of delay, and the window in which shuffle gathers
    skew: float = 0.0  # seconds that the signature's time is off

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.effect not in ("drop", "double", "delay", "shuffle", "skew"):
            raise ValueError("effect must be drop, double, delay, shuffle or skew")
        if not 0 <= self.delay <= _MOST_SECONDS:
            raise ValueError(f"delay must be from 0 to {_MOST_SECONDS:.0f} seconds")

    def concerns(self, event_type: str) -> bool:
        return fnmatchcase(event_type, self.type)

    def shuffled(self, things: list[Any]) -> list[Any]:
        self._dice.shuffle(things)
        return things


AnyFault = TypeVar("AnyFault", CallFault, WebhookFault)


class Faults:
    """The faults in force, oldest first; the first that strikes is the one that counts."""

    def __init__(self) -> None:
        self.calls: list[CallFault] = []
        self.webhooks: list[WebhookFault] = []

    def on_call(self, method: str, path: str) -> CallFault | None:
        for fault in self.calls:
            if fault.concerns(method, path) and fault.strikes():
                return fault
        return None

    def on_webhook(self, event_type: str) -> WebhookFault | None:
        for fault in self.webhooks:
            if fault.concerns(event_type) and fault.strikes():
                return fault
        return None

    def clear(self) -> None:
        self.calls.clear()
        self.webhooks.clear()

    def view(self) -> Json:
        return {
            "api": [_view(fault) for fault in self.calls],
            "webhooks": [_view(fault) for fault in self.webhooks],
        }


def read_fault(made: type[AnyFault], given: Json) -> AnyFault:
    """Raises ValueError for a field that is unknown or out of range."""
    known = {each.name for each in fields(made) if each.init}
    if unknown := sorted(given.keys() - known):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    try:
        return made(**given)
    except (TypeError, re.error) as error:
        raise ValueError(str(error)) from error


def _view(fault: Fault) -> Json:
    return {name: value for name, value in asdict(fault).items() if not name.startswith("_")}
