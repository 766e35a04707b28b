"""Waiting in tests: for what must come soon, never for a fixed time."""

import asyncio
import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], within: float = 15.0) -> None:
    """Returns once `holds` gives something true; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


async def eventually_async(holds: Callable[[], object], within: float = 15.0) -> None:
    """The same beside a running event loop."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)
