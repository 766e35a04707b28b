"""The engine: an absent server is told in seconds, a present one is asked no more than it must."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import make_url, text

from database import catalog, checkout_requests, grants, health, orders
from database.engine import (
    BROWSING_CONNECTIONS,
    Database,
    Limits,
    Reader,
    StatementFailed,
    Writer,
    count_statements,
    driver_url,
)
from domain.cart import Cart, CartLine, quote
from domain.errors import Unavailable
from sandbox import postgres
from sandbox.process import free_port
from tests.making import NOW, TRACKOUT, price_id, publication, publish, request


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made) / "postgres"


async def answer(database: Database) -> object:
    async with database.reading() as reader:
        return await reader.sql.scalar(text("SELECT 7"))


async def write(database: Database) -> None:
    async with database.writing() as writer:
        await writer.sql.execute(text("SELECT 1"))


async def refusal_in_time(call: Callable[[], Awaitable[object]]) -> Unavailable:
    """The Unavailable that a call raises within a few seconds."""
    began = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        await call()
    assert time.monotonic() - began < 4
    assert refused.value.service == "PostgreSQL"
    return refused.value


async def test_a_server_that_is_away_is_told_soon_and_found_again(folder: Path) -> None:
    port = free_port()
    with postgres.running(folder, port) as url:
        database = Database(url)
        assert await answer(database) == 7
    await refusal_in_time(lambda: answer(database))
    await refusal_in_time(lambda: write(database))
    with postgres.running(folder, port):
        assert await answer(database) == 7
        await write(database)
    await database.aclose()


async def test_connections_to_a_server_that_only_reads_are_replaced(postgres_url: str) -> None:
    database = Database(postgres_url, limits=Limits(pool_size=1))
    async with database.recording() as recorder:  # as after a failover that demotes a primary
        await recorder.sql.execute(text("SET default_transaction_read_only = on"))
    with pytest.raises(Unavailable, match="ReadOnlySqlTransaction 25006"):
        await edit(database)
    await edit(database)
    await database.aclose()


async def test_readiness_asks_whether_the_server_writes(postgres_url: str) -> None:
    database = Database(postgres_url, limits=Limits(pool_size=1))
    async with database.recording() as recorder:
        await recorder.sql.execute(text("SET default_transaction_read_only = on"))
    assert not await health.answers(database, timedelta(seconds=2))
    assert await health.answers(database, timedelta(seconds=2))  # of a connection of its own
    await database.aclose()


async def edit(database: Database) -> None:
    async with database.writing() as writer:
        await writer.sql.execute(text("UPDATE catalog_edition SET name = name"))


async def test_a_restarted_server_is_asked_again_at_once(folder: Path) -> None:
    port = free_port()
    with postgres.running(folder, port) as url:
        database = Database(url, limits=Limits(pool_size=2))
        assert await answer(database) == 7
    with postgres.running(folder, port):
        assert await answer(database) == 7  # its pooled connection was cut meanwhile
    await database.aclose()


async def test_a_connection_cut_in_mid_transaction_is_unavailable(postgres_url: str) -> None:
    database = Database(postgres_url)

    async def cut() -> None:
        async with database.writing() as writer:
            await writer.sql.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert (await refusal_in_time(cut)).detail == "AdminShutdown 57P01"
    assert await answer(database) == 7
    await database.aclose()


async def test_a_statement_that_takes_too_long_is_given_up(postgres_url: str) -> None:
    database = Database(postgres_url, limits=Limits(statement=timedelta(milliseconds=50)))

    async def dawdle() -> None:
        async with database.reading() as reader:
            await reader.sql.execute(text("SELECT pg_sleep(5)"))

    assert (await refusal_in_time(dawdle)).detail == "QueryCanceled 57014"
    await database.aclose()


async def test_a_full_pool_is_unavailable(postgres_url: str) -> None:
    database = Database(postgres_url, limits=Limits(1, pool_wait=timedelta(milliseconds=50)))
    async with database.reading():
        refused = await refusal_in_time(lambda: answer(database))
    assert refused.detail == "no free connection"
    assert await answer(database) == 7
    await database.aclose()


async def test_visitors_who_browse_take_no_connection_from_orders(postgres_url: str) -> None:
    limits = Limits(BROWSING_CONNECTIONS, pool_wait=timedelta(milliseconds=50))
    database = Database(postgres_url, limits=limits)
    async with AsyncExitStack() as visitors:

        def browse() -> Awaitable[object]:
            return visitors.enter_async_context(database.browsing())

        for _ in range(BROWSING_CONNECTIONS):
            await browse()
        assert await answer(database) == 7
        await write(database)
        assert (await refusal_in_time(browse)).detail == "no free connection"
    await database.aclose()


async def test_a_row_that_another_holds_too_long_is_given_up(
    database: Database, postgres_url: str
) -> None:
    hasty = Database(postgres_url, limits=Limits(lock=timedelta(milliseconds=50)))
    insert = text("INSERT INTO users (email) VALUES ('a@example.com')")

    async def wait() -> None:
        async with hasty.writing() as writer:
            await writer.sql.execute(insert)

    async with database.writing() as writer:
        await writer.sql.execute(insert)
        assert (await refusal_in_time(wait)).detail == "LockNotAvailable 55P03"
    await hasty.aclose()


async def test_a_writer_that_falls_silent_leaves_no_lock_behind(
    database: Database, postgres_url: str
) -> None:
    """As one does whose machine has vanished: its connection stands, and says nothing more."""
    vanishing = Database(postgres_url, limits=Limits(silence=timedelta(milliseconds=100)))
    insert = text("INSERT INTO users (email) VALUES ('a@example.com')")

    async def vanish() -> None:
        async with vanishing.writing() as silent:
            await silent.sql.execute(insert)
            async with database.writing() as writer:
                await writer.sql.execute(insert)
            await silent.sql.execute(insert)

    assert (await refusal_in_time(vanish)).detail == "IdleInTransactionSessionTimeout 25P03"
    assert await answer(vanishing) == 7
    await vanishing.aclose()


async def test_a_deadlock_is_worth_another_try(database: Database) -> None:
    """Two transactions take two locks, each in its own order."""
    held = asyncio.Barrier(2)

    async def take(first: int, second: int) -> None:
        async with database.writing() as writer:
            for number in (first, second):
                await writer.sql.execute(text(f"SELECT pg_advisory_xact_lock({number})"))
                if number == first:
                    await held.wait()

    results = await asyncio.gather(take(1, 2), take(2, 1), return_exceptions=True)
    (victim,) = [result for result in results if result is not None]
    assert isinstance(victim, Unavailable)
    assert victim.detail == "DeadlockDetected 40P01"


async def test_a_session_speaks_utc_and_has_its_limits(database: Database) -> None:
    async with database.reading() as reader:
        shown = [
            await reader.sql.scalar(text(f"SHOW {name}"))
            for name in (
                "timezone",
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "tcp_keepalives_idle",
                "application_name",
            )
        ]
    assert shown == ["UTC", "5s", "5s", "10s", "10", "beatline"]


async def test_our_own_mistakes_are_no_absence(database: Database) -> None:
    async def break_a_rule() -> None:
        async with database.writing() as writer:
            for _ in range(2):
                await writer.sql.execute(text("INSERT INTO users (email) VALUES ('secret@x')"))

    async def misspell() -> None:
        async with database.reading() as reader:
            await reader.sql.execute(text("SELEC 1"))

    with pytest.raises(StatementFailed) as refused:
        await break_a_rule()
    assert str(refused.value) == "UniqueViolation 23505 uq_users_email"
    assert refused.value.__suppress_context__  # the cause quotes the row
    with pytest.raises(StatementFailed, match=r"^SyntaxError 42601$"):
        await misspell()


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as writer:
            await writer.sql.execute(text("INSERT INTO users (email) VALUES ('a@example.com')"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.reading() as reader:
        assert await reader.sql.scalar(text("SELECT count(*) FROM users")) == 0


async def test_the_catalogue_is_read_from_the_replica(postgres_url: str) -> None:
    replica = make_url(postgres_url).set(database="postgres")
    database = Database(postgres_url, replica.render_as_string(hide_password=False))
    name = text("SELECT current_database()")
    async with database.browsing() as reader:
        assert await reader.sql.scalar(name) == "postgres"
    async with database.reading() as reader:
        assert await reader.sql.scalar(name) == "beatline"
    await database.aclose()


@pytest.mark.parametrize(
    "url",
    ["postgres://u:p%40@h:1/d", "postgresql://u:p%40@h:1/d", "postgresql+asyncpg://u:p%40@h:1/d"],
)
def test_any_postgres_address_is_understood(url: str) -> None:
    assert driver_url(url) == "postgresql+psycopg://u:p%40@h:1/d"


async def statements(
    database: Database, cart: Cart, call: Callable[[Writer, str], Awaitable[object]], *, sold: bool
) -> int:
    """How many statements a call makes, on an order of this cart."""
    asked = request(*cart.lines)
    async with database.writing() as writer:
        await checkout_requests.claim(writer, asked)
        if sold:
            listed = await catalog.listed_for(writer, cart)
            await orders.place(writer, asked, quote(cart, listed, NOW))
    async with database.writing() as writer:
        count = count_statements()
        await call(writer, asked.order_id)
        return count.statements


async def _place(writer: Writer, order_id: str) -> None:
    asked = await checkout_requests.find(writer, order_id)
    assert asked is not None
    listed = await catalog.listed_for(writer, asked.cart)
    assert await orders.place(writer, asked, quote(asked.cart, listed, NOW))


async def _list(reader: Reader, order_id: str) -> None:
    asked = await checkout_requests.find(reader, order_id)
    assert asked is not None
    assert len(await catalog.listed_for(reader, asked.cart)) == len(asked.cart.lines)


@pytest.mark.parametrize(
    ("call", "sold", "expected"),
    [
        (_list, False, 2),
        (_place, False, 3),
        (orders.find, True, 2),
        (grants.issue, True, 1),
        (grants.of_order, True, 1),
    ],
)
async def test_a_large_cart_costs_no_more_statements_than_a_small_one(
    database: Database,
    call: Callable[[Writer, str], Awaitable[object]],
    sold: bool,
    expected: int,
) -> None:
    await publish(database, *(publication(f"beat-{number}") for number in range(50)))
    for size in (1, 50):
        lines = (CartLine(1, price_id(f"beat-{number}", TRACKOUT)) for number in range(size))
        assert await statements(database, Cart(tuple(lines)), call, sold=sold) == expected
