"""The processes of a run: started one after another, each its own, and what each has computed."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

from cli.supervisor import Part, how_it_ended
from sandbox.process import Child, ProcessError, tail

LOOK = 0.05  # seconds between two looks at a process
# What has nothing to do computes less than this share of a processor, over this many seconds.
IDLE_SHARE, IDLE_SECONDS = 0.04, 0.3


class Stage:
    """Programs by name; it must be used from the main thread (see Child)."""

    def __init__(self, parts: Iterable[Part], logs: Path) -> None:
        self._parts = {part.name: part for part in parts}
        self._logs = logs
        self._children: dict[str, Child] = {}

    def add(self, *parts: Part) -> None:
        self._parts |= {part.name: part for part in parts}

    async def start(self, *names: str) -> None:
        """Starts what does not run yet, one after another; returns once all are ready or done."""
        for name in names:
            if name not in self._children:
                await self._start(self._parts[name])

    async def stop(self, *names: str) -> None:
        for name in names:
            child = self._children.pop(name, None)
            if child is not None:
                await asyncio.to_thread(child.stop)

    async def stop_all(self) -> None:
        await self.stop(*reversed(list(self._children)))

    def clocks(self) -> dict[str, float]:
        """The processor time of each program that runs, in seconds."""
        return {name: cpu_seconds(child.pid) for name, child in self._children.items()}

    async def settled(self, names: Iterable[str]) -> None:
        """Returns once these programs have finished what they had to do."""
        wanted = list(names)
        while True:
            before = self.clocks()
            await asyncio.sleep(IDLE_SECONDS)
            after = self.clocks()
            if sum(after[name] - before[name] for name in wanted) < IDLE_SHARE * IDLE_SECONDS:
                return

    async def _start(self, part: Part) -> None:
        log = self._logs / f"{part.name}.log"
        child = Child(part.command, log, part.environment, part.stop_signal, part.stop_time)
        self._children[part.name] = child
        async with asyncio.timeout(part.start_time):
            while not (part.probe and await part.probe()):
                code = child.exit_code
                if part.probe is None and code == 0:
                    del self._children[part.name]  # a task, and it is done
                    return
                if code is not None:
                    raise ProcessError(f"{part.name} {how_it_ended(code)}:\n{tail(log)}")
                await asyncio.sleep(LOOK)


def cpu_seconds(pid: int) -> float:
    """What a process has computed, with all that it started, those that ended included."""
    total = 0.0
    process = psutil.Process(pid)
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # it has ended just now: its parent counts it
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def moved(part: Part, option: str, value: str) -> Part:
    """A program whose command line says something else for one option."""
    place = part.command.index(option) + 1
    return replace(part, command=[*part.command[:place], value, *part.command[place + 1 :]])
