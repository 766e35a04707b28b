"""What operators decide about an order that is under way."""

from dataclasses import dataclass
from enum import StrEnum

from temporalio import activity

from activities.payments import find_order
from database import order_events, orders
from database.engine import Database
from domain.errors import NothingToDecide
from domain.order import Attention, Order
from gateways.stripe_payments import StripePayments


class Act(StrEnum):
    """What an operator may have done to a checkout that is under way."""

    RETRY = "retry"  # look again now
    APPROVE = "approve"  # take what was paid for what was quoted
    CANCEL = "cancel"  # close the payment page, and with it the order


@dataclass(frozen=True)
class Decision:
    """An act, who decided on it and why; its `id` tells it from others like it."""

    order_id: str
    act: Act
    by: str
    reason: str
    id: str


class DecisionActivities:
    """Decisions carried out, each noted in the order's history."""

    def __init__(self, database: Database, payments: StripePayments) -> None:
        self._database = database
        self._payments = payments

    @activity.defn
    async def carry_out(self, decision: Decision) -> None:
        """Does what was decided, as far as it is not for the workflow to do, and notes it.

        Raises NothingToDecide where the order does not wait for such a decision.
        """
        order = await find_order(self._database, decision.order_id)
        if decision.act is Act.APPROVE:
            await self._approve(order)
        if decision.act is Act.CANCEL:
            await self._close_page(order)
        told = {"by": decision.by, "reason": decision.reason, "decision": decision.id}
        async with self._database.writing() as writer:
            await order_events.note_once(writer, order.id, f"{decision.act}_decided", **told)

    async def _approve(self, order: Order) -> None:
        """Takes what was paid; the next look at the payment grants the files."""
        if order.approved_payment_id is not None:
            return
        if order.attention is not Attention.PAYMENT_DIFFERS or order.payment_id is None:
            raise NothingToDecide(order.status)
        async with self._database.writing() as writer:
            await orders.approve(writer, order.id, order.payment_id)

    async def _close_page(self, order: Order) -> None:
        """Has Stripe close the page, so that nobody can pay on it any more."""
        if not order.status.is_unpaid:
            raise NothingToDecide(order.status)
        if order.session_id is not None:
            await self._payments.expire(order.session_id)
