"""One run: a plan carried out on a whole system, then quiet, then the account."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.chaos import doors, invariants, privacy
from tests.chaos.blows import Striker
from tests.chaos.buyers import Visit
from tests.chaos.diary import Diary
from tests.chaos.evidence import (
    Books,
    Execution,
    Ledger,
    acknowledged_events,
    read_books,
    read_executions,
    read_ledger,
    temporal,
)
from tests.chaos.invariants import Comparison, Finding, Kind
from tests.chaos.plan import Plan
from tests.chaos.result import Result
from tests.chaos.world import World, world
from workflows.setup import SCHEDULE_ID

Tell = Callable[[str], None]
BACK_WITHIN = 60.0  # seconds in which every part must be ready once the last blow has fallen
QUIET_WITHIN = 90.0  # seconds in which everything must have come right after that


async def run(plan: Plan, data: Path, port_base: int, tell: Tell) -> Result:
    """A run on a system of its own; raises ProcessError if that can't be brought up."""
    async with world(data, port_base) as up:
        tell("up")
        return await Run(plan, up, tell).result()


class Run:
    """A run on a system that is up, where others may have been before it."""

    def __init__(self, plan: Plan, up: World, tell: Tell) -> None:
        self._plan = plan
        self._world = up
        self._tell = tell
        self._striker = Striker(up, plan)
        self._began = time.time()

    async def result(self) -> Result:
        """Carries the plan out; raises AssertionError if a part does not come back."""
        visits = await self._visits()
        async with _beside(self._world.fleet.keep_up()):
            await self._storm(visits)
            self._tell("over")
            findings, healthy_from = await self._calm()
            for visit in visits:
                await visit.come_back_late()
            diaries = [visit.diary for visit in visits]
            last, quiet = await self._quiet()
            self._tell("quiet" if not last else "not quiet")
            findings += [*last, *await self._account(quiet, diaries)]
        return self._result(findings, diaries, quiet, healthy_from)

    async def _visits(self) -> list[Visit]:
        answer = await self._world.http.get("/api/beats", params={"limit": 100})
        beats = [
            beat
            for beat in answer.json()["data"]
            if beat["hasStems"] and beat["unlimitedLeasePrice"]
        ]
        return [Visit(self._world, beats, buyer) for buyer in self._plan.buyers]

    async def _storm(self, visits: list[Visit]) -> None:
        await self._striker.begin()
        self._began = time.time()
        await asyncio.gather(self._striker.run(), *(visit.run() for visit in visits))
        await self._world.faults_off()

    async def _calm(self) -> tuple[list[Finding], float]:
        """Waits until every part is back; what was acknowledged must be kept by now."""
        await self._world.fleet.whole(BACK_WITHIN)
        healthy_from = time.time() if self._striker.dealt else self._began
        acknowledged = await acknowledged_events(self._world) | self._striker.acknowledged
        relevant = {event["id"] for event in (await read_ledger(self._world)).events}
        books = await read_books(self._world)
        found = list(invariants.lost_acknowledgements(books, acknowledged & relevant))
        found += [Finding(Kind.FORGED, each) for each in self._striker.accepted]
        client = await temporal(self._world)
        await client.get_schedule_handle(SCHEDULE_ID).trigger()
        return found, healthy_from

    async def _quiet(self) -> tuple[list[Finding], "_Evidence"]:
        """Looks until nothing is amiss, or time is up."""
        deadline = time.monotonic() + QUIET_WITHIN
        while True:
            evidence = _Evidence(
                await read_books(self._world),
                await read_ledger(self._world),
                await read_executions(self._world),
            )
            findings = list(evidence.findings())
            if not findings or time.monotonic() > deadline:
                return findings, evidence
            await asyncio.sleep(1)

    async def _account(self, quiet: "_Evidence", diaries: list[Diary]) -> list[Finding]:
        return [
            *invariants.backward_steps(diaries),
            *invariants.contradictions(quiet.books),
            *invariants.surprises(diaries),
            *await doors.unlocked(self._world, quiet.books, diaries),
            *await privacy.leaks(self._world, quiet.executions),
        ]

    def _result(
        self,
        findings: list[Finding],
        diaries: list[Diary],
        quiet: "_Evidence",
        healthy_from: float,
    ) -> Result:
        times = list(_times(diaries, quiet))
        comparison = quiet.comparison
        return Result(
            plan=self._plan,
            placed=len(quiet.books.orders),
            faults=self._striker.dealt,
            paid=len(comparison.paid_orders),
            persisted=sum(order["paid_at"] is not None for order in quiet.books.orders),
            findings=findings,
            recoveries=[
                done - max(paid, healthy_from) for paid, done in times if done > healthy_from
            ],
            meanwhile=[done - paid for paid, done in times if done <= healthy_from],
            fallen=self._world.fleet.fallen,
            seconds=time.time() - self._began,
        )


class _Evidence:
    """All that was found in one look."""

    def __init__(self, books: Books, ledger: Ledger, executions: list[Execution]) -> None:
        self.books = books
        self.ledger = ledger
        self.executions = executions
        self.comparison = Comparison(books, ledger)

    def findings(self) -> Iterator[Finding]:
        yield from self.comparison.findings()
        yield from invariants.unfinished(self.executions, self.comparison)


def _times(diaries: list[Diary], quiet: _Evidence) -> Iterator[tuple[float, float]]:
    """When each order was paid by card, and when it was completed."""
    done = {
        line["order_id"]: line["occurred_at"].timestamp()
        for line in quiet.books.history
        if line["type"] == "completed"
    }
    orders = {each["id"]: each["client_reference_id"] for each in quiet.ledger.sessions}
    for diary in diaries:
        order_id = orders.get(diary.session)
        if diary.paid_at is not None and order_id in done:
            yield diary.paid_at, done[order_id]


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Has something go on for as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
