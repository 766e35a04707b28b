"""Stripe's webhook calls: proof that they are Stripe's, and the event they bring."""

from datetime import datetime, timedelta

import stripe
import structlog
from pydantic import BaseModel, ValidationError

from domain.errors import EventRefused
from domain.webhook import SUBSCRIBED, WebhookEvent
from gateways.stripe_events import EventPayload

log = structlog.get_logger()

TOLERANCE = timedelta(seconds=300)


def read_event(
    payload: bytes, signature: str | None, secrets: list[str], now: datetime
) -> WebhookEvent | None:
    """The event of a webhook call, once it is proved Stripe's; None for kinds that are new to us.

    Any of `secrets` may have signed it, since secrets are rotated. Raises EventRefused for
    whatever is missing, stale, forged or no event.
    """
    _require_fresh(signature, now)
    signed = (_signed_with(secret, payload, signature) for secret in secrets)
    place = next((place for place, is_true in enumerate(signed, 1) if is_true), None)
    if place is None:
        raise EventRefused("no active secret signed this")
    if place > 1:  # while this is seen, Stripe does not sign with the first one yet
        log.info("webhook_signed_by_another_secret", place=place)
    try:
        return EventPayload.model_validate_json(payload).event()
    except ValidationError as error:
        if _is_of_another_kind(payload):  # Stripe's newer events have another shape
            return None
        raise EventRefused("no event of Stripe's shape") from error


class _Kind(BaseModel):
    type: str


def _is_of_another_kind(payload: bytes) -> bool:
    try:
        return _Kind.model_validate_json(payload).type not in SUBSCRIBED
    except ValidationError:
        return False


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
