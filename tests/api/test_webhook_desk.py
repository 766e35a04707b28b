"""The inbox: an event is kept before it is told, and told until somebody takes it."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import stripe
from sqlalchemy import text

from api.webhooks import RELAY_AFTER, RELAY_AT_ONCE, WebhookDesk
from database import checkout_requests, standings
from database import inbox as events
from database.engine import Database
from domain.errors import EventRefused, Unavailable
from domain.order import OrderStatus
from domain.standing import GivenUp
from domain.webhook import SWEPT, WebhookEvent
from tests.making import pay, place, publication, publish, request
from tests.waiting import until
from workflows.checkout import PaymentReported
from workflows.client import WorkflowEnded
from workflows.review import Review

SECRET = "whsec_test"


class Temporal:
    """Takes reports, or behaves as a Temporal that is away or has lost a workflow."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.breaks_on: str | None = None
        self.unanswered: str | None = None
        self.poison = set[str]()
        self.asked = 0
        self.taken: list[str] = []
        self.reopened: list[str] = []
        self.reviewed: list[tuple[Review, str]] = []

    async def report(self, order_id: str, report: PaymentReported, *, reopen: bool = False) -> None:
        if reopen:
            self.reopened.append(report.event_id)
            return
        self.asked += 1
        if report.event_id in self.poison:
            raise Unavailable("Temporal", detail="INVALID_ARGUMENT", is_outage=False)
        if report.event_id == self.unanswered:
            raise Unavailable("Temporal", detail="no answer in time")
        if report.event_id == self.breaks_on:
            raise RuntimeError("a bug")
        if self.failure is not None:
            raise self.failure
        self.taken.append(report.event_id)

    async def review(self, review: Review, report: PaymentReported) -> None:
        if self.failure is not None:
            raise self.failure
        self.reviewed.append((review, report.event_id))


def desk(database: Database, temporal: Temporal) -> WebhookDesk:
    return WebhookDesk(database, temporal, [SECRET], "development", lambda: datetime.now(UTC))


def call(event_id: str, **changes: Any) -> tuple[bytes, str]:
    """A signed webhook call: its body and its signature."""
    event = {
        "id": event_id,
        "type": "checkout.session.completed",
        "created": 1_700_000_000,
        "data": {
            "object": {
                "id": "cs_test_1",
                "metadata": {"order_id": "ord_1", "environment": "development"},
            }
        },
    }
    body = json.dumps(event | changes)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET)


@pytest.fixture(autouse=True)
async def known_order(database: Database) -> None:
    """The order that the events are about."""
    async with database.writing() as writer:
        await checkout_requests.claim(writer, request(order_id="ord_1"))


async def inbox(database: Database) -> list[tuple[str, str | None]]:
    """Every event kept, and what became of it."""
    async with database.reading() as reader:
        rows = await reader.sql.execute(text("SELECT id, outcome FROM webhook_events ORDER BY id"))
        return [(row.id, row.outcome) for row in rows]


async def grow_old(database: Database) -> None:
    """Lets time pass, until the relay may take what was not delivered."""
    async with database.writing() as writer:
        await writer.sql.execute(
            text("UPDATE webhook_events SET received_at = received_at - :age"), {"age": RELAY_AFTER}
        )


async def test_an_event_is_kept_and_told(database: Database) -> None:
    temporal = Temporal()
    await desk(database, temporal).take(*call("evt_1"))
    assert temporal.taken == ["evt_1"]
    assert await inbox(database) == [("evt_1", "reported")]


async def test_an_event_three_times_at_once_is_told_once(database: Database) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    await asyncio.gather(*(taking.take(*call("evt_1")) for _ in range(3)))
    assert temporal.taken == ["evt_1"]


async def test_while_temporal_is_away_events_are_kept_and_delivered_later(
    database: Database,
) -> None:
    temporal = Temporal()
    temporal.failure = Unavailable("Temporal")
    taking = desk(database, temporal)
    await taking.take(*call("evt_1"))
    assert await inbox(database) == [("evt_1", None)]
    temporal.failure = None
    await grow_old(database)
    relay = asyncio.create_task(taking.relay())

    async def is_reported() -> bool:
        return await inbox(database) == [("evt_1", "reported")]

    await until(is_reported)
    relay.cancel()
    assert temporal.taken == ["evt_1"]


async def test_an_event_for_a_checkout_that_has_ended_is_kept_as_such(database: Database) -> None:
    temporal = Temporal()
    temporal.failure = WorkflowEnded()
    await desk(database, temporal).take(*call("evt_1"))
    assert await inbox(database) == [("evt_1", "already_ended")]


@pytest.mark.parametrize(
    ("kind", "status", "opens"),
    [
        ("checkout.session.expired", OrderStatus.PENDING, True),  # the books were restored, say
        ("checkout.session.expired", OrderStatus.CANCELLED, False),
        ("checkout.session.expired", OrderStatus.PAID, False),
        (SWEPT, OrderStatus.PENDING, True),
        (SWEPT, OrderStatus.PAID, True),
    ],
)
async def test_an_ended_checkout_is_opened_again_for_an_order_that_still_waits(
    database: Database, kind: str, status: OrderStatus, opens: bool
) -> None:
    await publish(database, publication())
    order_id = await place(database)
    if status is OrderStatus.PAID:
        await pay(database, order_id)
    elif status is not OrderStatus.PENDING:
        async with database.writing() as writer:
            await standings.learn(writer, order_id, GivenUp(status))
    temporal = Temporal()
    temporal.failure = WorkflowEnded()
    event = WebhookEvent("evt_1", kind, "cs_1", order_id, None, datetime.now(UTC))
    async with database.writing() as writer:
        await events.record(writer, event)
    await grow_old(database)
    await desk(database, temporal)._relay_batch()
    assert temporal.reopened == (["evt_1"] if opens else [])
    assert await inbox(database) == [("evt_1", "reported" if opens else "already_ended")]


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.PAID])
async def test_news_of_money_opens_a_checkout_again_that_ended_without_its_files(
    database: Database, status: OrderStatus
) -> None:
    await publish(database, publication())
    order_id = await place(database)
    if status is OrderStatus.PAID:
        await pay(database, order_id)
    else:
        async with database.writing() as writer:
            await standings.learn(writer, order_id, GivenUp(status))
    temporal = Temporal()
    temporal.failure = WorkflowEnded()
    ours = {"order_id": order_id, "environment": "development"}
    news = {"id": f"cs_test_{order_id}", "metadata": ours}
    await desk(database, temporal).take(*call("evt_1", data={"object": news}))
    assert temporal.reopened == ["evt_1"]
    assert await inbox(database) == [("evt_1", "reported")]


@pytest.mark.parametrize(
    "kind",
    [
        "charge.refunded",
        "charge.refund.updated",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
    ],
)
async def test_news_of_money_going_back_has_the_payment_reviewed(
    database: Database, kind: str
) -> None:
    temporal = Temporal()
    subject = {"id": "dp_1", "payment_intent": "pi_1", "metadata": {}}
    await desk(database, temporal).take(*call("evt_1", type=kind, data={"object": subject}))
    assert temporal.reviewed == [(Review(payment_id="pi_1"), "evt_1")]
    assert await inbox(database) == [("evt_1", "reviewed")]


async def test_another_session_that_was_paid_for_an_order_is_reviewed(database: Database) -> None:
    await publish(database, publication())
    order_id = await place(database)
    temporal = Temporal()
    ours = {"order_id": order_id, "environment": "development"}
    other = {"id": "cs_test_other", "metadata": ours}
    await desk(database, temporal).take(*call("evt_1", data={"object": other}))
    expected = Review(order_id=order_id, other_session_id="cs_test_other")
    assert temporal.reviewed == [(expected, "evt_1")]
    assert temporal.taken == []


async def test_a_declined_card_is_kept_and_changes_nothing(database: Database) -> None:
    temporal = Temporal()
    await desk(database, temporal).take(*call("evt_1", type="payment_intent.payment_failed"))
    assert (temporal.taken, temporal.reviewed) == ([], [])
    assert await inbox(database) == [("evt_1", "kept")]


async def test_one_event_that_breaks_us_does_not_stand_before_the_others(
    database: Database,
) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    temporal.failure = Unavailable("Temporal")
    await taking.take(*call("evt_1"))
    await taking.take(*call("evt_2"))
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
        await taking.take(*call(event_id))
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
        await taking.take(*call(event_id))
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
        await taking.take(*call(f"evt_{number}"))
    await grow_old(database)
    temporal.asked = 0
    with pytest.raises(Unavailable):
        await taking._relay_batch()
    assert temporal.asked == RELAY_AT_ONCE


async def is_told(database: Database, event_id: str) -> bool:
    return (event_id, "reported") in await inbox(database)


async def tried(database: Database, event_id: str) -> int | None:
    """How often an event failed for its own sake."""
    query = text("SELECT attempts FROM webhook_events WHERE id = :id")
    async with database.reading() as reader:
        found: int | None = await reader.sql.scalar(query, {"id": event_id})
    return found


async def test_an_event_for_an_order_we_never_made_is_kept_and_starts_nothing(
    database: Database,
) -> None:
    temporal = Temporal()
    named = {"order_id": "ord_2", "environment": "development"}
    stranger = {"id": "cs_test_2", "metadata": named}
    await desk(database, temporal).take(*call("evt_1", data={"object": stranger}))
    assert temporal.taken == []
    assert await inbox(database) == [("evt_1", "unknown_order")]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "customer.created"},
        {"data": {"object": {"id": "cs_test_1", "metadata": {}}}},
        {"data": {"object": {"id": "cs_test_1", "metadata": None}}},
        {
            "data": {
                "object": {
                    "id": "cs_test_1",
                    "metadata": {"order_id": "ord_1", "environment": "production"},
                }
            }
        },
    ],
    ids=["another type", "no order", "no metadata", "another environment"],
)
async def test_what_is_no_business_of_ours_is_acknowledged_and_not_kept(
    database: Database, changes: dict[str, Any]
) -> None:
    temporal = Temporal()
    await desk(database, temporal).take(*call("evt_1", **changes))
    assert temporal.taken == []
    assert await inbox(database) == []


async def test_a_forged_event_is_not_kept(database: Database) -> None:
    body, signature = call("evt_1")
    with pytest.raises(EventRefused):
        await desk(database, Temporal()).take(body.replace(b"ord_1", b"ord_2"), signature)
    assert await inbox(database) == []
