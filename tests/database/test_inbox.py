"""The webhook inbox: each event once, and what became of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from database import backlog, checkout_requests, inbox
from database.checkout_requests import Progress
from database.engine import Database
from database.inbox import Kept
from database.tables import webhook_events
from domain.webhook import WebhookEvent
from tests.making import NOW, pay, place, publication, publish, request, session_of

EVENT = WebhookEvent("evt_1", "checkout.session.completed", "cs_1", "ord_1", "pi_1", NOW)


async def record(database: Database, event: WebhookEvent) -> bool:
    async with database.writing() as writer:
        return await inbox.record(writer, event) is not None


async def mark(database: Database, event_id: str, outcome: str) -> None:
    async with database.writing() as writer:
        await inbox.mark_delivered(writer, event_id, outcome)


async def undelivered(
    database: Database, older_than: timedelta = timedelta(0), limit: int = 10
) -> list[WebhookEvent]:
    async with database.reading() as reader:
        return await inbox.undelivered(reader, older_than=older_than, limit=limit)


async def age(database: Database, event_id: str, by: timedelta) -> None:
    received = webhook_events.c.received_at
    older = update(webhook_events).where(webhook_events.c.id == event_id)
    async with database.writing() as writer:
        await writer.sql.execute(older.values(received_at=received - by))


async def outcomes(database: Database) -> list[str | None]:
    async with database.reading() as reader:
        return list(await reader.sql.scalars(select(webhook_events.c.outcome)))


async def test_an_event_is_kept_once(database: Database) -> None:
    assert await record(database, EVENT)
    assert not await record(database, EVENT)
    assert await undelivered(database) == [EVENT]


async def test_what_is_known_of_an_order_comes_with_its_first_event(database: Database) -> None:
    await publish(database, publication())
    order_id = await place(database)
    async with database.writing() as writer:
        await checkout_requests.claim(writer, request(order_id="ord_asked_for"))
    session = session_of(order_id).id
    for order, progress in (
        (order_id, Progress(session)),
        ("ord_asked_for", Progress(None)),
        ("ord_stranger", None),
        (None, None),
    ):
        event = replace(EVENT, id=f"evt_{order}", order_id=order)
        async with database.recording() as recorder:
            assert await inbox.record(recorder, event) == Kept(progress)
            assert await inbox.record(recorder, event) is None


async def test_of_twenty_equal_events_at_once_one_is_fresh(database: Database) -> None:
    results = await asyncio.gather(*(record(database, EVENT) for _ in range(20)))
    assert sorted(results) == [False] * 19 + [True]


async def test_an_event_of_an_order_we_never_made_is_kept_too(database: Database) -> None:
    stray = replace(EVENT, id="evt_2", order_id=None)
    assert await record(database, stray)
    assert await undelivered(database) == [stray]


async def test_a_delivered_event_is_not_delivered_again(database: Database) -> None:
    await record(database, EVENT)
    await mark(database, "evt_1", "reported")
    assert await undelivered(database) == []
    assert not await record(database, EVENT)
    assert await undelivered(database) == []


async def test_the_first_note_on_an_event_stands(database: Database) -> None:
    await record(database, EVENT)
    await mark(database, "evt_1", "reported")
    await mark(database, "evt_1", "no_workflow")
    assert await outcomes(database) == ["reported"]


async def test_a_note_on_an_unknown_event_changes_nothing(database: Database) -> None:
    await record(database, EVENT)
    await mark(database, "evt_9", "reported")
    assert await outcomes(database) == [None]


async def test_the_oldest_undelivered_events_come_first(database: Database) -> None:
    for number in range(4):
        event = replace(EVENT, id=f"evt_{number}")
        await record(database, event)
        await age(database, event.id, timedelta(minutes=number))
    assert [event.id for event in await undelivered(database)] == [
        "evt_3",
        "evt_2",
        "evt_1",
        "evt_0",
    ]
    waiting = await undelivered(database, older_than=timedelta(seconds=90), limit=1)
    assert [event.id for event in waiting] == ["evt_3"]
    waiting = await undelivered(database, older_than=timedelta(seconds=90))
    assert [event.id for event in waiting] == ["evt_3", "evt_2"]


async def test_news_of_money_goes_before_other_news_that_is_a_little_older(
    database: Database,
) -> None:
    for event, kind, minutes in (
        ("evt_old", "charge.refunded", 2.0),
        ("evt_paid", "checkout.session.completed", 0.5),
        ("evt_settled", "checkout.session.async_payment_succeeded", 0.2),
        ("evt_expired", "checkout.session.expired", 0.9),
    ):
        await record(database, replace(EVENT, id=event, type=kind))
        await age(database, event, timedelta(minutes=minutes))
    waiting = [event.id for event in await undelivered(database)]
    assert waiting == ["evt_old", "evt_paid", "evt_settled", "evt_expired"]


async def put_off(database: Database, event_id: str) -> int:
    async with database.writing() as writer:
        return await inbox.put_off(writer, event_id, "INVALID_ARGUMENT")


async def wait_of(database: Database, event_id: str) -> timedelta:
    """How long an event waits before it is tried again."""
    wait = webhook_events.c.next_try_at - func.now()
    async with database.reading() as reader:
        found = await reader.sql.scalar(select(wait).where(webhook_events.c.id == event_id))
    assert isinstance(found, timedelta)
    return found


async def test_an_event_that_fails_waits_twice_as_long_each_time_up_to_an_end(
    database: Database,
) -> None:
    await record(database, EVENT)
    for attempt, seconds in enumerate([5, 10, 20, 40, 80, 160, 320, 600, 600], start=1):
        assert await put_off(database, "evt_1") == attempt
        wait = await wait_of(database, "evt_1")
        assert timedelta(seconds=seconds - 3) < wait <= timedelta(seconds=seconds)
        assert await undelivered(database) == []
    await mark(database, "evt_1", "reported")
    assert await put_off(database, "evt_1") == 0


async def test_an_event_that_is_told_again_is_tried_as_if_for_the_first_time(
    database: Database,
) -> None:
    await record(database, EVENT)
    await put_off(database, "evt_1")
    await mark(database, "evt_1", "reported")
    async with database.writing() as writer:
        assert await inbox.requeue(writer, ["ord_1"], [EVENT.type]) == 1
    assert await undelivered(database) == [EVENT]
    assert await put_off(database, "evt_1") == 1


async def test_events_are_told_again_by_their_order_or_by_its_payment(database: Database) -> None:
    await publish(database, publication())
    order_id = await place(database)
    await pay(database, order_id)
    for event, order, paid_by in (
        ("evt_order", order_id, None),
        ("evt_payment", None, f"pi_{order_id}"),
        ("evt_both", order_id, f"pi_{order_id}"),
        ("evt_other", "ord_other", "pi_other"),
    ):
        await record(database, replace(EVENT, id=event, order_id=order, payment_id=paid_by))
        await mark(database, event, "reported")
    async with database.writing() as writer:
        assert await inbox.requeue(writer, [order_id], ["charge.refunded"]) == 0
        assert await inbox.requeue(writer, [order_id, "ord_none"], [EVENT.type]) == 3
    told = {event.id for event in await undelivered(database)}
    assert told == {"evt_order", "evt_payment", "evt_both"}


async def test_more_orders_than_a_statement_has_parameters_are_told_of_again(
    database: Database,
) -> None:
    """As after weeks without Stripe's webhooks."""
    await record(database, EVENT)
    await mark(database, "evt_1", "reported")
    many = ["ord_1", *(f"ord_{number}" for number in range(2, 70_000))]
    async with database.writing() as writer:
        assert await inbox.requeue(writer, many, [EVENT.type]) == 1
        assert await inbox.knock(writer, many) == 0


async def test_events_that_fail_again_and_again_are_told_apart_from_those_that_wait(
    database: Database,
) -> None:
    for number in range(3):
        event = replace(EVENT, id=f"evt_{number}")
        await record(database, event)
        await age(database, event.id, timedelta(minutes=number))
    for _ in range(backlog.FAILING_AFTER):
        await put_off(database, "evt_2")
    async with database.reading() as reader:
        found = await backlog.find(reader, datetime.now(UTC), limit=5)
    assert [event.id for event in found.undelivered.oldest] == ["evt_1"]
    assert [(event.id, event.failure) for event in found.failing.oldest] == [
        ("evt_2", "INVALID_ARGUMENT")
    ]
    assert (found.undelivered.count, found.failing.count) == (1, 1)


async def test_an_event_that_nobody_answered_for_waits_behind_the_others(
    database: Database,
) -> None:
    for number in range(2):
        await record(database, replace(EVENT, id=f"evt_{number}"))
        await age(database, f"evt_{number}", timedelta(minutes=9 - number))
    async with database.writing() as writer:
        await inbox.put_last(writer, "evt_0")
    assert [event.id for event in await undelivered(database)] == ["evt_1", "evt_0"]
