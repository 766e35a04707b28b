"""One run: a plan carried out on a whole system, then quiet, then the account."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from temporal.setup import SCHEDULE_ID
from tests.chaos import doors, invariants, privacy, slowest, soak
from tests.chaos.aftermath import (
    expire_all_pages,
    late_events,
    refund_with_links_in_hand,
    resend,
    waited_in_vain,
)
from tests.chaos.blows import Striker
from tests.chaos.buyers import Visit
from tests.chaos.diary import Diary
from tests.chaos.evidence import (
    Books,
    Execution,
    Ledger,
    acknowledged_events,
    deliveries,
    read_books,
    read_executions,
    read_ledger,
    temporal,
)
from tests.chaos.invariants import Comparison, Finding, Kind
from tests.chaos.plan import Plan
from tests.chaos.recovery import courses
from tests.chaos.result import Result
from tests.chaos.vocabulary import Scenario
from tests.chaos.world import World, world

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
        self._began = self._swept_at = time.time()
        self._soaks = plan.scenario is Scenario.SOAK
        self._watch = soak.Watch(up.fleet)

    async def result(self) -> Result:
        """Carries the plan out; raises an error if a part does not come back."""
        visits = await self._visits()
        diaries = [visit.diary for visit in visits]
        async with (
            _beside(self._world.fleet.keep_up()),
            _beside(self._watch.run() if self._soaks else asyncio.sleep(0)),
        ):
            await self._storm(visits)
            self._tell("over")
            findings = await self._calm()
            findings += await waited_in_vain(visits)
            await self._long_after(visits)
            last, quiet = await self._quiet()
            self._tell("quiet" if not last else "not quiet")
            findings += [*last, *await self._account(quiet, diaries)]
            if self._soaks:
                findings += [
                    *self._watch.findings(),
                    *soak.history_findings(quiet.executions),
                ]
        return await self._result(findings, diaries, quiet)

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

    async def _calm(self) -> list[Finding]:
        """Waits until every part is back; what was acknowledged must be kept by now."""
        await self._world.fleet.whole(BACK_WITHIN)
        acknowledged = await acknowledged_events(self._world) | self._striker.acknowledged
        relevant = {event["id"] for event in (await read_ledger(self._world)).events}
        books = await read_books(self._world)
        found = list(invariants.lost_acknowledgements(books, acknowledged & relevant))
        return found + [Finding(Kind.FORGED, each) for each in self._striker.accepted]

    async def _long_after(self, visits: list[Visit]) -> None:
        """The last buyers pay, every page expires, late events come in; then the sweep."""
        for visit in visits:
            await visit.come_back_late()
        await refund_with_links_in_hand(self._world, visits)
        late = await late_events(self._world)
        await expire_all_pages(self._world)
        await resend(self._world, late)
        client = await temporal(self._world)
        await client.get_schedule_handle(SCHEDULE_ID).trigger()
        self._swept_at = time.time()

    async def _quiet(self) -> tuple[list[Finding], "_Evidence"]:
        """Looks until nothing is amiss, or time is up."""
        deadline = time.monotonic() + QUIET_WITHIN
        while True:
            began = time.monotonic()
            evidence = _Evidence(
                await read_books(self._world),
                await read_ledger(self._world),
                await read_executions(self._world),
            )
            findings = list(evidence.findings())
            if not findings or time.monotonic() > deadline:
                return findings, evidence
            # To look at everything takes a processor, which the shop is to have.
            await asyncio.sleep(max(1, 3 * (time.monotonic() - began)))

    async def _account(self, quiet: "_Evidence", diaries: list[Diary]) -> list[Finding]:
        return [
            *invariants.backward_steps(diaries),
            *invariants.contradictions(quiet.books),
            *invariants.surprises(diaries),
            *invariants.unfit_answers(await deliveries(self._world)),
            *await doors.unlocked(self._world, quiet.books, diaries),
            *[each async for each in privacy.leaks(self._world, quiet.books, quiet.executions)],
        ]

    async def _result(
        self, findings: list[Finding], diaries: list[Diary], quiet: "_Evidence"
    ) -> Result:
        comparison, outages = quiet.comparison, self._world.fleet.outages
        found = [each async for each in courses(self._world, diaries, quiet.books, quiet.ledger)]
        told = await slowest.told(await temporal(self._world), found, quiet.books, outages)
        (self._world.system.data / "slowest.txt").write_text(told)
        return Result(
            plan=self._plan,
            placed=len(quiet.books.orders),
            faults=self._striker.dealt,
            paid=len(comparison.paid_orders),
            persisted=sum(order["paid_at"] is not None for order in quiet.books.orders),
            findings=findings,
            courses=found,
            swept_at=self._swept_at,
            fallen=self._world.fleet.fallen,
            held_by_programs=list(self._soaked(quiet)),
            seconds=time.time() - self._began,
        )

    def _soaked(self, quiet: "_Evidence") -> Iterator[str]:
        if self._soaks:
            yield from self._watch.lines()
            early, late = soak.history_sizes(quiet.executions)
            yield f"a checkout's history: {early:.0f} to {late:.0f} bytes"


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
