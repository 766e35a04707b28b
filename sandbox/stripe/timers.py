"""What is to happen at a set time: sessions expire, debits settle; kept across restarts."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sandbox.clock import Clock
from sandbox.stripe.ledger import Ledger

_LONGEST_NAP = timedelta(minutes=10).total_seconds()
_AT_ONCE = 100

Ring = Callable[[str, str], None]
"""Does what an action and its subject stand for, and cancels the timer, in one transaction."""


class Timers:
    """Persisted timers and the task that watches them."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._woken = asyncio.Event()
        self._next_due = 0.0

    def set(self, action: str, subject: str, due: float) -> None:
        self._ledger.execute(
            "INSERT OR REPLACE INTO timers VALUES (?, ?, ?)", (action, subject, due)
        )
        if due < self._next_due:
            self._woken.set()

    def cancel(self, action: str, subject: str) -> None:
        self._ledger.execute(
            "DELETE FROM timers WHERE action = ? AND subject = ?", (action, subject)
        )

    def wake(self) -> None:
        """Look again: the clock was changed."""
        self._woken.set()

    async def watch(self, ring: Ring) -> None:
        """Ring each timer when it is due, until cancelled."""
        while True:
            self._woken.clear()
            self._ring_due(ring)
            now = self._clock.now().timestamp()
            first = self._ledger.execute("SELECT min(due) FROM timers").fetchone()[0]
            self._next_due = min(first or now + _LONGEST_NAP, now + _LONGEST_NAP)
            try:
                async with asyncio.timeout(max(0.0, self._next_due - now)):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _ring_due(self, ring: Ring) -> None:
        due = self._ledger.execute(
            "SELECT action, subject FROM timers WHERE due <= ? ORDER BY due LIMIT ?",
            (self._clock.now().timestamp(), _AT_ONCE),
        ).fetchall()
        for action, subject in due:
            ring(action, subject)
