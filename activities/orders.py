"""Placing an order, and closing one that will not be paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from database import catalog, checkout_requests, order_sessions, orders, standings
from database.engine import Database
from domain.cart import quote
from domain.errors import CartRefused, OrderNotFound
from domain.order import OrderStatus, OrderSummary
from domain.payment import CheckoutSession
from domain.standing import GivenUp


@dataclass(frozen=True)
class Closing:
    """An order to be closed unpaid: CANCELLED or FAILED, and why, in a word."""

    order_id: str
    status: OrderStatus
    reason: str


class OrderActivities:
    """What happens to an order in our own books."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @activity.defn
    async def place_order(self, order_id: str) -> OrderSummary:
        """Checks the cart and its licenses against the catalogue and freezes the quote, once.

        An order that is placed stays as it was quoted, whatever has become of the beats since.
        Raises CartRefused where something in the cart is not on sale as asked.
        """
        async with self._database.recording() as recorder:
            request = await checkout_requests.find(recorder, order_id)
            if request is None:
                raise OrderNotFound
            listed = await catalog.listed_for(recorder, request.cart)
            try:
                quoted = quote(request.cart, listed, self._clock())
                is_new = await orders.place(recorder, request, quoted)
            except CartRefused:  # now; what was placed before stays
                if not (placed := await orders.summary_of(recorder, order_id)):
                    raise
                return placed
            placed = None if is_new else await orders.summary_of(recorder, order_id)
        return placed or quoted.summary

    @activity.defn
    async def close_unopened_order(self, closing: Closing) -> CheckoutSession | None:
        """Closes an order for which no payment page was opened.

        Returns the page if there is one after all: somebody may be paying on it.
        """
        async with self._database.recording() as recorder:
            return await order_sessions.close_unopened(
                recorder, closing.order_id, closing.status, closing.reason
            )

    @activity.defn
    async def find_status(self, order_id: str) -> OrderStatus:
        async with self._database.reading() as reader:
            status = await orders.status_of(reader, order_id)
        if status is None:
            raise OrderNotFound
        return status

    @activity.defn
    async def close_order(self, closing: Closing) -> OrderStatus:
        """Gives the order up, and returns what it is then: money that came goes before that."""
        async with self._database.writing() as writer:
            change = await standings.learn(
                writer, closing.order_id, GivenUp(closing.status), why={"reason": closing.reason}
            )
            return change.now.status
