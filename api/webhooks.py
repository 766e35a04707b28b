"""Stripe's events: kept first, then told to the order's workflow."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

import logs
from database import checkout_requests, inbox, orders
from database.engine import Database
from domain.errors import Unavailable
from domain.order import OrderStatus
from domain.webhook import PAYING, REPORTED, SUBSCRIBED, WebhookEvent
from gateways.stripe_webhook import read_event
from workflows.checkout import PaymentReported
from workflows.client import WorkflowEnded

log = structlog.get_logger()

# How old an undelivered event must be before the relay takes it, how often it looks, and how
# many it takes at once.
RELAY_AFTER = timedelta(seconds=5)
RELAY_PAUSE = timedelta(seconds=2)
RELAY_BATCH = 100
# How many of a batch may fail before the rest waits for the next round.
RELAY_GIVES_UP = 5


Outcome = Literal["reported", "already_ended", "unknown_order", "kept"]


class Reports(Protocol):
    """Where events are told: `workflows.client.Checkouts`, in a running system."""

    async def report(
        self, order_id: str, report: PaymentReported, *, reopen: bool = False
    ) -> None: ...


class WebhookDesk:
    """Takes Stripe's webhook calls, and relays what could not be delivered at once."""

    def __init__(
        self,
        database: Database,
        checkouts: Reports,
        secrets: list[str],
        environment: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._checkouts = checkouts
        self._secrets = secrets
        self._environment = environment
        self._clock = clock

    async def take(self, payload: bytes, signature: str | None) -> None:
        """Returns once the event is durable, or known to be no business of ours.

        Raises EventRefused for what is not Stripe's, Unavailable if it cannot be kept now.
        """
        event, environment = read_event(payload, signature, self._secrets, self._clock())
        logs.bind(event_id=event.id, order_id=event.order_id)
        is_named = event.order_id is not None or event.payment_id is not None
        if event.type not in SUBSCRIBED or not is_named:
            log.info("webhook_ignored", type=event.type)
            return
        if environment not in (None, self._environment):
            log.info("webhook_of_another_environment", type=event.type, environment=environment)
            return
        async with self._database.writing() as writer:
            fresh = await inbox.record(writer, event)
        log.info("webhook_received", type=event.type, fresh=fresh)
        if fresh:
            await self._try_to_deliver(event)

    async def relay(self) -> None:
        """Delivers, for ever, what was kept while Temporal was away or a process died."""
        while True:
            await asyncio.sleep(RELAY_PAUSE.total_seconds())
            try:
                await self._relay_batch()
            except Unavailable as error:
                log.warning("relay_waits", service=error.service, detail=error.detail)
            except Exception:
                log.exception("relay_failed")  # whatever it is, the next round must come

    async def _relay_batch(self) -> None:
        async with self._database.reading() as reader:
            waiting = await inbox.undelivered(reader, older_than=RELAY_AFTER, limit=RELAY_BATCH)
        failures = 0
        for event in waiting:
            try:
                await self._deliver(event)
                log.info("webhook_relayed", event_id=event.id, order_id=event.order_id)
            except Unavailable as error:
                failures += 1
                log.warning("webhook_undelivered", event_id=event.id, detail=error.detail)
                if failures == RELAY_GIVES_UP:
                    return
            except Exception:  # one event that breaks us must not stand before the others
                log.exception("webhook_broke", event_id=event.id)

    async def _try_to_deliver(self, event: WebhookEvent) -> None:
        try:
            await self._deliver(event)
        except Unavailable as error:  # it is kept: the relay delivers it
            log.warning("webhook_undelivered", service=error.service, detail=error.detail)

    async def _deliver(self, event: WebhookEvent) -> None:
        outcome = await self._tell(event)
        async with self._database.writing() as writer:
            await inbox.mark_delivered(writer, event.id, outcome)

    async def _tell(self, event: WebhookEvent) -> Outcome:
        """Tells the order's checkout, if the event is for one; returns what became of it."""
        if event.type not in REPORTED or event.order_id is None:
            return "kept"
        async with self._database.reading() as reader:
            known = await checkout_requests.is_known(reader, event.order_id)
        if not known:
            log.error("webhook_for_unknown_order", event_id=event.id, order_id=event.order_id)
            return "unknown_order"
        report = PaymentReported(event.id, event.type)
        try:
            await self._checkouts.report(event.order_id, report)
        except WorkflowEnded:
            if not await self._may_still_be_paid(event):
                return "already_ended"
            log.warning("checkout_reopened", event_id=event.id, order_id=event.order_id)
            await self._checkouts.report(event.order_id, report, reopen=True)
        return "reported"

    async def _may_still_be_paid(self, event: WebhookEvent) -> bool:
        """Whether news of a payment reached an order that had been given up: paid wins."""
        if event.type not in PAYING or event.order_id is None:
            return False
        async with self._database.reading() as reader:
            status = await orders.status_of(reader, event.order_id)
        return status in OrderStatus.PAID.predecessors
