"""The inbox: an event is kept before it is told, and told until somebody takes it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from database import inbox as events
from database import standings
from database.engine import Database
from database.tables import orders
from domain.errors import EventRefused
from domain.order import OrderStatus
from domain.standing import GivenUp
from domain.webhook import SWEPT, WebhookEvent
from temporal.client import WorkflowEnded
from tests.api.webhook_calls import (
    Temporal,
    call,
    claim_order,
    desk,
    grow_old,
    inbox,
    take,
)
from tests.making import pay, place, publication, publish
from workflows.review import Review


@pytest.fixture(autouse=True)
async def known_order(database: Database) -> None:
    """The order that the events are about."""
    await claim_order(database)


async def test_an_event_is_kept_and_told(database: Database) -> None:
    temporal = Temporal()
    await take(desk(database, temporal), *call("evt_1"))
    assert temporal.taken == ["evt_1"]
    assert await inbox(database) == [("evt_1", "reported")]


async def test_an_event_three_times_at_once_is_told_once(database: Database) -> None:
    temporal = Temporal()
    taking = desk(database, temporal)
    await asyncio.gather(*(take(taking, *call("evt_1")) for _ in range(3)))
    assert temporal.taken == ["evt_1"]


async def test_an_event_for_a_checkout_that_has_ended_is_kept_as_such(database: Database) -> None:
    temporal = Temporal()
    temporal.failure = WorkflowEnded()
    await take(desk(database, temporal), *call("evt_1"))
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
    await take(desk(database, temporal), *call("evt_1", data={"object": news}))
    assert temporal.reopened == ["evt_1"]
    assert await inbox(database) == [("evt_1", "reported")]


@pytest.mark.parametrize("status", [OrderStatus.FAILED, OrderStatus.PENDING])
async def test_a_paid_page_that_the_books_have_forgotten_is_looked_into(
    database: Database, status: OrderStatus
) -> None:
    await publish(database, publication())
    order_id = await place(database)
    nothing = dict.fromkeys(("session_id", "session_url", "session_expires_at"))
    restored = update(orders).where(orders.c.id == order_id)
    async with database.recording() as recorder:
        await recorder.sql.execute(restored.values(status=status, **nothing))
    temporal = Temporal()
    temporal.failure = WorkflowEnded()
    ours = {"order_id": order_id, "environment": "development"}
    news = {"id": "cs_test_forgotten", "metadata": ours}
    await take(desk(database, temporal), *call("evt_1", data={"object": news}))
    if status is OrderStatus.PENDING:  # its checkout opens the same page again
        assert (temporal.reviewed, temporal.reopened) == ([], ["evt_1"])
    else:
        review = Review(order_id=order_id, other_session_id="cs_test_forgotten")
        assert (temporal.reviewed, temporal.reopened) == ([(review, "evt_1")], [])


@pytest.mark.parametrize(
    "kind",
    [
        "charge.refunded",
        "charge.refund.updated",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    ],
)
async def test_news_of_money_going_back_has_the_payment_reviewed(
    database: Database, kind: str
) -> None:
    temporal = Temporal()
    subject = {"id": "dp_1", "payment_intent": "pi_1", "metadata": {}}
    await take(desk(database, temporal), *call("evt_1", type=kind, data={"object": subject}))
    assert temporal.reviewed == [(Review(payment_id="pi_1"), "evt_1")]
    assert await inbox(database) == [("evt_1", "reviewed")]


async def test_another_session_that_was_paid_for_an_order_is_reviewed(database: Database) -> None:
    await publish(database, publication())
    order_id = await place(database)
    temporal = Temporal()
    ours = {"order_id": order_id, "environment": "development"}
    other = {"id": "cs_test_other", "metadata": ours}
    await take(desk(database, temporal), *call("evt_1", data={"object": other}))
    expected = Review(order_id=order_id, other_session_id="cs_test_other")
    assert temporal.reviewed == [(expected, "evt_1")]
    assert temporal.taken == []


async def test_a_declined_card_is_kept_and_changes_nothing(database: Database) -> None:
    temporal = Temporal()
    await take(desk(database, temporal), *call("evt_1", type="payment_intent.payment_failed"))
    assert (temporal.taken, temporal.reviewed) == ([], [])
    assert await inbox(database) == [("evt_1", "kept")]


async def test_an_event_for_an_order_we_never_made_is_kept_and_starts_nothing(
    database: Database,
) -> None:
    temporal = Temporal()
    named = {"order_id": "ord_2", "environment": "development"}
    stranger = {"id": "cs_test_2", "metadata": named}
    await take(desk(database, temporal), *call("evt_1", data={"object": stranger}))
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
    await take(desk(database, temporal), *call("evt_1", **changes))
    assert temporal.taken == []
    assert await inbox(database) == []


async def test_a_forged_event_is_not_kept(database: Database) -> None:
    body, signature = call("evt_1")
    with pytest.raises(EventRefused):
        await take(desk(database, Temporal()), body.replace(b"ord_1", b"ord_2"), signature)
    assert await inbox(database) == []
