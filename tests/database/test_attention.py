"""Orders that wait for a person for several reasons: none is forgotten for another."""

from itertools import permutations

import pytest
from sqlalchemy import select

from database import attention, receipts, standings
from database.engine import Database
from database.tables import orders
from domain.order import Attention, OrderStatus
from domain.standing import RefundSeen, RefundState
from tests.making import find, history, pay, place, publication, publish, sell

KEPT, CAME_BACK = Attention.SECOND_PAYMENT_KEPT, Attention.REFUND_FAILED
DIFFERS, UNSENT = Attention.PAYMENT_DIFFERS, Attention.RECEIPT_UNSENT


@pytest.fixture
async def shop(database: Database) -> Database:
    await publish(database, publication("dusk"))
    return database


async def flag(shop: Database, order_id: str, *reasons: Attention) -> None:
    for why in reasons:
        async with shop.recording() as recorder:
            await attention.flag(recorder, order_id, why, f"{why}_noted")


async def clear(shop: Database, order_id: str, *reasons: Attention) -> None:
    for why in reasons:
        async with shop.recording() as recorder:
            await attention.clear(recorder, order_id, why)


async def waits(shop: Database, order_id: str) -> tuple[Attention | None, set[Attention]]:
    """What the order waits for first, and what else."""
    order = await find(shop, order_id)
    assert order.attention is None or order.attention in order.waits_for
    return order.attention, set(order.waits_for) - {order.attention}


@pytest.mark.parametrize("raised", [*permutations([KEPT, CAME_BACK, UNSENT])])
async def test_the_most_pressing_reason_is_shown_in_whatever_order_they_came(
    shop: Database, raised: tuple[Attention, ...]
) -> None:
    order_id = await sell(shop)
    await flag(shop, order_id, *raised, *raised)
    assert await waits(shop, order_id) == (KEPT, {CAME_BACK, UNSENT})
    noted = [event for event, _ in await history(shop, order_id) if event.endswith("_noted")]
    assert noted == [f"{why}_noted" for why in raised]
    await clear(shop, order_id, CAME_BACK)
    assert await waits(shop, order_id) == (KEPT, {UNSENT})
    await clear(shop, order_id, KEPT)
    assert await waits(shop, order_id) == (UNSENT, set())
    await clear(shop, order_id, KEPT, UNSENT)
    assert await waits(shop, order_id) == (None, set())


async def test_each_reason_keeps_the_time_at_which_it_was_raised(shop: Database) -> None:
    order_id = await sell(shop)

    async def since() -> object:
        async with shop.reading() as reader:
            return await reader.sql.scalar(
                select(orders.c.attention_since).where(orders.c.id == order_id)
            )

    await flag(shop, order_id, UNSENT)
    at_first = await since()
    await flag(shop, order_id, KEPT)
    then = await since()
    await flag(shop, order_id, CAME_BACK, UNSENT)
    assert await since() == then != at_first
    await clear(shop, order_id, KEPT, CAME_BACK)
    assert await since() == at_first


async def test_a_second_payment_is_not_forgotten_when_the_first_is_decided(shop: Database) -> None:
    order_id = await place(shop)
    await flag(shop, order_id, KEPT, DIFFERS)
    assert await waits(shop, order_id) == (DIFFERS, {KEPT})
    await pay(shop, order_id)
    assert await waits(shop, order_id) == (KEPT, set())


async def test_a_receipt_that_is_sent_at_last_takes_nothing_else_off_the_list(
    shop: Database,
) -> None:
    order_id = await sell(shop)
    await flag(shop, order_id, CAME_BACK)
    async with shop.recording() as recorder:
        await receipts.record_failed(recorder, order_id, 1, "the mail server is away")
    assert await waits(shop, order_id) == (CAME_BACK, {UNSENT})
    async with shop.recording() as recorder:
        await receipts.record_sent(recorder, order_id, 1)
    assert await waits(shop, order_id) == (CAME_BACK, set())


async def test_what_nobody_need_decide_any_more_falls_with_the_status(shop: Database) -> None:
    order_id = await sell(shop)
    await flag(shop, order_id, KEPT, CAME_BACK, UNSENT)
    async with shop.writing() as writer:
        back = RefundSeen("re_1", 1999, 1999, RefundState.SENT)
        change = await standings.learn(writer, order_id, back)
    assert change.now.status is OrderStatus.REFUNDED
    assert await waits(shop, order_id) == (KEPT, set())
