"""Calls to Stripe at a pace that it takes: so many a second to each endpoint, evenly spread."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import stripe
from aiolimiter import AsyncLimiter

from domain.errors import Unavailable
from gateways.stripe_client import SERVICE

# How long a call may wait for its turn. What would wait longer comes back later: an activity's
# time is for Stripe's answer.
LONGEST_QUEUE = timedelta(seconds=1)
# How much of a second's calls may go out at once.
BURST = 0.1

# The words in the addresses of the endpoints that we call; all between them are ids. A word that
# is missing here would be taken for one: its endpoint would share another's pace.
_WORDS = frozenset(
    "v1 checkout sessions expire payment_intents refunds disputes events products prices".split()
)


class Pace:
    """The turns of one endpoint's calls, in the order in which they were asked for.

    No second sees more of them than `per_second` and a tenth.
    """

    def __init__(self, per_second: int) -> None:
        burst = max(1.0, per_second * BURST)
        self._limiter = AsyncLimiter(burst, burst / per_second)
        self._per_second = per_second
        self._waiting = 0

    async def turn(self) -> None:
        """Waits until a call may go out; raises Unavailable if that would take too long."""
        wait = timedelta(seconds=self._waiting / self._per_second)
        if wait >= LONGEST_QUEUE:
            raise Unavailable(SERVICE, wait, "we have as many calls waiting as it takes a second")
        self._waiting += 1
        try:
            await self._limiter.acquire()
        finally:
            self._waiting -= 1


class PacedHTTPClient(stripe.AIOHTTPClient):
    """The library's client on aiohttp, at a pace for each endpoint."""

    def __init__(self, calls_per_second: int, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._paces = defaultdict[tuple[str, str], Pace](lambda: Pace(calls_per_second))

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """As the library's; but an answer that ends or stalls half-way is a lost connection, too.

        The library's own lets such an exception through as it is, and keeps hold of the connection.
        """
        await self._paces[endpoint(method, url)].turn()
        call, options = self._get_request_args_kwargs(method, url, headers, post_data)
        try:
            async with self._session.request(*call, **options) as answer:
                return await answer.read(), answer.status, answer.headers
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._handle_request_error(error)


def endpoint(method: str, url: str) -> tuple[str, str]:
    """What Stripe counts together: a method and a path, whatever ids are in it."""
    parts = urlsplit(url).path.split("/")
    return method.upper(), "/".join(part if part in _WORDS or not part else "*" for part in parts)
