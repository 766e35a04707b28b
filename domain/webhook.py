"""Webhook events: what happened at Stripe, by its ids, and which of it matters to us."""

from dataclasses import dataclass
from datetime import datetime

# These may have changed an order's payment: its checkout asks Stripe.
REPORTED = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
# These may bring news of money.
PAYING = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
# These are kept with the order, and change nothing that a checkout waits for.
KEPT = frozenset(
    {
        "payment_intent.payment_failed",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.closed",
    }
)
# What an endpoint at Stripe should be subscribed to.
SUBSCRIBED = REPORTED | KEPT


@dataclass(frozen=True)
class WebhookEvent:
    """One of Stripe's events. It carries ids; the facts are asked of Stripe when needed.

    `order_id` and `payment_id` (a payment intent's) are None where the event bears none; a
    dispute, say, bears the payment's alone.
    """

    id: str
    type: str
    object_id: str
    order_id: str | None
    payment_id: str | None
    created_at: datetime
