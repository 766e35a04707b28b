"""A buyer who sees an order PENDING has Stripe asked about it: soon, and ever more seldom."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace

import pytest

from api.visits import KEPT_IN_MIND, VISIT, Visits
from database.engine import Database
from domain.errors import Unavailable
from domain.order import Attention, Order
from temporal.client import WorkflowEnded
from tests.making import find, order, place, publication, publish, sell
from tests.waiting import meanwhile
from workflows.checkout import PaymentReported


@dataclass
class Temporal:
    """Takes reports, or behaves as a Temporal that is away or a checkout that has ended."""

    failures: list[Exception] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def report(self, order_id: str, report: PaymentReported) -> None:
        assert report == VISIT
        self.told.append(order_id)
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class Room:
    """Visits on a clock of our own."""

    visits: Visits
    temporal: Temporal
    seconds: list[float]

    async def after(self, seconds: float, *seen: Order) -> int:
        """Lets time pass, and buyers look; how often a checkout has been told since the start."""
        self.seconds[0] += seconds
        for each in seen:
            self.visits.seen(each)
        await self.visits._round()
        return len(self.temporal.told)


@pytest.fixture
def room(database: Database) -> Room:
    temporal, seconds = Temporal(), [1000.0]
    return Room(Visits(database, temporal, lambda: seconds[0]), temporal, seconds)


@pytest.fixture
async def pending(database: Database) -> Order:
    await publish(database, publication())
    return await find(database, await place(database))


async def test_a_buyer_who_waits_has_stripe_asked_once_its_word_is_late(
    room: Room, pending: Order
) -> None:
    assert await room.after(0, pending) == 0
    assert await room.after(1.4) == 0
    assert await room.after(0.2) == 1
    assert room.temporal.told == [pending.id]


async def test_a_buyer_who_looked_once_has_it_asked_once(room: Room, pending: Order) -> None:
    await room.after(0, pending)
    for _ in range(5):
        told = await room.after(120)
    assert told == 1


async def test_who_goes_on_waiting_is_asked_for_ever_more_seldom(
    room: Room, pending: Order
) -> None:
    told = [await room.after(0.5, pending) for _ in range(120)]  # a minute
    rounds = [number for number in range(1, 120) if told[number] > told[number - 1]]
    pauses = [later - earlier for earlier, later in itertools.pairwise(rounds)]
    assert pauses == sorted(pauses)
    assert told[-1] == 9
    assert pauses[0] == 4  # half seconds


async def test_a_paid_or_held_order_needs_no_question(
    room: Room, database: Database, pending: Order
) -> None:
    sold = await find(database, await sell(database))
    held = replace(pending, attention=Attention.PAYMENT_DIFFERS)
    await room.after(0, sold, held)
    assert await room.after(60) == 0


async def test_an_order_that_was_paid_meanwhile_is_not_asked_about(
    room: Room, database: Database, pending: Order
) -> None:
    sold = await sell(database)
    await room.after(0, replace(pending, id=sold))
    assert await room.after(60) == 0


@pytest.mark.parametrize("failure", [WorkflowEnded(), Unavailable("Temporal")])
async def test_a_checkout_that_does_not_take_it_is_told_at_the_next_visit(
    room: Room, pending: Order, failure: Exception
) -> None:
    room.temporal.failures = [failure]
    room.seconds[0] += 0
    room.visits.seen(pending)
    running = asyncio.create_task(room.visits.run())
    room.seconds[0] += 2
    await meanwhile(lambda: len(room.temporal.told) == 1)
    room.visits.seen(pending)
    room.seconds[0] += 3
    await meanwhile(lambda: len(room.temporal.told) == 2)
    running.cancel()


async def test_what_could_not_be_told_is_told_soon_without_another_look(
    room: Room, pending: Order
) -> None:
    room.temporal.failures = [Unavailable("Temporal")]
    await room.after(0, pending)
    assert await room.after(2) == 1
    assert await room.after(1.4) == 1
    assert await room.after(0.2) == 2
    assert await room.after(60) == 2


async def test_one_that_cannot_be_told_does_not_stand_before_the_others(
    room: Room, database: Database, pending: Order
) -> None:
    other = await find(database, await place(database))
    room.temporal.failures = [Unavailable("Temporal")]
    await room.after(0, pending, other)
    await room.after(2)
    assert sorted(room.temporal.told) == sorted([pending.id, other.id])


async def test_only_so_many_orders_are_kept_in_mind(room: Room) -> None:
    for number in range(KEPT_IN_MIND + 5):
        room.visits.seen(order("price_1", id=f"ord_{number}"))
    assert len(room.visits._visits) == len(room.visits._waiting) == KEPT_IN_MIND


async def test_somebody_who_looks_while_we_ask_breaks_nothing(
    room: Room, database: Database, pending: Order
) -> None:
    sold = replace(pending, id=await sell(database))
    await room.after(0, sold)
    room.seconds[0] += 60
    telling = asyncio.create_task(room.visits._round())
    await asyncio.sleep(0)
    room.visits.seen(sold)
    await telling
    for _ in range(3):
        assert await room.after(60) == 0
