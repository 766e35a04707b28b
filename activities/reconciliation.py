"""Reconciliation: what Stripe knows is compared with our books, and what we missed is made up for.

Nothing is repaired here directly. An event that never reached us is put into the webhook inbox, and
one that came to nothing is put back: the relay delivers both, as if Stripe had just called.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import activity

from database import inbox, reconciling
from database.engine import Database
from domain.stuck import UNDER_WAY
from domain.webhook import REPORTED, REVIEWED, WebhookEvent
from gateways.stripe_events import StripeEvents
from gateways.stripe_payments import StripePayments

# A sweep looks this much further back than the last one began: at what was under way then, and
# what Stripe listed late.
OVERLAP = timedelta(hours=1)
# What was made so long before is compared as well: a session that was just paid may have been open
# for a day, and what was told again may have come to nothing again.
COMPARED_AGAIN = timedelta(days=1)

Each = TypeVar("Each")


@dataclass(frozen=True)
class Window:
    """How far back to look, up to now."""

    since: datetime


@dataclass(frozen=True)
class Sweep:
    """One that has come to its end."""

    began_at: datetime


@dataclass(frozen=True)
class Missed:
    """Events of Stripe's that were looked at, and how many of them had never reached us."""

    seen: int
    missed: int


@dataclass(frozen=True)
class Differences:
    """Orders that differ from what Stripe says of them, and events delivered again for that."""

    sessions_compared: int
    unpaid_here: list[str]  # paid at Stripe, not in our books
    unfulfilled: list[str]  # paid, and without its files for too long
    overdue: list[str]  # pending, though the payment page is long closed
    returned_there: list[str]  # money sent back, or in dispute, as our books do not know
    events_requeued: int


class ReconciliationActivities:
    """Looks through what happened at Stripe. Doing it twice does nothing more."""

    def __init__(
        self, database: Database, events: StripeEvents, payments: StripePayments, environment: str
    ) -> None:
        self._database = database
        self._events = events
        self._payments = payments
        self._environment = environment

    @activity.defn
    async def find_window(self, farthest: Window) -> Window:
        """What nobody has looked at: since the last sweep that came to its end, or `farthest`."""
        async with self._database.reading() as reader:
            began_at = await reconciling.last_sweep(reader)
        if began_at is None:
            return farthest
        return Window(max(began_at - OVERLAP, farthest.since))

    @activity.defn
    async def record_sweep(self, sweep: Sweep) -> None:
        """Notes that a sweep has come to its end: the next one begins where it began."""
        async with self._database.writing() as writer:
            await reconciling.note_sweep(writer, sweep.began_at)

    @activity.defn
    async def collect_missed_events(self, window: Window) -> Missed:
        """Puts every event that never reached us into the inbox."""
        seen = missed = 0
        async for page in _told(self._events.since(window.since)):
            ours = [event for event in page if self._is_ours(event)]
            async with self._database.writing() as writer:
                missed += await inbox.record_all(writer, ours)
            seen += len(ours)
        return Missed(seen, missed)

    @activity.defn
    async def requeue_differences(self, window: Window) -> Differences:
        """Has the events of orders that differ from Stripe's word delivered once more.

        Where Stripe has no event to tell of an order, one of ours takes its place.
        """
        now, since = activity.info().scheduled_time, window.since - COMPARED_AGAIN
        compared, unpaid = 0, list[str]()
        async for page in _told(self._payments.paid_orders(since)):
            async with self._database.reading() as reader:
                unpaid += await reconciling.unpaid_among(reader, page, now - UNDER_WAY)
            compared += len(page)
        returned = await self._returned(since)
        async with self._database.writing() as writer:
            unfulfilled = await reconciling.unfulfilled(writer, now - UNDER_WAY)
            overdue = await reconciling.overdue(writer, now - UNDER_WAY)
            waiting = [*unpaid, *unfulfilled, *overdue]
            requeued = await inbox.requeue(writer, waiting, REPORTED)
            requeued += await inbox.knock(writer, waiting)
            requeued += await inbox.requeue(writer, returned, REVIEWED)
        return Differences(compared, unpaid, unfulfilled, overdue, returned, requeued)

    async def _returned(self, since: datetime) -> list[str]:
        """Orders of which Stripe says that more has gone back, or is in dispute, than we know."""
        found = list[str]()
        async for page in _told(self._payments.returns(since)):
            async with self._database.reading() as reader:
                found += await reconciling.unknown_returns(reader, page)
        return list(dict.fromkeys(found))

    def _is_ours(self, event: WebhookEvent) -> bool:
        return event.is_of_interest() and not event.is_foreign_to(self._environment)


async def _told(found: AsyncIterator[list[Each]]) -> AsyncIterator[list[Each]]:
    """Page after page, each told by a heartbeat, whether or not there is anything of ours on it."""
    number = 0
    async for page in found:
        number += 1
        activity.heartbeat(number)
        yield page
