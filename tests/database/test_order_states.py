"""Orders from state to state: forward only, each step taken and written down once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from database import order_sessions, orders, standings
from database.catalog_tables import users
from database.engine import Database
from database.tables import orders as orders_table
from domain.errors import OrderNotFound
from domain.money import Money
from domain.order import OrderStatus
from domain.payment import Customer
from domain.standing import (
    DisputeSeen,
    DisputeState,
    DownloadsGranted,
    Fact,
    GivenUp,
    RefundSeen,
    RefundState,
)
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
        return (await standings.record_payment(writer, order_id, facts, WAV_PRICE)).is_news


async def learn(database: Database, order_id: str, *facts: Fact) -> bool:
    async with database.writing() as writer:
        change = await standings.learn(writer, order_id, *facts, why={"reason": "as tested"})
        return change.is_news


async def give_up(database: Database, order_id: str, status: OrderStatus) -> bool:
    return await learn(database, order_id, GivenUp(status))


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
    assert await give_up(shop, order_id, given_up)
    assert await record(shop, order_id)
    assert (await find(shop, order_id)).status is OrderStatus.PAID


LATER: dict[OrderStatus, Fact] = {
    OrderStatus.COMPLETED: DownloadsGranted(),
    OrderStatus.REFUNDED: RefundSeen("re_1", 1999, 1999, RefundState.SENT),
    OrderStatus.DISPUTED: DisputeSeen("du_1", DisputeState.OPEN),
}


@pytest.mark.parametrize("status", LATER)
async def test_a_late_report_of_a_payment_takes_back_no_later_state(
    shop: Database, status: OrderStatus
) -> None:
    order_id = await place(shop)
    await pay(shop, order_id)
    assert await learn(shop, order_id, LATER[status])
    assert (await find(shop, order_id)).status is status
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
        assert not await give_up(shop, order_id, status)
        assert await find(shop, order_id) == before
        assert await history(shop, order_id) == events


async def test_what_twenty_learn_at_once_adds_up_and_is_noted_once(shop: Database) -> None:
    order_id = await place(shop)
    await pay(shop, order_id)
    half = RefundSeen("re_1", 999, 1999, RefundState.SENT)
    dispute = DisputeSeen("du_1", DisputeState.OPEN)
    won = replace(dispute, state=DisputeState.WON)
    facts: list[Fact] = [DownloadsGranted(), half, dispute, won] * 5
    news = await asyncio.gather(*(learn(shop, order_id, fact) for fact in facts))
    order = await find(shop, order_id)
    assert (order.status, order.refunded) == (OrderStatus.COMPLETED, Money(999, "EUR"))
    lines = [event for event, _ in await history(shop, order_id)][3:]
    assert len(lines) == news.count(True) == len(set(lines))
    assert {"completed", "refunded_in_part", "dispute_won"} <= set(lines)


async def test_what_is_learned_is_found_again_as_it_was(shop: Database) -> None:
    order_id = await place(shop)
    await pay(shop, order_id)
    sent = RefundSeen("re_1", 1000, 1999, RefundState.SENT, "a wish")
    failed = RefundSeen("re_2", 999, 1999, RefundState.FAILED)
    facts: list[Fact] = [sent, failed, DisputeSeen("du_1", DisputeState.OPEN), DownloadsGranted()]
    async with shop.writing() as writer:
        told = (await standings.learn(writer, order_id, *facts)).now
    async with shop.writing() as writer:
        assert await standings.look(writer, order_id) == told
    lines = await history(shop, order_id)
    assert ("refunded_in_part", {"refunded": "10.00 EUR", "refund": "re_1"}) in lines
    assert ("refund_failed", {"refunded": "10.00 EUR", "refund": "re_2"}) in lines


async def test_of_two_looks_at_a_dispute_the_later_one_holds(shop: Database) -> None:
    order_id = await sell(shop)
    morning = datetime(2026, 11, 23, 9, tzinfo=UTC)

    async def seen(state: DisputeState, hours: int) -> OrderStatus:
        look = DisputeSeen("du_1", state, morning + timedelta(hours=hours))
        await learn(shop, order_id, look)
        return (await find(shop, order_id)).status

    assert await seen(DisputeState.LOST, 1) is OrderStatus.DISPUTED
    assert await seen(DisputeState.WON, 3) is OrderStatus.COMPLETED  # the buyer withdrew
    assert await seen(DisputeState.OPEN, 2) is OrderStatus.COMPLETED  # a look that came late
    assert await seen(DisputeState.OPEN, 4) is OrderStatus.DISPUTED  # an appeal
    lines = [event for event, _ in await history(shop, order_id)]
    assert lines[-3:] == ["dispute_lost", "dispute_won", "dispute_open"]


async def test_facts_of_an_unknown_order_are_refused(shop: Database) -> None:
    with pytest.raises(OrderNotFound):
        await give_up(shop, "ord_unheard_of", OrderStatus.CANCELLED)
    with pytest.raises(OrderNotFound):
        await record(shop, "ord_unheard_of")
    async with shop.reading() as reader:
        assert await orders.find(reader, "ord_unheard_of") is None
        assert await orders.status_of(reader, "ord_unheard_of") is None
        assert await order_sessions.find(reader, "ord_unheard_of") is None
        assert await orders.summary_of(reader, "ord_unheard_of") is None


async def test_a_step_moves_the_time_of_the_last_change(shop: Database) -> None:
    order_id = await place(shop)
    before = await find(shop, order_id)
    assert await give_up(shop, order_id, OrderStatus.CANCELLED)
    after = await find(shop, order_id)
    assert after.updated_at > before.updated_at
    assert after == replace(before, status=OrderStatus.CANCELLED, updated_at=after.updated_at)
