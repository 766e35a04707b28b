"""What the relay delivers later: events that were kept, each for itself."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import text

from api.webhooks import RELAY_AT_ONCE
from database.engine import Database
from domain.errors import Unavailable
from tests.api.webhook_calls import (
    Temporal,
    call,
    claim_order,
    desk,
    grow_old,
    inbox,
    is_told,
    take,
    tried,
)
from tests.waiting import until


@pytest.fixture(autouse=True)
async def known_order(database: Database) -> None:
    """The order that the events are about."""
    await claim_order(database)


async def test_while_temporal_is_away_events_are_kept_and_delivered_later(
    database: Database,
) -> None:
    temporal = Temporal()
    temporal.failure = Unavailable("Temporal")
    taking = desk(database, temporal)
    await take(taking, *call("evt_1"))
    assert await inbox(database) == [("evt_1", None)]
    temporal.failure = None
    await grow_old(database)
    relay = asyncio.create_task(taking.relay())

    async def is_reported() -> bool:
        return await inbox(database) == [("evt_1", "reported")]

    await until(is_reported)
    relay.cancel()
    assert temporal.taken == ["evt_1"]


async def test_one_event_that_breaks_us_does_not_stand_before_the_others(
    database: Database,
) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    temporal.failure = Unavailable("Temporal")
    await take(taking, *call("evt_1"))
    await take(taking, *call("evt_2"))
    await grow_old(database)
    temporal.failure, temporal.breaks_on = None, "evt_1"
    relay = asyncio.create_task(taking.relay())
    await until(partial(is_told, database, "evt_2"))
    temporal.breaks_on = None
    assert await tried(database, "evt_1") == 1
    await until(partial(is_told, database, "evt_1"))
    relay.cancel()


async def test_twenty_events_that_never_can_be_delivered_do_not_stand_before_one_that_can(
    database: Database,
) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    temporal.failure = Unavailable("Temporal")
    poison = [f"evt_poison{number:02}" for number in range(20)]
    for event_id in [*poison, "evt_sound"]:
        await take(taking, *call(event_id))
    await grow_old(database)
    temporal.failure, temporal.poison = None, set(poison)
    relay = asyncio.create_task(taking.relay())
    await until(partial(is_told, database, "evt_sound"))
    assert temporal.taken == ["evt_sound"]

    async def is_put_off() -> bool:
        query = "SELECT count(*) FROM webhook_events WHERE failure LIKE '%INVALID_ARGUMENT'"
        async with database.reading() as reader:
            return bool(await reader.sql.scalar(text(query)) == 20)

    await until(is_put_off)
    relay.cancel()


async def test_one_event_that_is_never_answered_lets_the_others_go_first(
    database: Database,
) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    temporal.failure = Unavailable("Temporal")
    for event_id in ("evt_1", "evt_2"):
        await take(taking, *call(event_id))
    await grow_old(database)
    temporal.failure, temporal.unanswered = None, "evt_1"
    relay = asyncio.create_task(taking.relay())
    await until(partial(is_told, database, "evt_2"))
    assert await tried(database, "evt_1") == 0  # it was not its fault, as far as anybody knows
    relay.cancel()


async def test_while_temporal_is_away_a_round_ends_with_the_first_few(database: Database) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    temporal.failure = Unavailable("Temporal")
    for number in range(20):
        await take(taking, *call(f"evt_{number}"))
    await grow_old(database)
    temporal.asked = 0
    with pytest.raises(Unavailable):
        await taking._relay_batch()
    assert temporal.asked == RELAY_AT_ONCE
