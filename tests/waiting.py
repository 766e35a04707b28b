"""Waiting in tests: for what must come soon, never for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def eventually(holds: Callable[[], Answer], within: float = 15.0) -> Answer:
    """What `holds` gives, once it is true; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return found


async def until(holds: Callable[[], Awaitable[Answer]], within: float = 15.0) -> Answer:
    """The same for what has to be awaited."""
    deadline = time.monotonic() + within
    while not (found := await holds()):
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)
    return found


async def meanwhile(holds: Callable[[], object], within: float = 15.0) -> None:
    """Lets the event loop run until `holds` gives something true."""

    async def asked() -> object:
        return holds()

    await until(asked, within)


async def soon(call: Coroutine[Any, Any, Answer], within: float = 10.0) -> Answer:
    """A call's answer; fails after `within` seconds, whatever the call makes of being cancelled."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=within)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        raise AssertionError("no answer in time")
    return task.result()
