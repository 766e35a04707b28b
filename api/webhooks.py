"""Stripe's events: kept first, then told to the order's workflow."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog

import logs
from database import checkout_requests, inbox, orders
from database.backlog import FAILING_AFTER
from database.checkout_requests import Progress
from database.engine import Database
from domain.errors import Unavailable
from domain.order import OrderStatus, is_order_id
from domain.webhook import PAYING, REPORTED, REVIEWED, SWEPT, WebhookEvent
from gateways.stripe_webhook import read_event
from temporal.client import WorkflowEnded
from workflows.checkout import PaymentReported
from workflows.review import Review

log = structlog.get_logger()

# How old an undelivered event must be before the relay takes it: older than any request that may
# still be delivering it. How often the relay looks, how many it takes, how many of them at once.
RELAY_AFTER = timedelta(seconds=4)
RELAY_PAUSE = timedelta(seconds=1)
RELAY_BATCH = 100
RELAY_AT_ONCE = 4


Outcome = Literal["reported", "reviewed", "already_ended", "unknown_order", "kept"]


@dataclass(frozen=True)
class Delivered:
    """An event that was told to whom it concerns, and what became of it."""

    event_id: str
    outcome: Outcome


class Reports(Protocol):
    """Where events are told: `temporal.client.Checkouts`, in a running system."""

    async def report(
        self, order_id: str, report: PaymentReported, *, reopen: bool = False
    ) -> None: ...

    async def review(self, review: Review, report: PaymentReported) -> None: ...


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

    async def take(self, payload: bytes, signature: str | None) -> Delivered | None:
        """Returns once the event is durable, or known to be no business of ours.

        One that was delivered is returned, to be noted as such (`note`) once Stripe has its answer.
        Raises EventRefused for what is not Stripe's, Unavailable if it cannot be kept now.
        """
        event = read_event(payload, signature, self._secrets, self._clock())
        if event is None:
            log.info("webhook_ignored", type=None)
            return None
        logs.bind(event_id=event.id, order_id=_named(event))
        if not event.is_of_interest():
            log.info("webhook_ignored", type=event.type)
            return None
        if event.is_foreign_to(self._environment):
            log.info("webhook_of_another_environment", environment=event.environment)
            return None
        async with self._database.recording() as recorder:
            kept = await inbox.record(recorder, event)
        log.info("webhook_received", type=event.type, fresh=kept is not None)
        return await self._try_to_deliver(event, kept.progress) if kept else None

    async def note(self, delivered: Delivered) -> None:
        """Notes that an event was delivered; the relay delivers it once more if that fails."""
        try:
            await self._mark(delivered)
        except Unavailable as error:
            log.warning("delivery_unnoted", event_id=delivered.event_id, detail=error.detail)

    async def relay(self) -> None:
        """Delivers, for ever, what was kept while Temporal was away or a process died."""
        while True:  # at once: events may wait since we were killed
            try:
                await self._relay_batch()
            except Unavailable as error:
                log.warning("relay_waits", service=error.service, detail=error.detail)
            except Exception:
                log.exception("relay_failed")  # whatever it is, the next round must come
            await asyncio.sleep(RELAY_PAUSE.total_seconds())

    async def _relay_batch(self) -> None:
        async with self._database.reading() as reader:
            waiting = await inbox.undelivered(reader, older_than=RELAY_AFTER, limit=RELAY_BATCH)
        events = iter(waiting)
        outages = await asyncio.gather(*(self._relay_each(events) for _ in range(RELAY_AT_ONCE)))
        for outage in filter(None, outages):
            raise outage

    async def _relay_each(self, events: Iterator[WebhookEvent]) -> Unavailable | None:
        """Delivers one after another while there are any; the outage that ended it, if one did."""
        for event in events:
            outage = await self._relay_one(event)
            if outage is not None:  # the next would fare no better
                return outage
        return None

    async def _relay_one(self, event: WebhookEvent) -> Unavailable | None:
        """Delivers one that was kept; the outage that stood in the way, if there is one."""
        try:
            async with self._database.reading() as reader:
                known = await checkout_requests.progress_of(reader, event.order_id)
            await self._mark(await self._deliver(event, known))
            log.info("webhook_relayed", event_id=event.id, order_id=_named(event))
        except Unavailable as error:
            if error.is_outage:  # those behind it go first
                await self._put_last(event)
                return error
            await self._put_off(event, str(error))
        except Exception as error:  # one event that breaks us must not stand before the others
            log.exception("webhook_broke", event_id=event.id)
            await self._put_off(event, type(error).__name__)
        return None

    async def _put_last(self, event: WebhookEvent) -> None:
        async with self._database.recording() as recorder:
            await inbox.put_last(recorder, event.id)

    async def _put_off(self, event: WebhookEvent, failure: str) -> None:
        """Has it wait, ever longer: it may never be delivered, and operators are to see it."""
        async with self._database.recording() as recorder:
            attempts = await inbox.put_off(recorder, event.id, failure)
        tell = log.error if attempts >= FAILING_AFTER else log.warning
        tell("webhook_undelivered", event_id=event.id, attempts=attempts, detail=failure)

    async def _try_to_deliver(
        self, event: WebhookEvent, known: Progress | None
    ) -> Delivered | None:
        try:
            return await self._deliver(event, known)
        except Unavailable as error:  # it is kept: the relay delivers it
            log.warning("webhook_undelivered", service=error.service, detail=error.detail)
            return None

    async def _deliver(self, event: WebhookEvent, known: Progress | None) -> Delivered:
        return Delivered(event.id, await self._tell(event, known))

    async def _mark(self, delivered: Delivered) -> None:
        async with self._database.recording() as recorder:
            await inbox.mark_delivered(recorder, delivered.event_id, delivered.outcome)

    async def _tell(self, event: WebhookEvent, known: Progress | None) -> Outcome:
        """Tells whom it concerns, by what is known of its order; returns what became of it."""
        report = PaymentReported(event.id, event.type)
        if event.type in REVIEWED and event.payment_id is not None:
            await self._checkouts.review(Review(payment_id=event.payment_id), report)
            return "reviewed"
        if event.type not in REPORTED | {SWEPT} or event.order_id is None:
            return "kept"
        if known is None:
            log.error("webhook_for_unknown_order", event_id=event.id, order_id=_named(event))
            return "unknown_order"
        if event.type in PAYING and known.session_id not in (None, event.object_id):
            log.warning("other_session_paid", event_id=event.id, order_id=_named(event))
            return await self._review_page(event.order_id, event.object_id, report)
        forgotten = event.type in PAYING and known.session_id is None
        return await self._report(event.order_id, report, event.object_id if forgotten else None)

    async def _review_page(self, order_id: str, page: str, report: PaymentReported) -> Outcome:
        review = Review(order_id=order_id, other_session_id=page)
        await self._checkouts.review(review, report)
        return "reviewed"

    async def _report(
        self, order_id: str, report: PaymentReported, forgotten_page: str | None
    ) -> Outcome:
        """Has the order's checkout look, and start again if it ended without what was paid for.

        An order that was given up without a page that we know of, since our books were restored to
        a moment before it, has none that a checkout would find: the page itself is looked into.
        """
        try:
            await self._checkouts.report(order_id, report)
        except WorkflowEnded:
            async with self._database.reading() as reader:
                status = await orders.status_of(reader, order_id)
            if not _may_still_be_fulfilled(status, report):
                return "already_ended"
            if forgotten_page is not None and status is not OrderStatus.PENDING:
                log.warning("forgotten_page_paid", event_id=report.event_id, order_id=order_id)
                return await self._review_page(order_id, forgotten_page, report)
            log.warning("checkout_reopened", event_id=report.event_id, order_id=order_id)
            await self._checkouts.report(order_id, report, reopen=True)
        return "reported"


def _may_still_be_fulfilled(status: OrderStatus | None, report: PaymentReported) -> bool:
    """Whether the order has no files yet: given up before the money came, or left behind."""
    if report.event_type not in PAYING | {SWEPT}:
        return status is OrderStatus.PENDING  # though its checkout has ended: it was restored
    return status is not None and (status.is_unpaid or status is OrderStatus.PAID)


def _named(event: WebhookEvent) -> str | None:
    """The order that an event names; whoever pays on somebody's payment link may name anything."""
    return event.order_id if is_order_id(event.order_id or "") else None
