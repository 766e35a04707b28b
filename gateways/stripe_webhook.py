"""Stripe's webhook calls: proof that they are Stripe's, and the event they bring."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import EventRefused
from domain.webhook import WebhookEvent

TOLERANCE = timedelta(seconds=300)
LAST_SECOND = 253_402_300_799  # of the year 9999, where datetimes end

# What an id may look like, ours or that of anybody who shares the account.
_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,255}")


class _Payload(BaseModel):
    """As much of an event as we read; Stripe's events have more."""

    model_config = ConfigDict(strict=True)

    id: str = Field(pattern=r"^evt_[A-Za-z0-9_]+$", max_length=255)
    type: str = Field(pattern=r"^[a-z0-9_.]+$", max_length=255)
    created: int = Field(ge=0, le=LAST_SECOND)
    data: "_Data"


class _Data(BaseModel):
    object: "_Object"


class _Object(BaseModel):
    id: str = Field(default="", max_length=255, pattern=r"^[^\x00]*$")
    client_reference_id: str | None = None
    metadata: dict[str, Any] | None = None
    payment_intent: Any = None


def read_event(
    payload: bytes, signature: str | None, secrets: list[str], now: datetime
) -> tuple[WebhookEvent, str | None]:
    """The event of a webhook call and the environment that it names, once it is proved Stripe's.

    Any of `secrets` may have signed it, since secrets are rotated. Raises EventRefused for
    whatever is missing, stale, forged or no event.
    """
    _require_fresh(signature, now)
    if not any(_signed_with(secret, payload, signature) for secret in secrets):
        raise EventRefused("no active secret signed this")
    try:
        event = _Payload.model_validate_json(payload)
    except ValidationError as error:
        raise EventRefused("no event of Stripe's shape") from error
    subject = event.data.object
    environment = (subject.metadata or {}).get("environment")
    return (
        WebhookEvent(
            id=event.id,
            type=event.type,
            object_id=subject.id,
            order_id=_order_id(subject),
            payment_id=_identifier(subject.payment_intent),
            created_at=datetime.fromtimestamp(event.created, UTC),
        ),
        environment if isinstance(environment, str) else None,
    )


def _order_id(subject: _Object) -> str | None:
    named = (subject.metadata or {}).get("order_id") or subject.client_reference_id
    return _identifier(named)


def _identifier(value: object) -> str | None:
    return value if isinstance(value, str) and _IDENTIFIER.fullmatch(value) else None


def _signed_with(secret: str, payload: bytes, signature: str | None) -> bool:
    """Whether the library finds the payload signed; it raises many things for what is not."""
    try:
        return bool(stripe.WebhookSignature.verify_header(payload, signature, secret))
    except (stripe.SignatureVerificationError, UnicodeError, TypeError, ValueError):
        # TypeError: the library compares signatures that are not ASCII by a function that
        # takes none; UnicodeError: the payload is not UTF-8.
        return False


def _require_fresh(signature: str | None, now: datetime) -> None:
    """Raises EventRefused unless the signature's time is near ours, on either side of it.

    The library's own check takes a time far in the future, which would never grow stale.
    """
    stamps = [part[2:] for part in (signature or "").split(",") if part.startswith("t=")]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit()):
        raise EventRefused("no signature with one time")
    if len(stamps[0]) > 12 or abs(now.timestamp() - int(stamps[0])) > TOLERANCE.total_seconds():
        raise EventRefused("the signature's time is too far from ours")
