"""Rate limits: how often one client may ask, and how often one order's buyer may be guessed at."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from api.errors import TooManyRequests

log = structlog.get_logger()

# How long a store may take to answer, and for how long one that did not is asked nothing.
PATIENCE = timedelta(seconds=0.25)
RESPITE = timedelta(seconds=2)


class Scope(StrEnum):
    """What is counted. All but the last two are counted by the client's address."""

    CHECKOUT = "checkout"
    ORDERS = "orders"
    DOWNLOADS = "downloads"
    EVENTS = "events"
    WEBHOOK_REJECTS = "webhook_rejects"
    WRONG_EMAILS = "wrong_emails"  # of one order, whoever tries
    RECEIPTS = "receipts"  # of one order, sent again


class RateLimits:
    """Counts in memory, for each process by itself, or in Redis, for all processes together.

    A store that is away, or silent, lets everybody through: limits protect the shop, and must not
    close it.
    """

    def __init__(self, storage_uri: str, limits: Mapping[Scope, str]) -> None:
        options = {"wrap_exceptions": True}
        if storage_uri.startswith("redis"):
            options["implementation"] = "redispy"  # type: ignore[assignment]
        storage: Any = storage_from_string(f"async+{storage_uri}", **options)
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._silent_until = 0.0  # on the monotonic clock
        self._limits: dict[Scope, RateLimitItem] = {
            scope: parse(limit) for scope, limit in limits.items() if limit
        }

    async def spend(self, scope: Scope, key: str) -> None:
        """Counts one call; raises TooManyRequests when the window's calls are used up."""
        await self._ask(scope, key, self._limiter.hit)

    async def require(self, scope: Scope, key: str) -> None:
        """Raises TooManyRequests when the window's calls are used up; counts nothing."""
        await self._ask(scope, key, self._limiter.test)

    async def _ask(self, scope: Scope, key: str, question: Callable[..., Any]) -> None:
        limit = self._limits.get(scope)
        if limit is None or time.monotonic() < self._silent_until:
            return
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                if await question(limit, scope.value, key):
                    return
                stats = await self._limiter.get_window_stats(limit, scope.value, key)
        except (StorageError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._silent_until = time.monotonic() + RESPITE.total_seconds()
            log.warning("rate_limits_away", scope=scope.value)
            return
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        raise TooManyRequests(limit.amount, max(0, stats.remaining), stats.reset_time, wait)
