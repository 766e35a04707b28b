"""Orders in the books: placed once, as they were quoted, with one checkout session."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from database import catalog, checkout_requests, order_events, order_sessions, orders
from database.catalog_tables import beats
from database.engine import Database
from domain.cart import CartLine, quote
from domain.checkout import CheckoutRequest
from domain.money import Money
from domain.order import ItemBeat, OrderKind, OrderStatus, order_item_id
from domain.payment import CheckoutSession
from tests.making import (
    NOW,
    TRACKOUT,
    UNLIMITED,
    WAV,
    find,
    history,
    place,
    price_id,
    publication,
    publish,
    request,
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
    assert (second.id, second.beat.id) == (order_item_id(order.id, 1), "dawn")


async def test_an_item_shows_the_beat_that_it_is_of(shop: Database) -> None:
    (item,) = (await find(shop, await place(shop, ("dawn", WAV)))).items
    assert item.beat == ItemBeat(
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
        assert not await order_sessions.attach(writer, order_id, other)
    order = await find(shop, order_id)
    session = session_of(order_id)
    assert (order.session_id, order.session_url) == (session.id, session.url)
    assert order.session_expires_at == session.expires_at
    async with shop.reading() as reader:
        assert await orders.find_by_session(reader, session.id) == order
        assert await orders.find_by_session(reader, other.id) is None


async def test_a_session_that_another_took_the_place_of_still_finds_its_order(
    shop: Database,
) -> None:
    order_id = await place(shop)
    paid = replace(session_of(order_id), id="cs_test_paid_first")
    async with shop.writing() as writer:
        assert await order_sessions.adopt(writer, order_id, paid)
    order = await find(shop, order_id)
    async with shop.reading() as reader:
        for session_id in ("cs_test_paid_first", session_of(order_id).id):
            assert await orders.find_by_session(reader, session_id) == order
        assert await orders.find_by_session(reader, "cs_test_never_seen") is None


async def test_an_order_that_was_closed_takes_no_session(shop: Database) -> None:
    asked = request()
    async with shop.writing() as writer:
        await checkout_requests.claim(writer, asked)
    assert await place_again(shop, asked)
    async with shop.writing() as writer:
        closed = await order_sessions.close_unopened(
            writer, asked.order_id, OrderStatus.CANCELLED, "as tested"
        )
        assert closed is None
        assert not await order_sessions.attach(writer, asked.order_id, session_of(asked.order_id))
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
                return await order_sessions.attach(writer, order_id, session_of(order_id))

        async def close(order_id: str = asked.order_id) -> CheckoutSession | None:
            async with shop.writing() as writer:
                return await order_sessions.close_unopened(
                    writer, order_id, OrderStatus.CANCELLED, "as tested"
                )

        attached, session = await asyncio.gather(attach(), close())
        order = await find(shop, asked.order_id)
        assert attached == (order.status is OrderStatus.PENDING) == (session is not None)


async def test_an_attempt_is_spent_once(shop: Database) -> None:
    order_id = await place(shop)
    for _ in range(2):  # two attempts of one activity may both find the key spent
        async with shop.writing() as writer:
            await order_sessions.spend_attempt(writer, order_id, 1)
    assert (await find(shop, order_id)).checkout_attempt == 2


async def test_the_same_line_is_noted_once_where_once_is_enough(shop: Database) -> None:
    order_id = await place(shop)
    for amount in ("1.00 EUR", "1.00 EUR", "2.00 EUR"):
        async with shop.writing() as writer:
            await order_events.note_once(writer, order_id, "payment_held", amount=amount)
    assert (await history(shop, order_id))[2:] == [
        ("payment_held", {"amount": "1.00 EUR"}),
        ("payment_held", {"amount": "2.00 EUR"}),
    ]
