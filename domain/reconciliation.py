"""What Stripe says of orders' money, to be compared with what we know."""

from dataclasses import dataclass

from domain.standing import DisputeSeen, RefundSeen


@dataclass(frozen=True)
class PaidOrder:
    """An order of which Stripe says that it is paid."""

    order_id: str
    session_id: str


@dataclass(frozen=True)
class Returned:
    """A refund of a payment, or a dispute about it."""

    payment_id: str
    fact: RefundSeen | DisputeSeen
