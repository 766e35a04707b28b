"""Claims on an order id: one winner, whoever races."""

import asyncio

import pytest
from sqlalchemy import text

from database import checkout_requests, order_sessions
from database.engine import Database
from domain.cart import CartLine
from domain.checkout import CheckoutRequest
from domain.errors import IdempotencyConflict
from domain.order import OrderKind, order_id_for
from tests.making import TRACKOUT, place, publication, publish, request, session_of
from tests.waiting import until

ORDER_ID = order_id_for("0f8fad5b-d9cb-469f-a165")
ASKED = request(order_id=ORDER_ID)
OTHER_BODY = request(order_id=ORDER_ID, fingerprint="0" * 64)


async def claim(database: Database, wanted: CheckoutRequest) -> bool:
    async with database.writing() as writer:
        return await checkout_requests.claim(writer, wanted)


async def found(database: Database) -> CheckoutRequest | None:
    async with database.reading() as reader:
        return await checkout_requests.find(reader, ORDER_ID)


async def somebody_waits(database: Database) -> bool:
    """Whether a statement waits for another one's lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with database.reading() as reader:
        return bool(await reader.sql.scalar(query))


async def test_a_request_is_found_just_as_it_was_made(database: Database) -> None:
    lines = (CartLine(3, "price_1"), CartLine(1, None, "dusk", TRACKOUT))
    for email in (None, "Payer@Example.com"):
        made = request(*lines, kind=OrderKind.SINGLE, customer_email=email)
        assert await claim(database, made)
        async with database.reading() as reader:
            assert await checkout_requests.find(reader, made.order_id) == made


async def test_the_same_request_again_claims_nothing(database: Database) -> None:
    assert await claim(database, ASKED)
    assert not await claim(database, ASKED)
    assert await found(database) == ASKED


async def test_another_body_under_the_same_key_is_a_conflict(database: Database) -> None:
    assert await claim(database, ASKED)
    with pytest.raises(IdempotencyConflict):
        await claim(database, OTHER_BODY)
    assert await found(database) == ASKED


async def test_of_twenty_racing_claims_exactly_one_wins(database: Database) -> None:
    results = await asyncio.gather(*(claim(database, ASKED) for _ in range(20)))
    assert sorted(results) == [False] * 19 + [True]
    assert await found(database) == ASKED


async def test_of_twenty_racing_claims_of_two_bodies_one_body_stands(database: Database) -> None:
    racing = [claim(database, each) for each in (ASKED, OTHER_BODY) * 10]
    results = await asyncio.gather(*racing, return_exceptions=True)
    assert results.count(True) == 1
    assert results.count(False) == 9
    assert sum(isinstance(result, IdempotencyConflict) for result in results) == 10
    winner = (ASKED, OTHER_BODY)[results.index(True) % 2]
    assert await found(database) == winner


async def test_a_competitor_waits_and_then_sees_the_winner(database: Database) -> None:
    async with database.writing() as writer:
        assert await checkout_requests.claim(writer, ASKED)
        competitor = asyncio.create_task(claim(database, OTHER_BODY))
        await until(lambda: somebody_waits(database))
        assert not competitor.done()
    with pytest.raises(IdempotencyConflict):
        await competitor


async def test_a_claim_taken_back_frees_its_key_for_whoever_waits(database: Database) -> None:
    competitors: list[asyncio.Task[bool]] = []

    async def claim_and_refuse() -> None:
        async with database.writing() as writer:
            assert await checkout_requests.claim(writer, ASKED)
            competitors.append(asyncio.create_task(claim(database, OTHER_BODY)))
            await until(lambda: somebody_waits(database))
            raise LookupError("the cart cannot be sold")

    with pytest.raises(LookupError):
        await claim_and_refuse()
    assert await asyncio.gather(*competitors) == [True]
    assert await found(database) == OTHER_BODY


async def test_a_request_leads_to_its_session_once_there_is_one(database: Database) -> None:
    await publish(database, publication())
    assert await claim(database, ASKED)
    placed = await place(database)
    async with database.reading() as reader:
        assert await order_sessions.find(reader, ORDER_ID) is None
        assert await order_sessions.find(reader, placed) == session_of(placed)
        assert await checkout_requests.find(reader, "ord_unheard_of") is None
