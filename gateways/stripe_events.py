"""Stripe's events: what one says, however it reached us, and what happened lately."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import stripe
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.webhook import SUBSCRIBED, WebhookEvent
from gateways.stripe_client import PAGE, asking, instant, pages

log = structlog.get_logger()

LAST_SECOND = 253_402_300_799  # of the year 9999, where datetimes end

# What an id may look like, ours or that of anybody who shares the account.
_IDENTIFIER = re.compile(r"[\x21-\x7e]{1,255}")


class EventPayload(BaseModel):
    """As much of an event as we read; Stripe's events have more."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    id: str = Field(pattern=r"^evt_[A-Za-z0-9_]+$", max_length=255)
    type: str = Field(pattern=r"^[a-z0-9_.]+$", max_length=255)
    created: int = Field(ge=0, le=LAST_SECOND)
    data: "_Data"

    def event(self) -> WebhookEvent:
        subject = self.data.object
        environment = (subject.metadata or {}).get("environment")
        return WebhookEvent(
            id=self.id,
            type=self.type,
            object_id=subject.id or "",
            order_id=_order_id(subject),
            payment_id=_identifier(subject.payment_intent),
            created_at=instant(self.created),
            environment=environment if isinstance(environment, str) else None,
        )


class _Data(BaseModel):
    object: "_Object"


class _Object(BaseModel):
    id: str | None = Field(default=None, max_length=255, pattern=r"^[^\x00]*$")
    client_reference_id: str | None = None
    metadata: dict[str, Any] | None = None
    payment_intent: Any = None


class StripeEvents:
    """What happened at Stripe; it remembers for 30 days."""

    def __init__(self, client: stripe.StripeClient, page: int = PAGE) -> None:
        self._stripe = client.v1
        self._page = page

    async def since(self, start: datetime) -> AsyncIterator[list[WebhookEvent]]:
        """Every event that an endpoint of ours is told of, the newest first; page by page.

        Raises Unavailable where Stripe cannot answer.
        """
        with asking():
            first = await self._stripe.events.list_async(
                {
                    "types": sorted(SUBSCRIBED),
                    "created": {"gte": int(start.timestamp())},
                    "limit": self._page,
                }
            )
            async for page in pages(first):
                yield [read for event in page if (read := _read(event)) is not None]


def _read(event: stripe.Event) -> WebhookEvent | None:
    """None for one that we cannot read: it must not stand before the others."""
    try:
        return EventPayload.model_validate(event.to_dict(for_json=True)).event()
    except ValidationError:
        log.exception("event_unreadable", event_id=event.id)
        return None


def _order_id(subject: _Object) -> str | None:
    named = (subject.metadata or {}).get("order_id") or subject.client_reference_id
    return _identifier(named)


def _identifier(value: object) -> str | None:
    return value if isinstance(value, str) and _IDENTIFIER.fullmatch(value) else None
