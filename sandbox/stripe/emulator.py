"""Wires the parts of one emulator together."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

from sandbox.clock import Clock
from sandbox.stripe import attempts, paying, refunding
from sandbox.stripe.answers import Answers
from sandbox.stripe.config import Config
from sandbox.stripe.courier import Courier
from sandbox.stripe.faults import Faults
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.objects import sessions
from sandbox.stripe.outbox import Outbox
from sandbox.stripe.timers import Timers
from sandbox.stripe.webhooks import Webhooks
from sandbox.stripe.work import UNPROMPTED, Cause, Work

logger = logging.getLogger(__name__)

_CLEANING = "forget old answers"
_CLEANED_EVERY = timedelta(hours=1).total_seconds()


class Emulator:
    """The state, and the tasks that act on it unasked."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = Clock()
        self.ledger = Ledger(config.data)
        self.answers = Answers(self.ledger)
        self.outbox = Outbox(self.ledger)
        self.timers = Timers(self.ledger, self.clock)
        self.faults = Faults()
        courier = Courier(config, self.ledger, self.outbox)
        self.webhooks = Webhooks(courier, self.ledger, self.outbox, self.faults)
        self.keys_in_use: set[str] = set()
        self.clock.offset = self._saved_offset()

    @contextmanager
    def work(self, cause: Cause = UNPROMPTED, public_url: str = "") -> Iterator[Work]:
        """One transaction; its events go out once it is committed."""
        with self.ledger.transaction():
            work = Work(
                ledger=self.ledger,
                outbox=self.outbox,
                timers=self.timers,
                config=self.config,
                cause=cause,
                now=self.clock.timestamp(),
                wall=time.time(),
                public_url=self.config.public_url or public_url,
            )
            yield work
        self.webhooks.dispatch(work.deliveries)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Timers ring and webhooks go out while inside."""
        self.timers.set(_CLEANING, "", self.clock.timestamp())
        watch = asyncio.create_task(self.timers.watch(self.ring))
        watch.add_done_callback(_report)
        self.webhooks.resume(time.time())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await self.webhooks.stop()
            self.ledger.close()

    def ring(self, action: str, subject: str) -> None:
        """Do what a timer stands for."""
        with self.work() as work:
            work.timers.cancel(action, subject)
            match action:
                case sessions.EXPIRY:
                    sessions.expire_when_due(work, subject)
                case attempts.SETTLEMENT:
                    paying.settle(work, subject)
                case refunding.SETTLEMENT:
                    refunding.settle(work, subject)
                case _:
                    self.answers.forget_old(work.now)
                    work.timers.set(_CLEANING, "", work.now + _CLEANED_EVERY)

    def move_clock(self, offset: timedelta) -> None:
        """Set the clock ahead or back; it stays so across restarts."""
        self.clock.offset = offset
        self.ledger.execute(
            "INSERT OR REPLACE INTO settings VALUES ('clock_offset', ?)",
            (str(offset.total_seconds()),),
        )
        self.timers.wake()

    def reset(self) -> None:
        """Forget every object, delivery, answer and fault, and set the clock right."""
        self.webhooks.forget()
        self.faults.clear()
        with self.ledger.transaction():
            self.ledger.clear()
            self.timers.set(_CLEANING, "", self.clock.timestamp())
        self.clock.offset = timedelta()
        self.timers.wake()

    def _saved_offset(self) -> timedelta:
        row = self.ledger.execute(
            "SELECT value FROM settings WHERE name = 'clock_offset'"
        ).fetchone()
        return timedelta(seconds=float(row[0]) if row else 0.0)


def _report(watch: asyncio.Task[None]) -> None:
    if not watch.cancelled() and (failure := watch.exception()) is not None:
        logger.critical("timers no longer ring", exc_info=failure)
