"""One run: every system in turn, on the same servers, under 1, 10 and 50 buyers at once."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import psycopg
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem
from temporalio.client import Client

from bench import machine
from bench.bare import bare
from bench.books import Books
from bench.histories import left_by
from bench.purchases import Buy, Purchase, made_by
from bench.result import DRIVER, Readings, Report, Result
from bench.stage import Stage
from bench.storefront import storefront
from bench.systems import (
    BEATLINE,
    DBOS,
    FLOOR,
    PLAIN,
    PREPARING,
    SHARED,
    TITLES,
    Contender,
    programs_of,
    system_in,
)
from cli.system import System
from gateways.stripe_client import stripe_client

SCHEMAS = {BEATLINE: "public", PLAIN: PLAIN, DBOS: DBOS}
HISTORIES = 20  # how many of a system's workflows are looked into
EMULATOR_CALLS = 40


@dataclass(frozen=True)
class Wish:
    """What a run is to measure."""

    contenders: Sequence[Contender]
    buyers: Sequence[int]
    orders: int  # of each system and number of buyers, in each round
    rounds: int


class Bench:
    """A stage with everything on it that the systems share."""

    def __init__(
        self,
        system: System,
        stage: Stage,
        books: Books,
        described: dict[str, str],
        tell: Callable[[str], None],
    ) -> None:
        self._system = system
        self._stage = stage
        self._books = books
        self._tell = tell
        self._histories: dict[str, dict[str, float]] = {}
        self._machine = described

    async def measure(self, wish: Wish) -> Report:
        emulator_ms = await self._time_emulator()
        rounds = [
            result
            for number in range(wish.rounds)
            for contender in wish.contenders
            for result in await self._measure(contender, wish, number)
        ]
        results = [
            Result.middle([each for each in rounds if (each.system, each.buyers) == (name, buyers)])
            for name in (contender.name for contender in wish.contenders)
            for buyers in wish.buyers
        ]
        return Report(self._machine, emulator_ms, tuple(results), self._histories)

    async def _measure(self, contender: Contender, wish: Wish, number: int) -> list[Result]:
        if contender.name not in (FLOOR, BEATLINE):
            await self._stage.stop("temporal")  # it would take its share without doing anything
        await self._start(contender)
        results = list[Result]()
        async with self._buyers_of(contender) as buy:
            for buyers in wish.buyers:
                await made_by(buyers, max(10, 2 * buyers), buy)  # until all is warm
                result = await self._timed(contender, buyers, wish.orders, buy)
                self._tell(f"{TITLES[contender.name]}, {buyers} at once: "
                           f"{result.orders_per_second:.1f} orders/s")  # fmt: skip
                results.append(result)
        await self._stage.stop(*(name for name in contender.programs if name != "temporal"))
        return results

    async def _start(self, contender: Contender) -> None:
        first, *others = contender.programs
        await self._stage.start(first, *contender.preparing, *others)
        if contender.name in SCHEMAS:
            await self._books.announce_orders_of(SCHEMAS[contender.name])

    async def _timed(self, contender: Contender, buyers: int, orders: int, buy: Buy) -> Result:
        programs = [*contender.programs, *SHARED]
        await self._stage.settled(programs)
        await self._books.begin()
        before = await self._read(programs)
        begun = time.perf_counter()
        purchases = await made_by(buyers, orders, buy)
        seconds = time.perf_counter() - begun
        await self._stage.settled(programs)  # receipts, and whatever else comes after
        after = await self._read(programs)
        if contender.name in (FLOOR, BEATLINE):
            await self._look_into_histories(contender.name, purchases)
        return Result.of(contender.name, buyers, purchases, seconds, before, after)

    async def _read(self, programs: Sequence[str]) -> Readings:
        clocks = {name: used for name, used in self._stage.clocks().items() if name in programs}
        clocks[DRIVER] = time.process_time()
        return Readings(clocks, await self._books.statements(), await self._books.stripe_calls())

    @asynccontextmanager
    async def _buyers_of(self, contender: Contender) -> AsyncIterator[Buy]:
        ports = self._system.ports
        if contender.name == FLOOR:
            async with bare(await self._temporal(), ports.codec) as buyers:
                yield buyers.buy
            return
        api, database = self._system.url("api"), self._system.environment()["DATABASE_URL"]
        async with storefront(api, await self._cart(), ports.codec, database) as shop:
            yield shop.buy

    async def _look_into_histories(self, name: str, purchases: Sequence[Purchase]) -> None:
        workflows = [each.order for each in purchases[-HISTORIES:]]
        if name == BEATLINE:
            workflows = await self._books.latest_orders(len(workflows))
        self._histories[name] = await left_by(await self._temporal(), workflows)

    async def _temporal(self) -> Client:
        return await Client.connect(self._system.environment()["TEMPORAL_ADDRESS"])

    async def _cart(self) -> dict[str, Any]:
        """Two beats: one as a WAV lease, one with its stems."""
        first, second = await self._books.full_beats(2)
        site = self._system.url("api")
        return {
            "items": [_item(first, "WAV_LEASE"), _item(second, "TRACKOUT_LEASE")],
            "successUrl": f"{site}/success?session_id={{CHECKOUT_SESSION_ID}}",
            "cancelUrl": f"{site}/cart",
        }

    async def _time_emulator(self) -> float:
        """Milliseconds that the emulator takes to open a page, when nobody else asks."""
        cart = await self._cart()
        lines: list[SessionCreateParamsLineItem] = [
            {"price": item["priceId"], "quantity": 1} for item in cart["items"]
        ]
        page: SessionCreateParams = {
            "mode": "payment",
            "line_items": lines,
            "success_url": cart["successUrl"],
        }
        times = list[float]()
        key = self._system.secrets.stripe_secret_key
        async with stripe_client(key, self._system.url("stripe"), 1000) as stripe:
            for _ in range(EMULATOR_CALLS):
                begun = time.perf_counter()
                await stripe.v1.checkout.sessions.create_async(page)
                times.append(time.perf_counter() - begun)
        return median(times) * 1000


def _item(beat: dict[str, Any], license_type: str) -> dict[str, Any]:
    return {
        "priceId": beat["prices"][license_type],
        "quantity": 1,
        "beatTitle": beat["title"],
        "licenseType": license_type,
    }


@asynccontextmanager
async def bench(data: Path, port_base: int, tell: Callable[[str], None]) -> AsyncIterator[Bench]:
    """Brings up what all systems share, with beats on sale; takes everything down at the end."""
    described = machine.described()  # before anything of ours runs
    system = system_in(data, port_base)
    stage = Stage(programs_of(system), data / "logs")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(stage.stop_all)
        await stage.start(*SHARED, *PREPARING)
        database = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(
                system.environment()["DATABASE_URL"], autocommit=True
            )
        )
        http = await stack.enter_async_context(aiohttp.ClientSession())
        books = Books(database, http, system.url("stripe"))
        await books.open()
        yield Bench(system, stage, books, described, tell)
