"""Buyers who wait for an order: Stripe is asked about it, in case its word was lost."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from database import orders
from database.engine import Database
from domain.errors import Unavailable
from domain.order import Order, OrderStatus
from temporal.client import WorkflowEnded
from workflows.checkout import PaymentReported

log = structlog.get_logger()

# Stripe's own report comes within this time, most often, and makes the question needless.
PATIENCE = timedelta(seconds=1.5)
# Between two questions about one order. A page that polls for hours must not fill the workflow's
# history: each question adds a dozen events to it.
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=30)
GROWTH = 1.3
# How often we look whose patience is over, and how many orders are kept in mind.
ROUND = timedelta(seconds=0.25)
KEPT_IN_MIND = 10_000
# How many checkouts are told at once: a slow one must not stand before the others.
AT_ONCE = 4

VISIT = PaymentReported("visit", "buyer_waits")


class Reports(Protocol):
    """Whom to tell: `temporal.client.Checkouts`, in a running system."""

    async def report(self, order_id: str, report: PaymentReported) -> None: ...


@dataclass
class _Visit:
    """One order's: when its checkout may next be told, in seconds of the clock, and the pause."""

    due: float
    pause: timedelta


class Visits:
    """Tells the checkouts of buyers who see their order PENDING. No request waits for it."""

    def __init__(
        self, database: Database, checkouts: Reports, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._checkouts = checkouts
        self._clock = clock
        self._visits: OrderedDict[str, _Visit] = OrderedDict()
        self._waiting: set[str] = set()

    def seen(self, order: Order) -> None:
        """Notes that somebody looked at an order; one that is paid, or held, needs no question."""
        if order.status is not OrderStatus.PENDING or order.attention is not None:
            return
        if order.id not in self._visits:
            due = self._clock() + PATIENCE.total_seconds()
            self._visits[order.id] = _Visit(due, FIRST_PAUSE)
        self._visits.move_to_end(order.id)
        self._waiting.add(order.id)
        if len(self._visits) > KEPT_IN_MIND:
            forgotten, _ = self._visits.popitem(last=False)
            self._waiting.discard(forgotten)

    async def run(self) -> None:
        """Tells, for ever, the checkouts of orders that are still pending when it is time."""
        while True:
            await asyncio.sleep(ROUND.total_seconds())
            try:
                await self._round()
            except Exception:
                log.exception("visits_failed")  # whatever it is, the next round must come

    async def _round(self) -> None:
        now = self._clock()
        due = [each for each in self._waiting if self._visits[each].due <= now]
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._take_turn(each) for each in due[start : start + AT_ONCE]))

    async def _take_turn(self, order_id: str) -> None:
        """Tells one checkout; what could not be told now is told soon, seen again or not."""
        visit = self._visits.get(order_id)
        if visit is None:  # forgotten meanwhile
            return
        visit.due = self._clock() + visit.pause.total_seconds()
        self._waiting.discard(order_id)
        try:
            await self._tell(order_id)
        except Unavailable as error:
            log.warning("visit_waits", service=error.service, detail=error.detail)
            if order_id in self._visits:
                visit.due = self._clock() + PATIENCE.total_seconds()
                self._waiting.add(order_id)
        else:
            visit.pause = min(visit.pause * GROWTH, LONGEST_PAUSE)

    async def _tell(self, order_id: str) -> None:
        async with self._database.reading() as reader:
            status = await orders.status_of(reader, order_id)
        if status is not OrderStatus.PENDING:
            self._visits.pop(order_id, None)
            self._waiting.discard(order_id)  # somebody may have looked while we asked
            return
        try:
            await self._checkouts.report(order_id, VISIT)
        except WorkflowEnded:
            log.info("visit_of_an_ended_checkout", order_id=order_id)
        else:
            log.info("visit_told", order_id=order_id)
