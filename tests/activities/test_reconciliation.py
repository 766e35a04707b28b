"""The sweep: what we missed is found at Stripe, once, and delivered as if Stripe had called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from temporalio.testing import ActivityEnvironment

from activities.decisions import Act, Decision
from activities.reconciliation import (
    OVERLAP,
    Differences,
    Missed,
    ReconciliationActivities,
    Sweep,
    Window,
)
from database import attention, inbox
from database.engine import Database
from database.tables import orders, webhook_events
from domain.order import Attention, OrderStatus
from domain.webhook import SWEPT, WebhookEvent
from gateways.stripe_events import StripeEvents
from gateways.stripe_payments import StripePayments
from tests.activities.conftest import DISPUTED_AT_ONCE, Steps
from tests.making import find


@pytest.fixture
def sweep(steps: Steps) -> ReconciliationActivities:
    client = steps.stripe.client
    return ReconciliationActivities(
        steps.database,
        StripeEvents(client),
        StripePayments(client, "development"),
        "development",
    )


def window() -> Window:
    return Window(datetime.now(UTC) - timedelta(hours=1))


async def collect(sweep: ReconciliationActivities) -> Missed:
    return await ActivityEnvironment().run(sweep.collect_missed_events, window())


async def compare(sweep: ReconciliationActivities, later: timedelta) -> Differences:
    """As if the comparison ran that much later."""
    environment = ActivityEnvironment()
    environment.info = ActivityEnvironment.default_info()
    environment.info = type(environment.info)(
        **{**vars(environment.info), "scheduled_time": datetime.now(UTC) + later}
    )
    return await environment.run(sweep.requeue_differences, window())


async def undelivered(database: Database) -> list[WebhookEvent]:
    async with database.reading() as reader:
        return await inbox.undelivered(reader, older_than=timedelta(0), limit=100)


async def deliver_all(database: Database) -> None:
    """As if every event in the inbox had been told."""
    async with database.writing() as writer:
        await writer.sql.execute(
            update(webhook_events).values(delivered_at=datetime.now(UTC), outcome="reported")
        )


async def test_events_that_never_reached_us_are_collected_once(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    payment_id = await steps.pay_for(order_id, DISPUTED_AT_ONCE)
    await steps.stripe.paid_intent()  # of somebody else who shares the account
    found = await collect(sweep)
    assert found == Missed(seen=found.seen, missed=found.seen)
    kept = await undelivered(steps.database)
    assert {(event.type, event.order_id or event.payment_id) for event in kept} >= {
        ("checkout.session.completed", order_id),
        ("charge.dispute.created", payment_id),
    }
    assert (await collect(sweep)).missed == 0


async def test_a_paid_session_whose_checkout_is_gone_is_told_of_again(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    await steps.pay_for(order_id)
    await collect(sweep)
    await deliver_all(steps.database)
    at_once = await compare(sweep, timedelta(0))
    assert at_once.events_requeued == 0  # the checkout may still be at it
    later = await compare(sweep, timedelta(minutes=5))
    assert (later.unpaid_here, later.sessions_compared) == ([order_id], 1)
    assert later.events_requeued >= 1
    told = await undelivered(steps.database)
    assert "checkout.session.completed" in {event.type for event in told}


async def test_an_order_that_stayed_without_its_files_is_told_of_again(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    await steps.pay_for(order_id)
    await steps.look(order_id)
    await collect(sweep)
    await deliver_all(steps.database)
    found = await compare(sweep, timedelta(minutes=5))
    assert (found.unpaid_here, found.unfulfilled) == ([], [order_id])
    assert found.events_requeued >= 1


async def test_a_refund_and_a_dispute_that_we_do_not_know_of_are_told_of_again(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    refunded, payment_id = await steps.bought()
    disputed, other_id = await steps.bought()
    await steps.stripe.client.v1.refunds.create_async(
        {"payment_intent": payment_id, "amount": 1000}
    )
    await steps.stripe.switch("disputes", payment_intent=other_id, reason="fraudulent")
    await collect(sweep)
    await deliver_all(steps.database)
    found = await compare(sweep, timedelta(minutes=5))
    assert set(found.returned_there) == {refunded, disputed}
    told = {event.type for event in await undelivered(steps.database)}
    assert told == {
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    }
    for order_id in (refunded, disputed):
        await steps.look(order_id)
    await deliver_all(steps.database)
    again = await compare(sweep, timedelta(minutes=5))
    assert (again.returned_there, again.events_requeued) == ([], 0)


async def test_an_order_that_waits_for_a_closed_page_is_told_of_again(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    order = await find(steps.database, order_id)
    await steps.stripe.switch(f"sessions/{order.session_id}/expire")
    await collect(sweep)
    await deliver_all(steps.database)
    assert (await compare(sweep, timedelta(hours=1))).overdue == []
    found = await compare(sweep, timedelta(hours=13))
    assert (found.overdue, found.events_requeued) == ([order_id], 1)


async def test_what_agrees_or_is_held_is_left_alone(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    await steps.bought()
    held = await steps.held()
    await collect(sweep)
    await deliver_all(steps.database)
    found = await compare(sweep, timedelta(minutes=5))
    assert found == Differences(2, [], [], [], [], 0)
    async with steps.database.reading() as reader:
        query = select(orders.c.attention).where(orders.c.id == held)
        assert await reader.sql.scalar(query) == "payment_differs"


async def test_a_held_payment_in_dispute_and_an_approved_one_sent_back_cause_no_storm(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    held = await find(steps.database, await steps.held())
    await steps.stripe.switch("disputes", payment_intent=held.payment_id, reason="fraudulent")
    approved = await find(steps.database, await steps.held())
    decision = Decision(approved.id, Act.APPROVE, "an operator", "as tested", "upd_1")
    await steps.decisions.carry_out(decision)
    await steps.stripe.client.v1.refunds.create_async(
        {"payment_intent": str(approved.payment_id), "amount": 1000}
    )
    await steps.look(approved.id)
    await collect(sweep)
    await deliver_all(steps.database)
    found = await compare(sweep, timedelta(minutes=1))
    assert (found.returned_there, found.events_requeued) == ([held.id], 2)
    await steps.look(held.id)
    await deliver_all(steps.database)
    found = await compare(sweep, timedelta(minutes=1))
    assert (found.returned_there, found.events_requeued) == ([], 0)


async def test_a_refund_that_failed_and_of_which_nobody_told_us_is_found(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id, payment_id = await steps.bought()
    made = await steps.stripe.client.v1.refunds.create_async({"payment_intent": payment_id})
    assert await steps.look(order_id) is OrderStatus.REFUNDED
    await steps.stripe.switch(f"refunds/{made.id}/settle", outcome="failed")
    await collect(sweep)
    await deliver_all(steps.database)
    assert (await compare(sweep, timedelta(minutes=1))).returned_there == [order_id]
    assert await steps.look(order_id) is OrderStatus.COMPLETED
    assert (await compare(sweep, timedelta(minutes=1))).returned_there == []


async def test_an_overdue_order_of_which_stripe_tells_nothing_is_told_of_all_the_same(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    for _ in range(2):  # once it was told, and came to nothing
        found = await compare(sweep, timedelta(hours=13))
        assert (found.overdue, found.events_requeued) == ([order_id], 1)
        (event,) = await undelivered(steps.database)
        assert (event.type, event.order_id) == (SWEPT, order_id)
        await deliver_all(steps.database)


async def test_a_sweep_looks_back_to_where_the_last_one_began_and_never_too_far(
    sweep: ReconciliationActivities,
) -> None:
    now = datetime.now(UTC)
    farthest = Window(now - timedelta(days=3))

    async def found() -> Window:
        return await ActivityEnvironment().run(sweep.find_window, farthest)

    assert await found() == farthest
    for began_at in (now - timedelta(hours=2), now - timedelta(hours=5)):  # that one ended late
        await ActivityEnvironment().run(sweep.record_sweep, Sweep(began_at))
        assert await found() == Window(now - timedelta(hours=2) - OVERLAP)
    farthest = Window(now - timedelta(hours=1))
    assert await found() == farthest


async def test_an_order_that_somebody_is_to_look_at_is_held_up_by_that_only_where_it_waits(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id, _ = await steps.paid()
    for why, found in ((Attention.REFUND_FAILED, [order_id]), (Attention.FILE_MISSING, [])):
        async with steps.database.writing() as writer:
            await attention.flag(writer, order_id, why, event=None)
        assert (await compare(sweep, timedelta(minutes=5))).unfulfilled == found


async def test_what_a_day_old_session_was_paid_for_is_still_compared(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    order_id = await steps.opened()
    await steps.pay_for(order_id)
    environment = ActivityEnvironment()
    later = datetime.now(UTC) + timedelta(hours=20)
    environment.info = replace(ActivityEnvironment.default_info(), scheduled_time=later)
    found = await environment.run(sweep.requeue_differences, Window(later))
    assert found.unpaid_here == [order_id]


async def test_every_page_of_a_sweep_is_told_though_nothing_on_it_is_ours(
    steps: Steps, sweep: ReconciliationActivities
) -> None:
    for _ in range(3):
        intent = await steps.stripe.paid_intent()
        await steps.stripe.client.v1.refunds.create_async({"payment_intent": intent})
    environment, heartbeats = ActivityEnvironment(), list[object]()
    environment.on_heartbeat = heartbeats.append
    payments = StripePayments(steps.stripe.client, "development", page=1)
    events = StripeEvents(steps.stripe.client, page=1)
    ours = ReconciliationActivities(steps.database, events, payments, "development")
    seen = (await environment.run(ours.collect_missed_events, window())).seen
    told = len(heartbeats)
    assert told >= seen >= 3
    found = await environment.run(ours.requeue_differences, window())
    assert found == Differences(0, [], [], [], [], 0)
    assert len(heartbeats) - told >= 3
