"""Where an order stands: all that is known of its money and its files, and the status they give.

Facts come twice, late and in any order, or stay away. A standing takes them in so that their set
alone decides: whichever came first, the same facts give the same standing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction

from domain.money import Money
from domain.order import OrderStatus


class DisputeState(StrEnum):
    """Where a buyer's dispute with their bank stands."""

    OPEN = "open"
    WON = "won"  # the money stays with the shop
    LOST = "lost"  # the bank took it back


class RefundState(StrEnum):
    """Where money stands that was sent back to a buyer."""

    SENT = "sent"  # with the buyer, or on its way there
    FAILED = "failed"  # their bank returned it, or it was called off: the shop has it again


# When something was looked at, of which nobody noted it.
NEVER = datetime.min.replace(tzinfo=UTC)

# The name of what had gone back by the time that refunds were told apart: a sum, and no more.
UNNAMED = "unnamed"


@dataclass(frozen=True)
class GivenUp:
    """Nobody paid in time (CANCELLED), or the payment did not come through (FAILED)."""

    status: OrderStatus


@dataclass(frozen=True)
class PaymentReceived:
    """The money that was quoted came in, or an operator approved of what did."""

    amount: Money
    at: datetime | None  # None where Stripe does not say


@dataclass(frozen=True)
class DownloadsGranted:
    """Every file that was bought may be fetched."""


@dataclass(frozen=True)
class RefundSeen:
    """A refund, as it stood when it was looked at: `minor` of the `of_minor` that were paid.

    Both in the minor units that were paid, which may not be the order's. `wish` is what it was made
    for, where we made it: one that failed is made anew for the same wish.
    """

    refund_id: str
    minor: int
    of_minor: int
    state: RefundState
    wish: str | None = None

    @property
    def share(self) -> Fraction:
        """How much of the payment it is."""
        return Fraction(self.minor, self.of_minor)


@dataclass(frozen=True)
class DisputeSeen:
    """A dispute, as it stood when it was looked at.

    A bank may take its word back: what was won is lost again by an appeal, and what was lost is won
    when the buyer withdraws. So of two looks the later one holds; to have looked is no news.
    """

    dispute_id: str
    state: DisputeState
    seen_at: datetime = field(default=NEVER, compare=False)


Fact = GivenUp | PaymentReceived | DownloadsGranted | RefundSeen | DisputeSeen

# Of two contradictory facts the one further to the right stands, whichever came first.
_GIVEN_UP = (None, OrderStatus.CANCELLED, OrderStatus.FAILED)
_DISPUTE = (DisputeState.OPEN, DisputeState.WON, DisputeState.LOST)  # of two looks at once
_REFUND = (RefundState.SENT, RefundState.FAILED)


def share_sent(refunds: Iterable[RefundSeen]) -> Fraction:
    """How much of the payment has gone back, and stayed with the buyer as far as is known."""
    sent = (refund.share for refund in refunds if refund.state is RefundState.SENT)
    return min(sum(sent, Fraction(0)), Fraction(1))


def unmet(refunds: Iterable[RefundSeen]) -> tuple[RefundSeen, ...]:
    """Those that failed, and that nothing was sent in place of."""
    each = tuple(refunds)
    if share_sent(each) == 1:
        return ()
    met = {refund.wish for refund in each if refund.state is RefundState.SENT} - {None}
    failed = (refund for refund in each if refund.state is RefundState.FAILED)
    return tuple(refund for refund in failed if refund.wish not in met)


@dataclass(frozen=True)
class Standing:
    """Everything known of an order of this total; refunds and disputes by Stripe's ids."""

    total: Money
    is_paid: bool = False
    is_granted: bool = False
    given_up: OrderStatus | None = None
    refunds: Mapping[str, RefundSeen] = field(default_factory=dict)
    disputes: Mapping[str, DisputeSeen] = field(default_factory=dict)

    @property
    def refunded(self) -> Money:
        """What of the order's total has gone back, all refunds together."""
        share = share_sent(self.refunds.values())
        return Money(int(self.total.minor * share), self.total.currency)

    @property
    def is_refunded_in_full(self) -> bool:
        return share_sent(self.refunds.values()) == 1

    @property
    def unmet(self) -> frozenset[str]:
        """The ids of the refunds that failed, and that nothing was sent in place of."""
        return frozenset(refund.refund_id for refund in unmet(self.refunds.values()))

    @property
    def status(self) -> OrderStatus:
        """Money that came wins over an order given up, money that went over files granted."""
        if self.is_refunded_in_full:
            return OrderStatus.REFUNDED
        if any(each.state is not DisputeState.WON for each in self.disputes.values()):
            return OrderStatus.DISPUTED
        if self.is_paid:
            return OrderStatus.COMPLETED if self.is_granted else OrderStatus.PAID
        return self.given_up or OrderStatus.PENDING

    def after(self, fact: Fact) -> "Standing":
        """What is known once `fact` is, too; taking it in again changes nothing."""
        match fact:
            case GivenUp() if self.is_paid:
                return self
            case GivenUp(status):
                return replace(self, given_up=max(self.given_up, status, key=_GIVEN_UP.index))
            case PaymentReceived():
                return replace(self, is_paid=True, given_up=None)
            case DownloadsGranted():
                return replace(self, is_granted=True)
            case RefundSeen():
                return replace(self, refunds=_with(self.refunds, fact))
            case DisputeSeen(dispute_id):
                known = self.disputes.get(dispute_id, fact)
                latest = max(
                    known, fact, key=lambda each: (each.seen_at, _DISPUTE.index(each.state))
                )
                return replace(self, disputes={**self.disputes, dispute_id: latest})

    def knows(self, fact: Fact) -> bool:
        """Whether taking it in would change nothing."""
        return self.after(fact) == self


def _with(known: Mapping[str, RefundSeen], seen: RefundSeen) -> dict[str, RefundSeen]:
    """Refunds with one more; the first that has a name stands for what was known by its sum."""
    before = known.get(seen.refund_id, seen)
    latest = max(before, seen, key=lambda refund: _REFUND.index(refund.state))
    named = {id_: refund for id_, refund in known.items() if id_ != UNNAMED}
    return named | {seen.refund_id: latest}
