"""What Stripe says of orders' money, to be compared with what we know."""

from dataclasses import dataclass

from domain.standing import DisputeSeen


@dataclass(frozen=True)
class PaidOrder:
    """An order of which Stripe says that it is paid."""

    order_id: str
    session_id: str


@dataclass(frozen=True)
class Returned:
    """What of a payment's amount has gone back so far, or a dispute about it."""

    payment_id: str
    refunded_minor: int = 0
    amount_minor: int = 1
    dispute: DisputeSeen | None = None
