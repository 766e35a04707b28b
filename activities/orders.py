"""Placing an order, and closing one that will not be paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from database import catalog, checkout_requests, orders
from database.engine import Database
from domain.cart import quote
from domain.errors import OrderNotFound
from domain.order import OrderStatus
from domain.payment import CheckoutSession


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
    async def place_order(self, order_id: str) -> None:
        """Checks the cart and its licenses against the catalogue and freezes the quote, once.

        An order that is placed stays as it was quoted, whatever has become of the beats since.
        Raises CartRefused where something in the cart is not on sale as asked.
        """
        async with self._database.writing() as writer:
            if await orders.is_placed(writer, order_id):
                return
            request = await checkout_requests.find(writer, order_id)
            if request is None:
                raise OrderNotFound
            listed = await catalog.listed_for(writer, request.cart)
            await orders.place(writer, request, quote(request.cart, listed, self._clock()))

    @activity.defn
    async def close_unopened_order(self, closing: Closing) -> CheckoutSession | None:
        """Closes an order for which no payment page was opened.

        Returns the page if there is one after all: somebody may be paying on it.
        """
        async with self._database.writing() as writer:
            return await orders.close_unopened(
                writer, closing.order_id, closing.status, closing.reason
            )

    @activity.defn
    async def close_order(self, closing: Closing) -> bool:
        """Closes the order unless it has been paid; False if it was not pending any more."""
        async with self._database.writing() as writer:
            return await orders.advance(writer, closing.order_id, closing.status, closing.reason)
