"""Where an order stands: all that is known of its money and its files, and the status they give.

Facts come twice, late and in any order, or stay away. A standing takes them in so that their set
alone decides: whichever came first, the same facts give the same standing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.money import Money
from domain.order import OrderStatus


class DisputeState(StrEnum):
    """Where a buyer's dispute with their bank stands."""

    OPEN = "open"
    WON = "won"  # the money stays with the shop
    LOST = "lost"  # the bank took it back


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
class MoneyReturned:
    """What of the order's total has gone back by now, all refunds together."""

    refunded: Money
    in_full: bool


@dataclass(frozen=True)
class DisputeSeen:
    """A dispute, as it stood when it was looked at."""

    dispute_id: str
    state: DisputeState


Fact = GivenUp | PaymentReceived | DownloadsGranted | MoneyReturned | DisputeSeen

# Of two contradictory facts the one further to the right stands, whichever came first.
_GIVEN_UP = (None, OrderStatus.CANCELLED, OrderStatus.FAILED)
_DISPUTE = (DisputeState.OPEN, DisputeState.WON, DisputeState.LOST)


def is_later(state: DisputeState, known: DisputeState) -> bool:
    """Whether a dispute's state is news where another is known."""
    return _DISPUTE.index(state) > _DISPUTE.index(known)


@dataclass(frozen=True)
class Standing:
    """Everything known; `refunded` is in the currency of the order."""

    refunded: Money
    is_refunded_in_full: bool = False
    is_paid: bool = False
    is_granted: bool = False
    given_up: OrderStatus | None = None
    disputes: Mapping[str, DisputeState] = field(default_factory=dict)

    @property
    def status(self) -> OrderStatus:
        """Money that came wins over an order given up, money that went over files granted."""
        if self.is_refunded_in_full:
            return OrderStatus.REFUNDED
        if any(state is not DisputeState.WON for state in self.disputes.values()):
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
            case MoneyReturned(refunded, in_full):
                return replace(
                    self,
                    refunded=max(self.refunded, refunded, key=lambda money: money.minor),
                    is_refunded_in_full=self.is_refunded_in_full or in_full,
                )
            case DisputeSeen(dispute_id, state):
                known = self.disputes.get(dispute_id, state)
                latest = max(known, state, key=_DISPUTE.index)
                return replace(self, disputes={**self.disputes, dispute_id: latest})
