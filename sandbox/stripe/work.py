"""One unit of work: what a call, a payment or a timer reads and changes, all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.config import API_VERSION, Config
from sandbox.stripe.errors import Json, StripeError, resource_missing
from sandbox.stripe.ids import new_id
from sandbox.stripe.ledger import Condition, Ledger, compact
from sandbox.stripe.outbox import Delivery, Outbox
from sandbox.stripe.timers import Timers


@dataclass(frozen=True)
class Cause:
    """The request that events name as theirs; timers have none."""

    request: str | None = None
    idempotency_key: str | None = None


UNPROMPTED = Cause()


@dataclass
class Work:
    """The state as one transaction sees it."""

    ledger: Ledger
    outbox: Outbox
    timers: Timers
    config: Config
    cause: Cause
    now: int  # seconds since the epoch, by the emulator's clock
    wall: float  # seconds since the epoch, by the wall clock
    public_url: str
    deliveries: list[Delivery] = field(default_factory=list)
    refusal: StripeError | None = None  # the answer, where it is no though something happened

    def find(self, kind: str, identifier: str) -> Json | None:
        return self.ledger.find(kind, identifier)

    def get(self, kind: str, identifier: str, param: str = "id", status: int = 404) -> Json:
        """Raises StripeError, as Stripe does for an id it does not know."""
        thing = self.ledger.find(kind, identifier)
        if thing is None:
            raise resource_missing(kind, identifier, param, status)
        return thing

    def save(self, thing: Json) -> Json:
        self.ledger.save(thing)
        return thing

    def select(self, kind: str, conditions: Sequence[Condition] = (), **options: Any) -> list[Json]:
        return self.ledger.select(kind, conditions, **options)

    def emit(self, event_type: str, thing: Json, before: Json | None = None) -> None:
        """Record an event about an object as it now is, and owe it to the endpoints.

        With the object as it was `before`, the event also tells what of it was different.
        """
        listeners = [each for each in self.config.endpoints if each.wants(event_type)]
        event = {
            "id": new_id("evt_"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": {"object": thing, **_previously(before, thing)},
            "livemode": False,
            "pending_webhooks": len(listeners),
            "request": {
                "id": self.cause.request,
                "idempotency_key": self.cause.idempotency_key,
            },
            "type": event_type,
        }
        self.ledger.save(event, compact(event))
        self.owe(event, [each.url for each in listeners])

    def owe(self, event: Json, urls: Sequence[str]) -> None:
        """Have an event delivered once this work is committed."""
        thing = event["data"]["object"]
        subject = thing.get("payment_intent") or thing["id"]
        self.deliveries += [self.outbox.add(event["id"], url, subject, self.wall) for url in urls]


def _previously(before: Json | None, now: Json) -> Json:
    if before is None:
        return {}
    return {"previous_attributes": _differences(before, now)}


def _differences(before: Json, now: Json) -> Json:
    """The former values of what is different now; of a hash only its own differences."""
    changed = {key: before.get(key) for key in now if now[key] != before.get(key)}
    return {
        key: _differences(old, now[key])
        if isinstance(old, dict) and isinstance(now[key], dict)
        else old
        for key, old in changed.items()
    }
