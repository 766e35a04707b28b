"""What Stripe says of an order's payment, and what we conclude from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money
from domain.standing import DisputeSeen, DisputeState, Fact, MoneyReturned, PaymentReceived


@dataclass(frozen=True)
class CheckoutSession:
    """Stripe's payment page for one order. `url` is where the buyer pays."""

    id: str
    url: str
    expires_at: datetime


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
    """The facts of a session's payment, as Stripe stated them when asked.

    `refunded_minor` is what has gone back of `amount`, in its currency's minor units.
    """

    session_id: str
    state: PaymentState
    amount: Money
    customer: Customer
    payment_intent_id: str | None = None
    method: str | None = None
    paid_at: datetime | None = None
    refunded_minor: int = 0
    is_refunded_in_full: bool = False
    disputes: tuple[DisputeSeen, ...] = ()

    @property
    def refunded(self) -> Money:
        """What has gone back of the amount."""
        return Money(self.refunded_minor, self.amount.currency)

    @property
    def has_gone_back(self) -> bool:
        """Whether the buyer has all of it again, from us or by their bank."""
        lost = any(dispute.state is DisputeState.LOST for dispute in self.disputes)
        return self.is_refunded_in_full or lost

    def refunded_of(self, total: Money) -> Money:
        """What has gone back of an order's total, where an operator approved another amount too."""
        if self.is_refunded_in_full:
            return total
        return Money(total.minor * self.refunded_minor // self.amount.minor, total.currency)


class PaymentOutcome(StrEnum):
    """What a look at the payment means for the order."""

    WAITING = "waiting"
    SETTLING = "settling"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    HELD = "held"  # paid, but not what was quoted: an operator decides
    REFUNDED = "refunded"  # the money has gone back, all of it
    DISPUTED = "disputed"  # the buyer's bank wants it back, or has taken it


# The outcomes of a payment that was received, whatever became of it since.
RECEIVED = frozenset({PaymentOutcome.PAID, PaymentOutcome.REFUNDED, PaymentOutcome.DISPUTED})

_UNPAID = {
    PaymentState.AWAITED: PaymentOutcome.WAITING,
    PaymentState.SETTLING: PaymentOutcome.SETTLING,
    PaymentState.FAILED: PaymentOutcome.FAILED,
    PaymentState.EXPIRED: PaymentOutcome.EXPIRED,
}


def judge(
    payment: Payment, quoted: Money, approved_payment_id: str | None = None
) -> PaymentOutcome:
    """Concludes from the payment's facts.

    Money that is not the quote's is held, never granted, unless an operator approved of it.
    """
    if payment.state is not PaymentState.PAID:
        return _UNPAID[payment.state]
    if payment.is_refunded_in_full:
        return PaymentOutcome.REFUNDED
    is_approved = approved_payment_id is not None and (
        payment.payment_intent_id == approved_payment_id
    )
    if payment.amount != quoted and not is_approved:
        return PaymentOutcome.HELD
    if any(dispute.state is not DisputeState.WON for dispute in payment.disputes):
        return PaymentOutcome.DISPUTED
    return PaymentOutcome.PAID


def facts_of(payment: Payment, quoted: Money) -> tuple[Fact, ...]:
    """What a payment that was received tells of its order."""
    received = PaymentReceived(payment.amount, payment.paid_at)
    if not payment.refunded_minor:
        return (received, *payment.disputes)
    returned = MoneyReturned(payment.refunded_of(quoted), payment.is_refunded_in_full)
    return (received, returned, *payment.disputes)
