"""What Stripe says of an order's payment, and what we conclude from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money


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
    """The facts of a session's payment, as Stripe stated them when asked."""

    session_id: str
    state: PaymentState
    amount: Money
    customer: Customer
    payment_intent_id: str | None = None
    method: str | None = None
    paid_at: datetime | None = None


class PaymentOutcome(StrEnum):
    """What a look at the payment means for the order."""

    WAITING = "waiting"
    SETTLING = "settling"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    HELD = "held"  # paid, but not what was quoted: an operator decides


def judge(payment: Payment, quoted: Money) -> PaymentOutcome:
    """Concludes from the payment's facts; money that is not the quote's is held, never granted."""
    match payment.state:
        case PaymentState.AWAITED:
            return PaymentOutcome.WAITING
        case PaymentState.SETTLING:
            return PaymentOutcome.SETTLING
        case PaymentState.FAILED:
            return PaymentOutcome.FAILED
        case PaymentState.EXPIRED:
            return PaymentOutcome.EXPIRED
        case PaymentState.PAID:
            return PaymentOutcome.PAID if payment.amount == quoted else PaymentOutcome.HELD
