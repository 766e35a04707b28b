"""Whose a payment is: by our books, by Stripe's word, or nobody's whom we know."""

from datetime import UTC, datetime

from sqlalchemy import update

from database import backlog, inbox
from database.tables import orders
from domain.payment import Traced
from domain.webhook import WebhookEvent
from tests.activities.conftest import Steps


async def test_a_payment_is_traced_to_its_order_before_and_after_it_is_known(
    steps: Steps,
) -> None:
    order_id = await steps.opened()
    payment_id = await steps.pay_for(order_id)
    assert await steps.payments.find_order_of_payment(payment_id) == order_id
    await steps.look(order_id)
    assert await steps.payments.find_order_of_payment(payment_id) == order_id
    assert await steps.payments.find_order_of_payment("pi_unheard_of") is None
    assert await steps.payments.trace_payment(payment_id) == Traced(order_id)
    assert await steps.payments.trace_payment("pi_unheard_of") is None


async def test_news_of_a_payment_whose_order_the_books_lack_is_shown_to_operators(
    steps: Steps,
) -> None:
    """As of a dispute, which names no order itself, after the books were restored from a copy."""
    order_id, payment_id = await steps.bought()
    named = {"order_id": "ord_lost", "environment": "development"}
    await steps.stripe.client.v1.payment_intents.update_async(payment_id, {"metadata": named})
    now = datetime.now(UTC)
    event = WebhookEvent("evt_1", "charge.dispute.created", "dp_1", None, payment_id, now)
    async with steps.database.writing() as writer:
        unpaid = update(orders).where(orders.c.id == order_id)
        await writer.sql.execute(unpaid.values(payment_id=None))
        await inbox.record(writer, event)
    assert await steps.payments.trace_payment(payment_id) is None
    async with steps.database.recording() as recorder:
        await inbox.mark_delivered(recorder, event.id, "reviewed")  # by the API, too late
    async with steps.database.reading() as reader:
        unknown = (await backlog.find(reader, now, 10)).unknown
    assert [(each.id, each.outcome) for each in unknown.oldest] == [("evt_1", "unknown_order")]
