"""The processes of a system, to be struck one by one and brought back."""

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.supervisor import Part, how_it_ended
from sandbox.process import Child, ProcessError, tail
from tests.chaos.vocabulary import WORKERS
from tests.waiting import meanwhile

LOOK = 0.05  # seconds between two looks at a process
PAUSE = 0.5  # seconds before a part that ended by itself is started again
# Seconds within which a part is ready again, though what it needs is struck meanwhile, too.
COMES_BACK = 180.0

# What a worker writes once it polls. (Temporal remembers for minutes who has polled.)
WORKER_STARTED = b"worker_started"


@dataclass(frozen=True)
class Outage:
    """From a blow to a part until it was ready again, in seconds since the epoch."""

    part: str
    began: float
    ended: float


class Fleet:
    """Starts every part once what it needs is ready, keeps it up, and lets it be struck.

    Unlike the launcher's supervisor it restarts at once, whatever a part has been through.
    """

    def __init__(self, parts: Iterable[Part], logs: Path) -> None:
        self._parts = {part.name: part for part in parts}
        self._logs = logs
        self._children: dict[str, Child] = {}
        self._struck: set[str] = set()
        self._log_lengths: dict[str, int] = {}  # of the logs, when their parts were started
        self.outages: list[Outage] = []
        self.fallen: list[str] = []  # parts that ended by themselves, and how

    async def start(self) -> None:
        """Returns once every part is ready and every task done; raises ProcessError."""
        ready = {name: asyncio.Event() for name in self._parts}

        async def begin(part: Part) -> None:
            for need in part.needs:
                await ready[need].wait()
            self._launch(part)
            async with asyncio.timeout(part.start_time):
                await self._readiness(part)
            ready[part.name].set()

        async with asyncio.TaskGroup() as group:
            for part in self._parts.values():
                group.create_task(begin(part))

    async def keep_up(self) -> None:
        """Starts again, for ever, what ended without having been struck."""
        while True:
            await asyncio.sleep(LOOK)
            for name, child in list(self._children.items()):
                part = self._parts[name]
                if part.probe is None or child.exit_code is None or name in self._struck:
                    continue
                self.fallen.append(f"{name} {how_it_ended(child.exit_code)}")
                self._struck.add(name)
                await asyncio.sleep(PAUSE)
                self._launch(part)
                self._struck.discard(name)

    async def strike(self, name: str, number: signal.Signals, lasts: float) -> bool:
        """Ends a part by a signal, and starts it again so long after; False if it is down now.

        Returns once it is ready again, or was struck again.
        """
        child, part = self._children[name], self._parts[name]
        if name in self._struck or child.exit_code is not None:
            return False
        self._struck.add(name)
        began = time.time()
        try:
            if number is signal.SIGKILL:
                child.kill()
            else:
                os.kill(child.pid, number)
            await self._end(child, part.stop_time)
            await asyncio.sleep(lasts)
            self._launch(part)
        finally:
            self._struck.discard(name)
        await self._return(name, COMES_BACK)
        self.outages.append(Outage(name, began, time.time()))
        return True

    async def freeze(self, name: str, lasts: float) -> bool:
        """Has a part stand still, all its connections open; False if it is down now."""
        child = self._children[name]
        if name in self._struck or child.exit_code is not None:
            return False
        self._struck.add(name)
        began = time.time()
        try:
            os.kill(child.pid, signal.SIGSTOP)
            await asyncio.sleep(lasts)
        finally:
            os.kill(child.pid, signal.SIGCONT)
            self._struck.discard(name)
            self.outages.append(Outage(name, began, time.time()))
        return True

    async def whole(self, within: float) -> None:
        """Returns once every part answers that it is ready."""
        async with asyncio.timeout(within):
            for name, part in self._parts.items():
                if part.probe is not None:
                    await self._return(name, within)

    async def stop(self) -> None:
        """Ends all of them: those that need others first."""
        self._struck.update(self._parts)
        for name in reversed(list(self._parts)):
            child = self._children.get(name)
            if child is not None:
                child.ask_to_end()
                await self._end(child, self._parts[name].stop_time)

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int | None:
        """None while it is down."""
        child = self._children[name]
        return child.pid if child.exit_code is None else None

    async def _return(self, name: str, within: float) -> None:
        """Waits until a part is ready, or is another process than it was."""
        child = self._children[name]
        deadline = time.monotonic() + within
        while self._children[name] is child and not await self._is_ready(name):
            assert time.monotonic() < deadline, f"{name} does not come back"
            await asyncio.sleep(LOOK)

    async def _is_ready(self, name: str) -> bool:
        if self._children[name].exit_code is not None:
            return False
        if name in WORKERS:
            with self.log(name).open("rb") as log:
                log.seek(self._log_lengths[name])
                return WORKER_STARTED in log.read()
        probe = self._parts[name].probe
        return probe is not None and await probe()

    def _launch(self, part: Part) -> None:
        log = self.log(part.name)
        self._log_lengths[part.name] = log.stat().st_size if log.exists() else 0
        self._children[part.name] = Child(
            part.command, self.log(part.name), part.environment, part.stop_signal
        )

    async def _readiness(self, part: Part) -> None:
        child = self._children[part.name]
        while True:
            code = child.exit_code
            if part.probe is None and code == 0:
                return
            if code is not None:
                raise ProcessError(f"{part.name} {how_it_ended(code)}:\n{tail(child.log)}")
            if part.probe is not None and await self._is_ready(part.name):
                return
            await asyncio.sleep(LOOK)

    @staticmethod
    async def _end(child: Child, within: float) -> None:
        with suppress(AssertionError):
            await meanwhile(lambda: child.exit_code is not None, within)
        child.kill()
        await meanwhile(lambda: child.exit_code is not None)
