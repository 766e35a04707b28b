"""Orders from state to state: forward only, each step taken and written down once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from database import orders
from database.engine import Database
from database.tables import orders as orders_table
from database.tables import users
from domain.money import Money
from domain.order import OrderStatus
from domain.payment import Customer
from tests.making import (
    BUYER,
    find,
    history,
    pay,
    payment,
    place,
    publication,
    publish,
    sell,
)

WAV_PRICE = Money(1999, "EUR")


@pytest.fixture
async def shop(database: Database) -> Database:
    """A database with two beats in its catalogue."""
    await publish(database, publication("dusk"), publication("dawn"))
    return database


async def record(database: Database, order_id: str, **changes: Any) -> bool:
    async with database.writing() as writer:
        facts = payment(order_id, WAV_PRICE, **changes)
        return await orders.record_payment(writer, order_id, facts)


async def advance(database: Database, order_id: str, status: OrderStatus) -> bool:
    async with database.writing() as writer:
        return await orders.advance(writer, order_id, status, "as tested")


async def test_a_payment_is_recorded_with_who_paid_and_how(shop: Database) -> None:
    order_id = await place(shop, customer_email="before@example.com")
    assert await record(shop, order_id)
    order = await find(shop, order_id)
    assert order.status is OrderStatus.PAID
    assert (order.customer_email, order.customer_name, order.customer_phone) == (
        BUYER,
        "A Buyer",
        "+3161234",
    )
    assert (order.payment_id, order.payment_method) == (f"pi_{order_id}", "card")
    assert order.paid_at == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    async with shop.reading() as reader:
        buyers = select(users.c.email).join(orders_table, orders_table.c.user_id == users.c.id)
        assert list(await reader.sql.scalars(buyers)) == ["buyer@example.com"]


async def test_a_payment_without_an_address_keeps_the_one_that_was_given(shop: Database) -> None:
    order_id = await place(shop, customer_email="before@example.com")
    assert await record(shop, order_id, customer=Customer())
    assert (await find(shop, order_id)).customer_email == "before@example.com"


async def test_two_orders_of_one_buyer_belong_to_one_user(shop: Database) -> None:
    for email in (BUYER, " buyer@EXAMPLE.com "):
        order_id = await place(shop)
        assert await record(shop, order_id, customer=Customer(email))
    async with shop.reading() as reader:
        owners = list(await reader.sql.scalars(select(orders_table.c.user_id)))
    assert len(owners) == 2
    assert len(set(owners)) == 1
    assert None not in owners


async def test_a_payment_is_recorded_once(shop: Database) -> None:
    order_id = await place(shop)
    assert await record(shop, order_id)
    before = await find(shop, order_id)
    assert not await record(shop, order_id, customer=Customer("thief@example.com"))
    assert await find(shop, order_id) == before
    assert [event for event, _ in await history(shop, order_id)] == [
        "placed",
        "session_opened",
        "paid",
    ]


async def test_of_twenty_racing_records_of_a_payment_one_counts(shop: Database) -> None:
    order_id = await place(shop)
    results = await asyncio.gather(*(record(shop, order_id) for _ in range(20)))
    assert sorted(results) == [False] * 19 + [True]
    assert [event for event, _ in await history(shop, order_id)].count("paid") == 1


@pytest.mark.parametrize("given_up", [OrderStatus.CANCELLED, OrderStatus.FAILED])
async def test_money_that_arrives_wins_over_an_order_given_up(
    shop: Database, given_up: OrderStatus
) -> None:
    order_id = await place(shop)
    assert await advance(shop, order_id, given_up)
    assert await record(shop, order_id)
    assert (await find(shop, order_id)).status is OrderStatus.PAID


@pytest.mark.parametrize(
    "status", [OrderStatus.COMPLETED, OrderStatus.REFUNDED, OrderStatus.DISPUTED]
)
async def test_a_late_report_of_a_payment_takes_back_no_later_state(
    shop: Database, status: OrderStatus
) -> None:
    order_id = await place(shop)
    await pay(shop, order_id)
    assert await advance(shop, order_id, status)
    before = await find(shop, order_id)
    assert not await record(shop, order_id)
    assert await find(shop, order_id) == before


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.FAILED])
async def test_a_paid_order_is_never_closed_as_unpaid(shop: Database, status: OrderStatus) -> None:
    paid = await place(shop)
    await pay(shop, paid)
    completed = await sell(shop)
    for order_id in (paid, completed):
        before, events = await find(shop, order_id), await history(shop, order_id)
        assert not await advance(shop, order_id, status)
        assert await find(shop, order_id) == before
        assert await history(shop, order_id) == events


async def test_of_two_racing_steps_only_one_is_taken(shop: Database) -> None:
    order_id = await place(shop)
    steps = [OrderStatus.CANCELLED, OrderStatus.FAILED] * 10
    results = await asyncio.gather(*(advance(shop, order_id, step) for step in steps))
    assert results.count(True) == 1
    taken = steps[results.index(True)]
    assert (await find(shop, order_id)).status is taken
    assert (await history(shop, order_id))[2:] == [(taken.lower(), {"reason": "as tested"})]


async def test_a_step_of_an_unknown_order_is_none(shop: Database) -> None:
    assert not await advance(shop, "ord_unheard_of", OrderStatus.CANCELLED)
    assert not await record(shop, "ord_unheard_of")
    async with shop.reading() as reader:
        assert await orders.find(reader, "ord_unheard_of") is None
        assert await orders.status_of(reader, "ord_unheard_of") is None
        assert await orders.session_of(reader, "ord_unheard_of") is None
        assert not await orders.is_placed(reader, "ord_unheard_of")


async def test_a_step_moves_the_time_of_the_last_change(shop: Database) -> None:
    order_id = await place(shop)
    before = await find(shop, order_id)
    assert await advance(shop, order_id, OrderStatus.CANCELLED)
    after = await find(shop, order_id)
    assert after.updated_at > before.updated_at
    assert after == replace(before, status=OrderStatus.CANCELLED, updated_at=after.updated_at)
