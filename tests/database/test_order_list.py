"""The list of orders: what is stuck comes first, and no list reads the whole table."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, text, update
from sqlalchemy.dialects import postgresql

from database import attention, order_events, order_list
from database.engine import Database
from database.order_list import ListedOrder, OrderFilter
from database.tables import orders, webhook_events
from domain.money import Money
from domain.order import Attention, OrderStatus, new_order_id
from domain.stuck import Standstill, Stuck
from tests.making import BUYER, NOW, TRACKOUT, pay, place, publication, publish, sell

EVERY = OrderFilter()
TOMORROW = NOW + timedelta(days=1)  # every page has closed by then

# An order a minute, for two weeks.
MANY = 20_000
REQUESTS = text(
    """
    INSERT INTO checkout_requests (order_id, kind, fingerprint, cart, success_url, cancel_url)
    SELECT 'ord_' || n, 'single', '', '[]', '', '' FROM generate_series(1, :many) n
    """
)
ORDERS = text(
    """
    INSERT INTO orders (
        id, kind, status, customer_email, total_minor, currency, paid_at, session_id,
        session_expires_at, success_url, cancel_url, created_at, attention, attention_since
    )
    SELECT 'ord_' || n, 'single',
        CASE n % 1000 WHEN 1 THEN 'PAID' WHEN 2 THEN 'PENDING' ELSE 'COMPLETED' END,
        'buyer' || n || '@example.com', 1999, 'EUR',
        CASE n % 1000 WHEN 2 THEN NULL ELSE now() END,
        'cs_' || n, now(), '', '', now() - n * interval '1 minute',
        CASE n % 1000 WHEN 3 THEN 'receipt_unsent' END, CASE n % 1000 WHEN 3 THEN now() END
    FROM generate_series(1, :many) n
    """
)


@pytest.fixture
async def shop(database: Database) -> Database:
    await publish(database, publication("dusk"))
    return database


async def listed(
    shop: Database, wanted: OrderFilter = EVERY, limit: int = 50, hours: float = 1
) -> list[ListedOrder]:
    async with shop.reading() as reader:
        return await order_list.find(reader, wanted, limit, NOW + timedelta(hours=hours))


async def aged(shop: Database, order_id: str, **values: Any) -> str:
    """Sets times of an order that the clock of the database set."""
    async with shop.writing() as writer:
        query = update(orders).where(orders.c.id == order_id)
        await writer.sql.execute(query.values({"created_at": NOW} | values))
    return order_id


async def flagged(shop: Database, order_id: str, why: Attention, minutes: int) -> str:
    async with shop.writing() as writer:
        await attention.flag(writer, order_id, why, "noted")
    return await aged(shop, order_id, attention_since=NOW + timedelta(minutes=minutes))


def reasons(found: list[ListedOrder]) -> list[tuple[str, Stuck | None]]:
    return [(each.id, each.standstill.why if each.standstill else None) for each in found]


async def test_stuck_orders_come_first_the_most_pressing_and_longest_waiting_of_them(
    shop: Database,
) -> None:
    fresh = await aged(shop, await place(shop), created_at=TOMORROW)
    sold = await aged(shop, await sell(shop), created_at=NOW + timedelta(hours=1))
    overdue = await aged(shop, await place(shop), session_expires_at=NOW)
    unopened = await aged(shop, await place(shop), session_id=None)
    paid = await place(shop)
    await pay(shop, paid)
    await aged(shop, paid, paid_at=NOW)
    unsent = await flagged(shop, await sell(shop), Attention.RECEIPT_UNSENT, 2)
    held = await flagged(shop, await place(shop), Attention.PAYMENT_DIFFERS, 1)
    stuck = [
        (held, Stuck.PAYMENT_DIFFERS),
        (unsent, Stuck.RECEIPT_UNSENT),
        (paid, Stuck.UNFULFILLED),
        (overdue, Stuck.OVERDUE),
        (unopened, Stuck.UNOPENED),
    ]
    assert reasons(await listed(shop)) == [*stuck, (fresh, None), (sold, None)]
    assert reasons(await listed(shop, replace(EVERY, is_stuck=True))) == stuck
    assert reasons(await listed(shop, limit=3)) == stuck[:3]
    assert reasons(await listed(shop, limit=6)) == [*stuck, (fresh, None)]
    assert reasons(await listed(shop, replace(EVERY, needs_attention=True))) == stuck[:2]


async def test_an_order_on_its_way_is_not_stuck(shop: Database) -> None:
    opened = await aged(shop, await place(shop))
    unopened = await aged(shop, await place(shop), session_id=None)
    paid = await place(shop)
    await pay(shop, paid)
    await aged(shop, paid, paid_at=NOW)
    found = await listed(shop, hours=0.03)
    assert {each.id for each in found} == {opened, unopened, paid}
    assert all(each.standstill is None for each in found)


async def heard(shop: Database, order_id: str, kind: str) -> None:
    """Stripe's word that a page was paid, or that money came that took its time."""
    event = {"id": f"evt_{kind}", "type": f"checkout.session.{kind}", "order_id": order_id}
    more = {"object_id": "cs_1", "created_at": NOW, "received_at": NOW}
    async with shop.writing() as writer:
        await writer.sql.execute(webhook_events.insert().values(event | more))


async def test_money_that_settles_late_does_not_make_an_order_stuck(shop: Database) -> None:
    order_id = await aged(shop, await place(shop), session_expires_at=NOW)
    await heard(shop, order_id, "completed")
    async with shop.writing() as writer:
        await order_events.note_once(writer, order_id, order_events.SETTLING)
    assert reasons(await listed(shop, hours=24)) == [(order_id, None)]
    async with shop.reading() as reader:
        assert await order_list.standstill(reader, order_id, TOMORROW) is None
    await heard(shop, order_id, "async_payment_succeeded")
    assert reasons(await listed(shop, hours=24)) == [(order_id, Stuck.UNCONFIRMED)]


async def test_a_payment_of_which_stripe_has_told_and_that_nobody_could_confirm_is_stuck(
    shop: Database,
) -> None:
    """As where the worker's key for Stripe is no longer good, or there is no worker."""
    order_id = await aged(shop, await place(shop), session_expires_at=TOMORROW)
    other = await aged(shop, await place(shop), created_at=NOW - timedelta(days=9))
    async with shop.writing() as writer:
        await order_events.note_once(writer, other, order_events.SETTLING)
    await heard(shop, order_id, "expired")
    assert reasons(await listed(shop, hours=1)) == [(order_id, None), (other, None)]
    await heard(shop, order_id, "completed")
    assert reasons(await listed(shop, hours=0.03)) == [(order_id, None), (other, None)]
    async with shop.reading() as reader:
        found = await order_list.standstill(reader, order_id, NOW + timedelta(hours=1))
    assert found == Standstill(Stuck.UNCONFIRMED, NOW)
    await pay(shop, order_id)
    assert reasons(await listed(shop, hours=0.03)) == [(order_id, None), (other, None)]


async def test_one_orders_standstill_is_told_with_its_time(shop: Database) -> None:
    order_id = await aged(shop, await place(shop), session_expires_at=NOW)
    async with shop.reading() as reader:
        found = await order_list.standstill(reader, order_id, TOMORROW)
        assert found == Standstill(Stuck.OVERDUE, NOW)
        assert await order_list.standstill(reader, new_order_id(), TOMORROW) is None


async def test_filters_narrow_the_list(shop: Database) -> None:
    early = await aged(shop, await sell(shop, ("dusk", TRACKOUT)), created_at=NOW)
    late = await aged(shop, await place(shop, customer_email="b@x.org"), created_at=TOMORROW)
    (found,) = await listed(shop, OrderFilter(statuses=(OrderStatus.COMPLETED,)))
    assert found == ListedOrder(
        id=early,
        status=OrderStatus.COMPLETED,
        total=Money(3999, "EUR"),
        refunded=Money(0, "EUR"),
        customer_email=BUYER,
        created_at=NOW,
        paid_at=NOW + timedelta(minutes=5),
        standstill=None,
    )
    by_email = await listed(shop, OrderFilter(email=f" {BUYER.upper()} "))
    assert [each.id for each in by_email] == [early]
    assert [each.id for each in await listed(shop, OrderFilter(since=TOMORROW))] == [late]
    both = OrderFilter(statuses=(OrderStatus.COMPLETED, OrderStatus.PENDING))
    assert [each.id for each in await listed(shop, both)] == [late, early]
    assert await listed(shop, OrderFilter(statuses=(OrderStatus.FAILED,))) == []


@pytest.fixture
async def busy_shop(shop: Database) -> Database:
    """A shop of many orders, nearly all of them COMPLETED; one in a thousand is stuck."""
    async with shop.writing() as writer:
        await writer.sql.execute(text("SET LOCAL statement_timeout = 0"))  # so many take a while
        for statement in (REQUESTS, ORDERS):
            await writer.sql.execute(statement, {"many": MANY})
    async with shop.reading() as reader:
        await reader.sql.execute(text("ANALYZE orders"))
    return shop


async def plan(shop: Database, query: Select[Any]) -> str:
    literal = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    async with shop.reading() as reader:
        rows = await reader.sql.scalars(text(f"EXPLAIN {str(literal).replace(':', chr(92) + ':')}"))
        return "\n".join(rows)


async def test_no_list_reads_the_whole_table(busy_shop: Database) -> None:
    rules = order_list._rules(TOMORROW)
    lists = [
        order_list._stuck_first(EVERY, rules),
        order_list._newest_first(EVERY, rules),
        order_list._newest_first(OrderFilter(statuses=(OrderStatus.COMPLETED,)), rules),
        order_list._newest_first(OrderFilter(statuses=(OrderStatus.PENDING,)), rules),
        order_list._newest_first(OrderFilter(email="buyer7@example.com"), rules),
        order_list._newest_first(OrderFilter(needs_attention=True), rules),
    ]
    for query in lists:
        told = await plan(busy_shop, query.limit(50))
        assert "Seq Scan on orders" not in told, told
        assert "Index" in told, told
