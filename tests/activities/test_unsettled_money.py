"""Refunds that fail later, and payments that are held and disputed: how each comes to its end."""

import pytest

from activities.decisions import Act, Decision
from activities.refunds import Refund
from domain.money import Money
from domain.order import Attention, OrderStatus
from domain.payment import PaymentOutcome
from tests.activities.conftest import Steps
from tests.making import find


def refund(order_id: str, number: int = 1, minor: int | None = None) -> Refund:
    return Refund(order_id, f"refund:{number}", "an operator", "as tested", minor)


@pytest.mark.parametrize("is_granted", [True, False])
async def test_a_refund_that_fails_later_opens_the_order_again_and_has_somebody_look(
    steps: Steps, is_granted: bool
) -> None:
    order_id, payment_id = await (steps.bought() if is_granted else steps.paid())
    stood = (await find(steps.database, order_id)).status
    made = await steps.stripe.client.v1.refunds.create_async({"payment_intent": payment_id})
    assert await steps.look(order_id) is OrderStatus.REFUNDED
    await steps.stripe.switch(f"refunds/{made.id}/settle", outcome="failed")
    for _ in range(2):
        outcome = await steps.payments.confirm_payment(order_id)
        assert outcome is PaymentOutcome.REFUND_FAILED
    order = await find(steps.database, order_id)
    assert (order.status, order.refunded) == (stood, Money(0, "EUR"))
    assert order.attention is Attention.REFUND_FAILED
    lines = [event for event, _ in await steps.history(order_id)]
    assert lines[-2:] == ["refunded", "refund_failed"]
    await steps.issue_downloads(order_id)
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.COMPLETED, Attention.REFUND_FAILED)


async def test_a_failed_refund_that_is_made_anew_waits_for_nobody(steps: Steps) -> None:
    order_id, payment_id = await steps.bought()
    await steps.refunds.refund_payment(refund(order_id, minor=1000))
    await steps.look(order_id)
    refunds = await steps.stripe.client.v1.refunds.list_async({"payment_intent": payment_id})
    await steps.stripe.switch(f"refunds/{refunds.data[0].id}/settle", outcome="failed")
    await steps.look(order_id)
    await steps.refunds.refund_payment(refund(order_id, 2, 500))
    await steps.look(order_id)  # which is not what the buyer was to get
    assert (await find(steps.database, order_id)).attention is Attention.REFUND_FAILED
    await steps.refunds.refund_payment(refund(order_id, minor=1000))
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.PAID
    order = await find(steps.database, order_id)
    assert (order.refunded, order.attention) == (Money(1500, "EUR"), None)


@pytest.mark.parametrize(
    ("end", "status", "outcome"),
    [
        ("won", OrderStatus.PENDING, PaymentOutcome.HELD),
        ("lost", OrderStatus.DISPUTED, PaymentOutcome.DISPUTED),
    ],
)
async def test_a_held_payment_in_dispute_shows_both_and_comes_to_its_end(
    steps: Steps, end: str, status: OrderStatus, outcome: PaymentOutcome
) -> None:
    order_id = await steps.held()
    payment_id = (await find(steps.database, order_id)).payment_id
    dispute = await steps.stripe.switch("disputes", payment_intent=payment_id, reason="general")
    for _ in range(2):
        found = await steps.payments.confirm_payment(order_id)
        assert found is PaymentOutcome.HELD_DISPUTED
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.DISPUTED, Attention.PAYMENT_DIFFERS)
    assert await steps.issue_downloads(order_id) is OrderStatus.DISPUTED
    await steps.stripe.switch(f"disputes/{dispute['id']}/close", outcome=end)
    assert await steps.payments.confirm_payment(order_id) is outcome
    order = await find(steps.database, order_id)
    assert (order.status, order.paid_at) == (status, None)
    waits = Attention.PAYMENT_DIFFERS if outcome is PaymentOutcome.HELD else None
    assert order.attention is waits


async def test_a_held_payment_under_inquiry_that_is_sent_back_is_over(steps: Steps) -> None:
    order_id = await steps.held()
    payment_id = str((await find(steps.database, order_id)).payment_id)
    await steps.stripe.switch("disputes", payment_intent=payment_id, inquiry=True)
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.HELD_DISPUTED
    await steps.refunds.refund_payment(refund(order_id))
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.REFUNDED
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.REFUNDED, None)


async def test_a_held_payment_whose_refund_came_back_is_held_again(steps: Steps) -> None:
    order_id = await steps.held()
    await steps.refunds.refund_payment(refund(order_id))
    assert await steps.look(order_id) is OrderStatus.REFUNDED
    refunds = await steps.stripe.client.v1.refunds.list_async({})
    await steps.stripe.switch(f"refunds/{refunds.data[0].id}/settle", outcome="failed")
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.HELD
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.PENDING, Attention.PAYMENT_DIFFERS)


async def test_a_held_payment_that_is_approved_while_in_dispute_waits_for_the_bank_alone(
    steps: Steps,
) -> None:
    order_id = await steps.held()
    payment_id = (await find(steps.database, order_id)).payment_id
    dispute = await steps.stripe.switch("disputes", payment_intent=payment_id, reason="general")
    await steps.payments.confirm_payment(order_id)
    await steps.decisions.carry_out(
        Decision(order_id, Act.APPROVE, "an operator", "a cent given away", "upd_1")
    )
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.DISPUTED
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.DISPUTED, None)
    await steps.stripe.switch(f"disputes/{dispute['id']}/close", outcome="won")
    assert await steps.look(order_id) is OrderStatus.PAID
