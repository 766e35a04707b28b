"""What Stripe says of an order's payment, and what we conclude from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money
from domain.order import Attention, Order
from domain.standing import (
    DisputeSeen,
    DisputeState,
    Fact,
    PaymentReceived,
    RefundSeen,
    RefundState,
    share_sent,
)


@dataclass(frozen=True)
class CheckoutSession:
    """Stripe's payment page for one order. `url` is where the buyer pays."""

    id: str
    url: str
    expires_at: datetime


def session_of(order: Order) -> CheckoutSession | None:
    """The payment page that an order has, once it has one."""
    if order.session_id is None or order.session_url is None or order.session_expires_at is None:
        return None
    return CheckoutSession(order.session_id, order.session_url, order.session_expires_at)


@dataclass(frozen=True)
class PaymentTerms:
    """What a payment for an order is held against, and what the order waits for."""

    order_id: str
    session_id: str | None
    total: Money
    approved_payment_id: str | None
    waits_for: frozenset[Attention]


class PaymentState(StrEnum):
    """Where a checkout session's payment stands."""

    AWAITED = "awaited"  # the page is open; nobody has paid yet
    SETTLING = "settling"  # the buyer is done, the money is still on its way
    PAID = "paid"
    FAILED = "failed"  # a delayed payment did not come through
    EXPIRED = "expired"  # the page closed unpaid


@dataclass(frozen=True)
class Customer:
    """Who paid, as they told Stripe."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Payment:
    """The facts of a session's payment, as Stripe stated them when asked."""

    session_id: str
    state: PaymentState
    amount: Money
    customer: Customer
    payment_intent_id: str | None = None
    method: str | None = None
    paid_at: datetime | None = None
    refunds: tuple[RefundSeen, ...] = ()
    disputes: tuple[DisputeSeen, ...] = ()

    @property
    def refunded(self) -> Money:
        """What has gone back of the amount."""
        return self.refunded_of(self.amount)

    @property
    def is_refunded_in_full(self) -> bool:
        return share_sent(self.refunds) == 1

    @property
    def has_gone_back(self) -> bool:
        """Whether the buyer has all of it again, from us or by their bank."""
        return self.is_refunded_in_full or self.is_lost

    @property
    def came_back(self) -> bool:
        """Whether the buyer's bank returned what was sent, and nothing was sent in its place."""
        failed = any(refund.state is RefundState.FAILED for refund in self.refunds)
        return failed and not self.has_gone_back

    @property
    def is_lost(self) -> bool:
        """Whether the buyer's bank took it back."""
        return any(dispute.state is DisputeState.LOST for dispute in self.disputes)

    @property
    def is_disputed(self) -> bool:
        """Whether the buyer's bank wants it back, or has taken it."""
        return any(dispute.state is not DisputeState.WON for dispute in self.disputes)

    def refunded_of(self, total: Money) -> Money:
        """What has gone back of an order's total, where an operator approved another amount too."""
        return Money(int(total.minor * share_sent(self.refunds)), total.currency)


@dataclass(frozen=True)
class OtherPage:
    """A page that names an order and is not its own; without a `url` where it is done with."""

    payment: Payment
    url: str | None
    expires_at: datetime


@dataclass(frozen=True)
class Traced:
    """Whose a payment is; the page it was made on, where it is not the payment that counts."""

    order_id: str
    other_session_id: str | None = None


class PaymentOutcome(StrEnum):
    """What a look at the payment means for the order."""

    WAITING = "waiting"
    SETTLING = "settling"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    HELD = "held"  # paid, but not what was quoted: an operator decides
    HELD_DISPUTED = "held_disputed"  # and the buyer's bank wants it back, or asks about it
    REFUNDED = "refunded"  # the money has gone back, all of it
    REFUND_FAILED = "refund_failed"  # paid, and what was sent back of it came back: likewise
    DISPUTED = "disputed"  # the buyer's bank wants it back, or has taken it


# The outcomes of a payment that waits for an operator to take it or send it back.
HELD = frozenset({PaymentOutcome.HELD, PaymentOutcome.HELD_DISPUTED})

_UNPAID = {
    PaymentState.AWAITED: PaymentOutcome.WAITING,
    PaymentState.SETTLING: PaymentOutcome.SETTLING,
    PaymentState.FAILED: PaymentOutcome.FAILED,
    PaymentState.EXPIRED: PaymentOutcome.EXPIRED,
}


def is_as_quoted(payment: Payment, quoted: Money, approved_payment_id: str | None) -> bool:
    """Whether it is what was asked for, or an operator takes it for that."""
    is_approved = approved_payment_id is not None and (
        payment.payment_intent_id == approved_payment_id
    )
    return payment.amount == quoted or is_approved


def judge(
    payment: Payment, quoted: Money, approved_payment_id: str | None = None
) -> PaymentOutcome:
    """Concludes from the payment's facts.

    Money that is not the quote's is held, never granted, unless an operator approved of it; once
    it has gone back, from us or by the buyer's bank, there is nothing more to decide.
    """
    if payment.state is not PaymentState.PAID:
        return _UNPAID[payment.state]
    if payment.is_refunded_in_full:
        return PaymentOutcome.REFUNDED
    if payment.is_lost:
        return PaymentOutcome.DISPUTED
    if not is_as_quoted(payment, quoted, approved_payment_id):
        return PaymentOutcome.HELD_DISPUTED if payment.is_disputed else PaymentOutcome.HELD
    return PaymentOutcome.DISPUTED if payment.is_disputed else PaymentOutcome.PAID


def facts_of(
    payment: Payment, quoted: Money, approved_payment_id: str | None = None
) -> tuple[Fact, ...]:
    """What a payment that came in tells of its order.

    What is not the quote's never counts as received; what became of it is told all the same.
    """
    since: tuple[Fact, ...] = (*payment.refunds, *payment.disputes)
    if not is_as_quoted(payment, quoted, approved_payment_id):
        return since
    return (PaymentReceived(payment.amount, payment.paid_at), *since)
