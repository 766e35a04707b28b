"""Waiting beside a running event loop: for what must come soon, never for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


async def until(holds: Callable[[], Awaitable[object]], within: float = 10.0) -> None:
    """Returns once `holds` gives something true; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)


async def soon(call: Coroutine[Any, Any, Answer], within: float = 10.0) -> Answer:
    """A call's answer; fails after `within` seconds, whatever the call makes of being cancelled."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=within)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        raise AssertionError("no answer in time")
    return task.result()
