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
# Ours, in place of one of Stripe's that is not there: the order differs, so its checkout looks.
SWEPT = "beatline.order.swept"
# These may take money away, or give it back: the payment is reviewed.
REVIEWED = frozenset(
    {
        "charge.refunded",
        # Endpoints of an API version before 2024-10-28 are told by the first of these alone.
        "charge.refund.updated",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        # What follows a dispute that was closed: an appeal, a buyer who withdraws.
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)
# These are kept with the order, and change nothing: the buyer may still pay.
KEPT = frozenset({"payment_intent.payment_failed"})
# What an endpoint at Stripe should be subscribed to.
SUBSCRIBED = REPORTED | REVIEWED | KEPT


@dataclass(frozen=True)
class WebhookEvent:
    """One of Stripe's events. It carries ids; the facts are asked of Stripe when needed.

    `order_id` and `payment_id` (a payment intent's) are None where the event bears none; a
    dispute, say, bears the payment's alone. `environment` is whose order it says it is about.
    """

    id: str
    type: str
    object_id: str
    order_id: str | None
    payment_id: str | None
    created_at: datetime
    environment: str | None = None

    def is_of_interest(self) -> bool:
        return self.type in SUBSCRIBED and (self.order_id or self.payment_id) is not None

    def is_foreign_to(self, environment: str) -> bool:
        """Whether it says that it is about another environment's order.

        An event is never more than a hint, whatever order it names: what it is about is asked of
        Stripe, and a session that was paid is an order's only where its metadata, too, says so.
        """
        return self.environment not in (None, environment)
