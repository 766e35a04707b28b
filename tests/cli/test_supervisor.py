"""The supervisor, with small programs under it."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from cli.supervisor import Part, PartFailed, Supervisor
from tests.waiting import meanwhile

# Writes "NAME is up" into a journal and, when asked to end, "NAME has ended".
PROGRAM = """
import signal, sys
name, journal = sys.argv[1:3]
def write(words):
    with open(journal, "a") as file:
        file.write(f"{name} {words}\\n")
def end(*_):
    write("has ended")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
write("is up")
while True:
    signal.pause()
"""
STUBBORN = PROGRAM.replace("sys.exit(0)", "pass")


class Stage:
    """A supervisor's surroundings, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.journal.touch()
        self.said: list[tuple[str, str]] = []
        self.pids: list[int] = []

    def part(self, name: str, *needs: str, text: str = PROGRAM, stop_time: float = 5) -> Part:
        async def probe() -> bool:
            return f"{name} is up" in self.journal.read_text()

        command = [sys.executable, "-c", text, name, str(self.journal)]
        return Part(name, command, os.environ, probe, needs, stop_time=stop_time)

    def task(self, name: str, text: str, *needs: str) -> Part:
        return Part(name, [sys.executable, "-c", text], os.environ, needs=needs)

    def supervisor(self, *parts: Part) -> Supervisor:
        return Supervisor(parts, self.folder, self._hear, self._record)

    def _hear(self, part: str, words: str) -> None:
        self.said.append((part, words))

    def _record(self, pids: list[int]) -> None:
        self.pids = pids

    def was_ready(self, part: str, times: int) -> bool:
        said = [words for name, words in self.said if name == part]
        return sum(words.startswith("ready") for words in said) == times


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def supervised(
    supervisor: Supervisor, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Starts everything, does something once it is ready, and stops it."""
    ready = asyncio.Event()
    running = asyncio.create_task(supervisor.run(ready.set))
    try:
        await asyncio.wait(
            {running, waiting := asyncio.create_task(ready.wait())},
            return_when=asyncio.FIRST_COMPLETED,
        )
        waiting.cancel()
        if running.done():
            await running
        if meanwhile:
            await meanwhile()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await supervisor.stop()


async def test_parts_start_after_what_they_need_and_end_before_it(stage: Stage) -> None:
    task = "open(0).read(); print('done')"
    parts = [
        stage.part("shop", "prepare", "store"),
        stage.task("prepare", task, "store"),
        stage.part("store"),
    ]
    await supervised(stage.supervisor(*parts))
    assert [name for name, _ in stage.said] == ["store", "prepare", "shop"]
    assert stage.journal.read_text().splitlines() == [
        "store is up",
        "shop is up",
        "shop has ended",
        "store has ended",
    ]


async def test_a_part_that_dies_is_started_again_later_each_time(stage: Stage) -> None:
    async def kill_it_twice() -> None:
        for times in (2, 3):
            stage.journal.write_text("")
            psutil.Process(stage.pids[0]).kill()
            await meanwhile(partial(stage.was_ready, "shop", times))

    await supervised(stage.supervisor(stage.part("shop")), kill_it_twice)
    assert [words for _, words in stage.said if "again" in words] == [
        "was ended by SIGKILL; starting it again in 0.5 s",
        "was ended by SIGKILL; starting it again in 1 s",
    ]


async def test_a_part_that_cannot_start_fails_the_start(stage: Stage) -> None:
    broken = stage.part("shop", "store", text="print('no shop today'); raise SystemExit(3)")
    with pytest.raises(PartFailed, match="shop ended with exit code 3") as failure:
        await supervised(stage.supervisor(stage.part("store"), broken))
    assert "no shop today" in failure.value.log.read_text()
    assert stage.journal.read_text() == "store is up\nstore has ended\n"


async def test_a_task_that_fails_fails_the_start(stage: Stage) -> None:
    with pytest.raises(PartFailed, match="prepare ended with exit code 1"):
        await supervised(stage.supervisor(stage.task("prepare", "raise SystemExit('no')")))


async def test_a_part_that_does_not_end_is_killed_when_its_time_is_over(stage: Stage) -> None:
    stubborn = stage.part("shop", text=STUBBORN, stop_time=0.2)
    await supervised(stage.supervisor(stubborn))
    assert stage.said[-1] == ("shop", "did not end in 0.2 s and was killed")
    assert not psutil.pid_exists(stage.pids[0])


async def test_a_hurried_stop_waits_for_nobody(stage: Stage) -> None:
    stubborn = stage.part("shop", "store", text=STUBBORN, stop_time=60)
    supervisor = stage.supervisor(stage.part("store"), stubborn)

    async def hurry_soon() -> None:
        asyncio.get_running_loop().call_later(0.1, supervisor.hurry)

    begin = time.monotonic()
    await supervised(supervisor, hurry_soon)
    assert time.monotonic() - begin < 10
    assert not any(psutil.pid_exists(pid) for pid in stage.pids)


async def test_what_is_not_vital_holds_nobody_up_and_takes_nobody_down(stage: Stage) -> None:
    failing = replace(stage.task("shop", "raise SystemExit('no Node')"), is_vital=False)
    endless = replace(stage.part("pages", text="import time; time.sleep(60)"), is_vital=False)
    supervisor = stage.supervisor(stage.part("api"), failing, endless)

    async def until_it_has_failed() -> None:
        await meanwhile(lambda: any(name == "shop" for name, _ in stage.said))

    await supervised(supervisor, until_it_has_failed)
    (words,) = (words for name, words in stage.said if name == "shop")
    assert words == f"ended with exit code 1: no Node; its log is {stage.folder / 'shop.log'}"
    assert stage.was_ready("api", times=1)
