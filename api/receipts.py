"""The receipt, once more, for a buyer who has lost it."""

from collections.abc import Callable
from datetime import datetime

import logs
from database import orders
from database.engine import Database
from domain.download import require_buyer, require_standing
from domain.errors import OrderNotFound
from temporal.client import Receipts


class ReceiptDesk:
    """Has receipts sent again, to nobody but the buyer."""

    def __init__(
        self, database: Database, receipts: Receipts, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._receipts = receipts
        self._clock = clock

    async def send_again(self, order_id: str, customer_email: str) -> None:
        """Returns once the receipt is sure to be sent, or to be shown to an operator.

        Raises OrderNotFound, EmailMismatch, OrderUnpaid, OrderClosed or Unavailable. Takes two
        statements.
        """
        async with self._database.reading() as reader:
            order = await orders.find(reader, order_id)
        if order is None:
            raise OrderNotFound
        logs.bind(order_id=order_id)  # not before: what is no order's id may be anything
        require_buyer(order.status, customer_email, order.customer_email)
        require_standing(order.status)
        await self._receipts.send_again(order.id, self._clock())
