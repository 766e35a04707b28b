"""Orders in the books: placed once, moved forward only, each step written down once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from database import catalog, checkout_requests, orders
from database.engine import Database
from database.tables import beats, order_events, users
from database.tables import orders as orders_table
from domain.cart import CartLine, quote
from domain.checkout import CheckoutRequest
from domain.money import Money
from domain.order import ItemBeat, OrderKind, OrderStatus, order_item_id
from domain.payment import CheckoutSession, Customer
from tests.making import (
    BUYER,
    NOW,
    TRACKOUT,
    UNLIMITED,
    WAV,
    find,
    pay,
    payment,
    place,
    price_id,
    publication,
    publish,
    request,
    sell,
    session_of,
)

WAV_PRICE = Money(1999, "EUR")


@pytest.fixture
async def shop(database: Database) -> Database:
    """A database with two beats in its catalogue."""
    await publish(database, publication("dusk"), publication("dawn"))
    return database


async def place_again(database: Database, asked: CheckoutRequest) -> bool:
    async with database.writing() as writer:
        listed = await catalog.listed_for(writer, asked.cart)
        return await orders.place(writer, asked, quote(asked.cart, listed, NOW))


async def history(database: Database, order_id: str) -> list[tuple[str, dict[str, str]]]:
    columns = order_events.c
    query = select(columns.type, columns.detail).where(columns.order_id == order_id)
    async with database.reading() as reader:
        rows = await reader.sql.execute(query.order_by(columns.id))
        return [(row.type, row.detail) for row in rows]


async def record(database: Database, order_id: str, **changes: Any) -> bool:
    async with database.writing() as writer:
        facts = payment(order_id, WAV_PRICE, **changes)
        return await orders.record_payment(writer, order_id, facts)


async def advance(database: Database, order_id: str, status: OrderStatus) -> bool:
    async with database.writing() as writer:
        return await orders.advance(writer, order_id, status, "as tested")


async def test_an_order_holds_its_lines_as_they_were_quoted(shop: Database) -> None:
    lines = [CartLine(2, price_id("dusk", TRACKOUT)), CartLine(1, price_id("dawn", WAV))]
    asked = request(*lines, kind=OrderKind.SINGLE, customer_email="a@example.com")
    async with shop.writing() as writer:
        await checkout_requests.claim(writer, asked)
    assert await place_again(shop, asked)
    order = await find(shop, asked.order_id)
    assert (order.kind, order.status) == (OrderKind.SINGLE, OrderStatus.PENDING)
    assert (order.total, order.refunded) == (Money(9997, "EUR"), Money(0, "EUR"))
    assert (order.customer_email, order.session_id, order.paid_at) == ("a@example.com", None, None)
    assert (order.success_url, order.cancel_url) == (asked.success_url, asked.cancel_url)
    first, second = order.items
    assert first.id == order_item_id(order.id, 0)
    assert (first.quantity, first.unit_price, first.total) == (
        2,
        Money(3999, "EUR"),
        Money(7998, "EUR"),
    )
    assert (first.license_type, first.price_id) == (TRACKOUT, price_id("dusk", TRACKOUT))
    assert first.usage_rights == TRACKOUT.terms.usage_rights
    assert [item.has_stems for item in order.items] == [True, False]
    assert second.beat == ItemBeat(
        id="dawn",
        title="Dawn",
        genre="Trap",
        bpm=120,
        key="A",
        mode="minor",
        duration_seconds=125,
        artwork_url="https://files.example/dawn/artwork.png",
        is_exclusive=False,
        featured=False,
    )


async def test_placing_an_order_again_changes_nothing(shop: Database) -> None:
    asked = request()
    async with shop.writing() as writer:
        await checkout_requests.claim(writer, asked)
    assert await place_again(shop, asked)
    before = await find(shop, asked.order_id)
    assert not await place_again(shop, asked)
    assert await find(shop, asked.order_id) == before
    assert await history(shop, asked.order_id) == [("placed", {"total": "19.99 EUR"})]


async def test_a_later_price_or_withdrawal_changes_no_sale(shop: Database) -> None:
    order_id = await place(shop, ("dusk", UNLIMITED))
    before = await find(shop, order_id)
    await publish(shop, publication("dusk", is_active=False, prices={}))
    assert await find(shop, order_id) == before


async def test_rights_are_frozen_on_the_item(shop: Database) -> None:
    order_id = await place(shop, ("dusk", UNLIMITED))
    async with shop.writing() as writer:
        await writer.sql.execute(update(beats).values(has_stems=False))
    (item,) = (await find(shop, order_id)).items
    assert item.has_stems
    assert item.usage_rights == (
        "Non-exclusive rights",
        "Commercial use",
        "Streaming",
        "Unlimited distribution",
    )


async def test_an_order_keeps_its_first_session(shop: Database) -> None:
    order_id = await place(shop)
    other = CheckoutSession("cs_test_other", "https://pay.example/other", NOW)
    async with shop.writing() as writer:
        assert not await orders.attach_session(writer, order_id, other)
    order = await find(shop, order_id)
    session = session_of(order_id)
    assert (order.session_id, order.session_url) == (session.id, session.url)
    assert order.session_expires_at == session.expires_at
    async with shop.reading() as reader:
        assert await orders.find_by_session(reader, session.id) == order
        assert await orders.find_by_session(reader, other.id) is None


async def test_an_order_that_was_closed_takes_no_session(shop: Database) -> None:
    asked = request()
    async with shop.writing() as writer:
        await checkout_requests.claim(writer, asked)
    assert await place_again(shop, asked)
    async with shop.writing() as writer:
        closed = await orders.close_unopened(
            writer, asked.order_id, OrderStatus.CANCELLED, "as tested"
        )
        assert closed is None
        assert not await orders.attach_session(writer, asked.order_id, session_of(asked.order_id))
    order = await find(shop, asked.order_id)
    assert (order.status, order.session_id) == (OrderStatus.CANCELLED, None)


async def test_of_a_racing_session_and_closing_one_wins(shop: Database) -> None:
    for _ in range(10):
        asked = request()
        async with shop.writing() as writer:
            await checkout_requests.claim(writer, asked)
        await place_again(shop, asked)

        async def attach(order_id: str = asked.order_id) -> bool:
            async with shop.writing() as writer:
                return await orders.attach_session(writer, order_id, session_of(order_id))

        async def close(order_id: str = asked.order_id) -> CheckoutSession | None:
            async with shop.writing() as writer:
                return await orders.close_unopened(
                    writer, order_id, OrderStatus.CANCELLED, "as tested"
                )

        attached, session = await asyncio.gather(attach(), close())
        order = await find(shop, asked.order_id)
        assert attached == (order.status is OrderStatus.PENDING) == (session is not None)


async def test_an_attempt_is_spent_once(shop: Database) -> None:
    order_id = await place(shop)
    for _ in range(2):  # two attempts of one activity may both find the key spent
        async with shop.writing() as writer:
            await orders.spend_attempt(writer, order_id, 1)
    assert (await find(shop, order_id)).checkout_attempt == 2


async def test_the_same_line_is_noted_once_where_once_is_enough(shop: Database) -> None:
    order_id = await place(shop)
    for amount in ("1.00 EUR", "1.00 EUR", "2.00 EUR"):
        async with shop.writing() as writer:
            await orders.note_once(writer, order_id, "payment_held", amount=amount)
    assert (await history(shop, order_id))[2:] == [
        ("payment_held", {"amount": "1.00 EUR"}),
        ("payment_held", {"amount": "2.00 EUR"}),
    ]


async def test_a_payment_is_recorded_with_who_paid_and_how(shop: Database) -> None:
    order_id = await place(shop, customer_email="before@example.com")
    assert await record(shop, order_id)
    order = await find(shop, order_id)
    assert order.status is OrderStatus.PAID
    assert (order.customer_email, order.customer_name, order.customer_phone) == (
        BUYER,
        "Ada Buyer",
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
