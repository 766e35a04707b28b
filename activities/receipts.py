"""The receipt: a letter to the buyer, and a line in the order's history about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from temporalio import activity

from database import orders, receipts
from database.engine import Database
from domain.errors import OrderNotFound
from domain.order import Order, OrderStatus
from domain.receipt import FIRST, ReceiptOutcome
from gateways import receipt_letter
from gateways.mail import Envelope, Mailer

log = structlog.get_logger()


@dataclass(frozen=True)
class Receipt:
    """One sending of an order's receipt, told from the others by its number."""

    order_id: str
    number: int = FIRST


@dataclass(frozen=True)
class UnsentReceipt:
    """A receipt that could not be sent, and why, without the server's words."""

    order_id: str
    number: int
    reason: str


class ReceiptActivities:
    """What buyers are written. Without a mailer, nothing; their orders say so."""

    def __init__(
        self, database: Database, mailer: Mailer | None, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    @activity.defn
    async def send_receipt(self, receipt: Receipt) -> ReceiptOutcome:
        """Sends a completed order's receipt, unless this one is sent.

        Raises MailRefused where the server will never take it.
        """
        async with self._database.reading() as reader:
            if await receipts.is_sent(reader, receipt.order_id, receipt.number):
                return ReceiptOutcome.SENT
            order = await orders.find(reader, receipt.order_id)
        if order is None:
            raise OrderNotFound
        if self._mailer is None:
            return await self._skip(order, "no SMTP_URL is set")
        if order.status is not OrderStatus.COMPLETED:
            return await self._skip(order, f"the order is {order.status}")
        if order.customer_email is None:
            return await self._skip(order, "the order has no e-mail address")
        reference = f"receipt.{order.id}.{receipt.number}"
        letter = receipt_letter.compose(order, self._mailer.sender.name)
        envelope = Envelope(order.customer_email, reference, self._clock())
        await self._mailer.send(letter, envelope)
        # SMTP knows no idempotency key: whoever dies between the server's 250 and this row sends
        # the letter once more, under the same Message-ID, by which mail programs tell a copy.
        async with self._database.recording() as recorder:
            await receipts.record_sent(recorder, order.id, receipt.number)
        return ReceiptOutcome.SENT

    @activity.defn
    async def record_unsent_receipt(self, unsent: UnsentReceipt) -> None:
        """Notes on the order, for operators, that its buyer was not written to."""
        async with self._database.recording() as recorder:
            await receipts.record_failed(recorder, unsent.order_id, unsent.number, unsent.reason)
        log.error("receipt_failed", number=unsent.number, reason=unsent.reason)

    async def _skip(self, order: Order, reason: str) -> ReceiptOutcome:
        async with self._database.recording() as recorder:
            await receipts.record_skipped(recorder, order.id, reason)
        log.warning("receipt_skipped", reason=reason)
        return ReceiptOutcome.SKIPPED
