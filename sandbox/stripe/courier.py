"""Carries signed events to the endpoints, again and again until they are taken."""

import asyncio
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta

import aiohttp

from sandbox.stripe.config import Config
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.outbox import Delivery, Outbox

_WAITS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0)  # seconds between attempts
_LAST_WAIT = 3600.0  # seconds, from then on
_GIVEN_UP_AFTER = timedelta(days=3).total_seconds()
_AT_ONCE = 16
_KEPT_ALIVE = 2.0  # seconds
_ANSWER_READ = 64 * 1024  # bytes of an answer, which nobody needs
_ERROR_KEPT = 200  # characters

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}


def signature(secrets: Iterable[str], body: bytes, timestamp: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 of `timestamp.body` by each active secret."""
    signed = b"%d.%s" % (timestamp, body)
    marks = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={timestamp}", *(f"v1={mark}" for mark in marks)])


Parcel = tuple[Delivery, float]
"""A delivery, and by how many seconds its signature's time is off."""


class Courier:
    """Deliveries under way.

    What shares a lane goes out one after another, lanes go side by side. A delivery that failed
    lets the next in its lane pass while it waits.
    """

    def __init__(self, config: Config, ledger: Ledger, outbox: Outbox) -> None:
        self._config = config
        self._ledger = ledger
        self._outbox = outbox
        self._lanes: dict[tuple[str, str], deque[Parcel]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    def send(self, delivery: Delivery, skew: float = 0.0, lane: str | None = None) -> None:
        key = (delivery.url, lane or delivery.subject)
        if key in self._lanes:
            self._lanes[key].append((delivery, skew))
            return
        parcels = self._lanes[key] = deque([(delivery, skew)])
        task = asyncio.create_task(self._work_off(key, parcels))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call once the time has passed, unless everything is forgotten before."""

        def run() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(max(0.0, seconds), run)
        self._timers.add(timer)

    def forget(self) -> None:
        """Drop everything under way."""
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        self._timers.clear()
        self._lanes.clear()

    async def stop(self) -> None:
        """End what is under way; it stays owed."""
        self.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _work_off(self, key: tuple[str, str], parcels: deque[Parcel]) -> None:
        try:
            while parcels:
                delivery, skew = parcels.popleft()
                async with self._slots:
                    status, error = await self._attempt(delivery, skew)
                self._record(delivery, status, error)
        finally:
            if self._lanes.get(key) is parcels:
                del self._lanes[key]

    async def _attempt(self, delivery: Delivery, skew: float) -> tuple[int | None, str | None]:
        """The endpoint's status, or why there is none."""
        body = (self._ledger.find_text("event", delivery.event) or "").encode()
        mark = signature(self._config.webhook_secrets, body, int(time.time() + skew))
        try:
            async with self._client().post(
                delivery.url,
                data=body,
                headers={**_HEADERS, "Stripe-Signature": mark},
                allow_redirects=False,
            ) as response:
                await response.content.read(_ANSWER_READ)
                return response.status, None
        except TimeoutError:
            return None, "timed out"
        except (aiohttp.ClientError, OSError) as error:
            return None, f"{type(error).__name__}: {error}"[:_ERROR_KEPT]

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # Shorter than servers keep idle connections, so few are closed under a request.
                connector=aiohttp.TCPConnector(limit=_AT_ONCE, keepalive_timeout=_KEPT_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._config.delivery_timeout),
            )
        return self._session

    def _record(self, delivery: Delivery, status: int | None, error: str | None) -> None:
        delivery.attempts += 1
        delivery.last_status, delivery.last_error = status, error
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
        elif delivery.state == "pending":
            self._retry(delivery)
        self._outbox.save(delivery)

    def _retry(self, delivery: Delivery) -> None:
        now = time.time()
        if now - delivery.created >= _GIVEN_UP_AFTER:
            delivery.state = "abandoned"
            return
        spent = delivery.attempts - 1
        wait = _WAITS[spent] if spent < len(_WAITS) else _LAST_WAIT
        wait *= self._config.retry_scale
        delivery.due = now + wait
        self.later(wait, lambda: self.send(delivery))
