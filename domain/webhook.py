"""A webhook event: something that happened at Stripe, by its ids."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WebhookEvent:
    """One of Stripe's events. It carries ids; the facts are asked of Stripe when needed.

    `order_id` is None when the event bears none: then it is no business of ours.
    """

    id: str
    type: str
    object_id: str
    order_id: str | None
    created_at: datetime
