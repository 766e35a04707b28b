"""Whatever grows with the shop is found by an index: no query of every day reads a whole table.

PostgreSQL reads small tables whole, and joins them so, whichever indexes there are. Told not to, it
does so only where it has no other way.
"""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text

from bench.scale_fill import fill_orders
from bench.scale_queries import (
    Query,
    Statement,
    explain,
    of_catalogue,
    of_orders,
    recording,
    scans,
    some_sold,
    statements_of,
    utc_now,
)
from bench.scale_sql import BIG
from database import migrate
from database.engine import Writer

ORDERS, BEATS = 3000, 300
CATALOGUE = {"beats", "beat_prices", "beat_assets"}
# Indexes that a query reads from one end until it has enough, or that hold no more than it wants.
READ_IN_ORDER = {
    "ix_orders_created_at",
    "ix_orders_attention",
    "ix_webhook_events_undelivered",
    "ix_beats_created_at",
    "ix_beats_title",
    "ix_beats_genre",
    "ix_beats_genre_created_at",
    "ix_beats_bpm",
    "ix_beats_wav_minor",
    "ix_beats_wav_minor_falling",
    "ix_beats_scheduled_release_at",  # to count every beat, once an edition
}


@pytest.fixture(scope="module")
def busy_url(postgres_url: str) -> Iterator[str]:
    """A shop of some thousand orders, in a database of its own."""
    url = make_url(postgres_url).set(database="plans").render_as_string(hide_password=False)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plans")
        migrate.upgrade(url)
        fill_orders(url, ORDERS, BEATS)
        yield url
        connection.execute("DROP DATABASE plans")


@pytest.fixture
async def asked(busy_url: str) -> AsyncIterator[tuple[Writer, list[Statement]]]:
    async with recording(busy_url) as (writer, sent):
        for way in ("seqscan", "hashjoin", "mergejoin"):
            await writer.sql.execute(text(f"SET enable_{way} = off"))
        # Of an EXISTS it makes two plans, and hashes the whole table where that is small.
        await writer.sql.execute(text("SET work_mem = '64kB'; SET hash_mem_multiplier = 1"))
        await writer.sql.commit()
        yield writer, sent


async def read_whole(
    writer: Writer, sent: list[Statement], query: Query, tables: set[str]
) -> list[tuple[str | None, ...]]:
    """The scans of these tables, or of an index of theirs, that nothing narrows down."""
    plans = [
        (await explain(writer, statement))["Plan"]
        for statement in await statements_of(writer, sent, query)
    ]
    assert plans
    return [
        (scan["Node Type"], scan.get("Relation Name"), scan.get("Index Name"))
        for plan in plans
        for scan in scans(plan)
        if scan.get("Relation Name") in tables or "Index Name" in scan
        if not {"Index Cond", "Recheck Cond"} & set(scan)
        if scan.get("Index Name") not in READ_IN_ORDER
    ]


async def test_no_query_about_orders_reads_a_whole_table(
    asked: tuple[Writer, list[Statement]],
) -> None:
    writer, sent = asked
    queries = of_orders(await some_sold(writer, 3), utc_now())
    found = {name: await read_whole(writer, sent, query, BIG) for name, query in queries.items()}
    assert {name: whole for name, whole in found.items() if whole} == {}


async def test_no_page_of_the_catalogue_reads_all_of_it(
    asked: tuple[Writer, list[Statement]],
) -> None:
    writer, sent = asked
    found = {
        name: await read_whole(writer, sent, query, CATALOGUE)
        for name, query in of_catalogue(utc_now()).items()
    }
    assert {name: whole for name, whole in found.items() if whole} == {}


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("orders list --email", "ix_orders_customer_email"),
        ("search, a rare word", "ix_beats_search_text"),
    ],
)
async def test_what_is_looked_for_by_its_text_is_found_by_the_index_made_for_it(
    asked: tuple[Writer, list[Statement]], name: str, index: str
) -> None:
    writer, sent = asked
    queries = of_orders(await some_sold(writer, 3), utc_now()) | of_catalogue(utc_now())
    told = [
        scan.get("Index Name")
        for statement in await statements_of(writer, sent, queries[name])
        for scan in scans((await explain(writer, statement))["Plan"])
    ]
    assert index in told
