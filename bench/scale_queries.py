"""Every query that a shop of many orders runs again and again, as the code itself sends it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from database import backlog, grants, inbox, metrics, order_list, order_record, orders, reconciling
from database.catalog import find_asset
from database.catalog_pages import BeatFilter, SortOrder, page
from database.editions import Editions
from database.engine import Reader, Writer, driver_url
from database.order_list import OrderFilter
from domain.beat import AssetKind
from domain.order import OrderStatus
from domain.reconciliation import PaidOrder, Returned
from domain.standing import RefundSeen, RefundState
from domain.webhook import REPORTED, REVIEWED

Query = Callable[[Writer], Awaitable[object]]
Statement = tuple[str, Any]


@dataclass(frozen=True)
class Sold:
    """An order to ask for: what its buyer, Stripe and an operator know it by."""

    order_id: str
    session_id: str
    payment_id: str
    email: str
    beat_id: str


async def some_sold(reader: Reader, count: int) -> list[Sold]:
    """COMPLETED orders from all over the table."""
    rows = await reader.sql.execute(
        text(
            "SELECT id, session_id, payment_id, customer_email, (SELECT beat_id FROM order_items "
            "WHERE order_id = orders.id AND line = 0) FROM orders "
            "WHERE status = 'COMPLETED' AND attention IS NULL AND id > 'ord_8' ORDER BY id LIMIT :n"
        ),
        {"n": count},
    )
    return [Sold(*row) for row in rows]


def of_orders(sold: list[Sold], now: datetime) -> dict[str, Query]:
    """What the API, the relay, the reconciliation and `beatline orders` ask about orders."""
    one = sold[0]
    late, month = now - timedelta(minutes=2), now.date() - timedelta(days=30)
    paid = [PaidOrder(each.order_id, each.session_id) for each in sold]
    ids = [each.order_id for each in sold]
    seen = RefundSeen("re_1", 100, 3999, RefundState.SENT)
    back = [Returned(each.payment_id, seen) for each in sold]

    def listed(**wanted: Any) -> Query:
        return lambda reader: order_list.find(reader, OrderFilter(**wanted), 50, now)

    completed, pending = (OrderStatus.COMPLETED,), (OrderStatus.PENDING,)
    return {
        "order by session": lambda reader: orders.find_by_session(reader, one.session_id),
        "order by id": lambda reader: orders.find(reader, one.order_id),
        "downloads of an order": lambda reader: grants.of_order(reader, one.order_id),
        "one file of an order": lambda reader: grants.find_file(
            reader, one.order_id, one.beat_id, AssetKind.STEMS
        ),
        "orders list": listed(),
        "orders list --stuck": listed(is_stuck=True),
        "orders list --attention": listed(needs_attention=True),
        "orders list --status COMPLETED": listed(statuses=completed),
        "orders list --status PENDING": listed(statuses=pending),
        "orders list --email": listed(email=one.email),
        "orders list --since 3d": listed(since=now - timedelta(days=3)),
        "orders show: standstill": lambda reader: order_list.standstill(reader, one.order_id, now),
        "orders show: by payment": lambda reader: order_record.id_of(reader, one.payment_id),
        "orders show: history": lambda reader: order_record.history(reader, one.order_id),
        "orders show: events": lambda reader: order_record.received(
            reader, one.order_id, one.payment_id
        ),
        "orders show: files": lambda reader: order_record.granted(reader, one.order_id),
        "inbox backlog": lambda reader: backlog.find(reader, now, 20),
        "relay's poll": lambda reader: inbox.undelivered(
            reader, older_than=timedelta(seconds=5), limit=100
        ),
        "reconciliation: paid at Stripe": lambda reader: reconciling.unpaid_among(
            reader, paid, late
        ),
        "reconciliation: unfulfilled": lambda reader: reconciling.unfulfilled(reader, late),
        "reconciliation: overdue": lambda reader: reconciling.overdue(reader, late),
        "reconciliation: returns": lambda reader: reconciling.unknown_returns(reader, back),
        "reconciliation: told again": lambda writer: inbox.requeue(writer, ids, REPORTED),
        "reconciliation: reviewed again": lambda writer: inbox.requeue(writer, ids, REVIEWED),
        "reconciliation: looked at": lambda writer: inbox.knock(writer, ids),
        "metrics: counts of 30 days": lambda reader: metrics.since(reader, month),
        "metrics: paid in 30 days": lambda reader: metrics.orders_placed_and_paid(reader, month),
    }


def of_catalogue(now: datetime) -> dict[str, Query]:
    """The catalogue's pages, each asked for by a process that has counted nothing yet."""

    def shown(field: str, *, falling: bool = False, offset: int = 0, **wanted: Any) -> Query:
        return lambda reader: page(
            reader,
            Editions(),
            BeatFilter(**wanted),
            now,
            order=SortOrder(field, falling),
            limit=12,
            offset=offset,
        )

    sorts = {
        f"{field}, {'falling' if falling else 'rising'}": shown(field, falling=falling)
        for field in ("createdAt", "title", "genre", "bpm", "price")
        for falling in (False, True)
    }
    return sorts | {
        "second page": shown("createdAt", falling=True, offset=12),
        "genre": shown("createdAt", falling=True, genre="Trap"),
        "key": shown("createdAt", falling=True, key="C"),
        "BPM": shown("bpm", bpm_min=90, bpm_max=92),
        "price": shown("price", price_min=2100, price_max=2600),
        "search, three letters or more": shown("createdAt", falling=True, search="dark"),
        "search, a rare word": shown("createdAt", falling=True, search="zzzzzz"),
        "a preview": lambda reader: find_asset(reader, "beat-7", AssetKind.PREVIEW),
    }


@asynccontextmanager
async def recording(url: str) -> AsyncIterator[tuple[Writer, list[Statement]]]:
    """A writer of whom nothing stays, and the statements that it has sent so far."""
    engine = create_async_engine(driver_url(url))
    sent: list[Statement] = []

    def note(*told: Any) -> None:
        sent.append((told[2], told[3]))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        async with engine.connect() as connection:
            yield Writer(connection), sent
    finally:
        await engine.dispose()


async def statements_of(writer: Writer, sent: list[Statement], query: Query) -> list[Statement]:
    """What a query sends; what it wrote is undone."""
    sent.clear()
    await query(writer)
    await writer.sql.rollback()
    return list(sent)


async def explain(writer: Writer, statement: Statement, options: str = "") -> dict[str, Any]:
    """What PostgreSQL says of its plan, told the very values that were sent; undone too."""
    sql, parameters = statement
    row = await writer.sql.exec_driver_sql(f"EXPLAIN (FORMAT JSON{options}) {sql}", parameters)
    told: dict[str, Any] = row.scalar_one()[0]
    await writer.sql.rollback()
    return told


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Every node of a plan that reads a table or an index."""
    found = [plan] if plan["Node Type"].endswith("Scan") else []
    return found + [scan for part in plan.get("Plans", []) for scan in scans(part)]


def utc_now() -> datetime:
    return datetime.now(UTC)
