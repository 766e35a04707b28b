"""Starts the parts of a system, each once those it needs are ready; keeps them up; stops them."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.probes import Probe
from sandbox.process import Child, tail

LOOK = 0.05  # seconds between two looks at a process
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a part that ended is started again
STEADY = 60.0  # seconds after which a part counts as healthy again


@dataclass(frozen=True)
class Part:
    """One program of the system; without a probe a task, which is done when it exits with 0."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    probe: Probe | None = None
    needs: tuple[str, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    start_time: float = 60.0  # seconds it may take to be ready
    stop_time: float = 10.0  # seconds it may take to end when asked
    pause: float = 0.0  # seconds that it leaves to others, once it has what it needs
    is_vital: bool = True  # else the system is ready without it, and stays up if it fails


class PartFailed(Exception):
    """A part could not be started."""

    def __init__(self, name: str, reason: str, log: Path) -> None:
        super().__init__(f"{name} {reason}")
        self.name, self.reason, self.log = name, reason, log


class Supervisor:
    """Owns the processes of one system. It must be used from the main thread (see Child)."""

    def __init__(
        self,
        parts: Iterable[Part],
        logs: Path,
        report: Callable[[str, str], None],
        record: Callable[[list[int]], None],
    ) -> None:
        """`report` is told (part, what happened), `record` the ids of all processes there are."""
        self._parts = {part.name: part for part in parts}
        self._logs = logs
        self._report = report
        self._record = record
        self._children: dict[str, Child] = {}
        self._ready = {name: asyncio.Event() for name in self._parts}
        self._stopped = {name: asyncio.Event() for name in self._parts}
        self._hurried = asyncio.Event()

    @property
    def under_way(self) -> list[str]:
        """The parts that have been started and are not ready yet."""
        return [
            name
            for name, child in self._children.items()
            if child.exit_code is None and not self._ready[name].is_set()
        ]

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Starts everything and keeps it up until cancelled; raises PartFailed if a start fails.

        Leaves the processes running: `stop` is for after.
        """
        tasks = [asyncio.create_task(self._keep(part)) for part in self._parts.values()]
        tasks.append(asyncio.create_task(self._announce(on_ready)))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ready(self, *names: str) -> None:
        """Returns once these parts have been ready, and those of them that are tasks done."""
        for name in names:
            await self._ready[name].wait()

    async def stop(self) -> None:
        """Stops every part once those that need it have ended."""
        await asyncio.gather(*(self._stop(part) for part in self._parts.values()))

    def hurry(self) -> None:
        """Makes `stop` wait for nobody."""
        self._hurried.set()

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        for part in self._parts.values():
            if part.is_vital:
                await self._ready[part.name].wait()
        on_ready()

    async def _keep(self, part: Part) -> None:
        for name in part.needs:
            await self._ready[name].wait()
        await asyncio.sleep(part.pause)
        try:
            await self._start(part)
        except PartFailed as failure:
            if part.is_vital:
                raise
            self._give_up(part, failure, f": {tail(failure.log, 1).rstrip('.')}")
            return
        self._ready[part.name].set()
        pause = FIRST_PAUSE
        while part.probe is not None:
            since = time.monotonic()
            code = await self._end_of(part)
            if time.monotonic() - since > STEADY:
                pause = FIRST_PAUSE
            self._report(part.name, f"{how_it_ended(code)}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self._start_again(part)

    async def _start_again(self, part: Part) -> None:
        try:
            await self._start(part)
        except PartFailed as failure:
            self._give_up(part, failure)

    def _give_up(self, part: Part, failure: PartFailed, last_words: str = "") -> None:
        self._report(part.name, f"{failure.reason}{last_words}; its log is {failure.log}")
        self._children[part.name].kill()

    async def _start(self, part: Part) -> None:
        """Returns once the part is ready, or its task done; raises PartFailed."""
        begin = time.monotonic()
        log = self._logs / f"{part.name}.log"
        child = Child(part.command, log, part.environment, part.stop_signal)
        self._children[part.name] = child
        self._record([each.pid for each in self._children.values() if each.exit_code is None])
        while not await self._is_ready(part, child):
            code = child.exit_code
            if code is not None and (part.probe or code):
                raise PartFailed(part.name, how_it_ended(code), log)
            if time.monotonic() - begin > part.start_time:
                raise PartFailed(part.name, f"was not ready in {part.start_time:g} s", log)
            await asyncio.sleep(LOOK)
        done = "ready in" if part.probe else "done in"
        self._report(part.name, f"{done} {time.monotonic() - begin:.1f} s")

    @staticmethod
    async def _is_ready(part: Part, child: Child) -> bool:
        if part.probe is None:
            return child.exit_code == 0
        return await part.probe() and child.exit_code is None

    async def _end_of(self, part: Part) -> int:
        while True:
            code = self._children[part.name].exit_code
            if code is not None:
                return code
            await asyncio.sleep(LOOK)

    async def _stop(self, part: Part) -> None:
        for other in self._parts.values():
            if part.name in other.needs and not self._hurried.is_set():
                await self._stopped[other.name].wait()
        child = self._children.get(part.name)
        if child is not None:
            await self._end(part, child)
        self._stopped[part.name].set()

    async def _end(self, part: Part, child: Child) -> None:
        child.ask_to_end()
        ended = asyncio.create_task(self._end_of(part))
        hurried = asyncio.create_task(self._hurried.wait())
        await asyncio.wait(
            {ended, hurried}, timeout=part.stop_time, return_when=asyncio.FIRST_COMPLETED
        )
        hurried.cancel()
        if not ended.done():
            if not self._hurried.is_set():
                self._report(part.name, f"did not end in {part.stop_time:g} s and was killed")
            child.kill()
        await ended


def how_it_ended(code: int) -> str:
    """Words for an exit code as `subprocess` gives it."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
