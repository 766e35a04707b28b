"""Waiting beside a running event loop: for what must come soon, never for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """Returns once `holds` gives something true; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)
