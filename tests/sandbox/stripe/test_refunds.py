"""Money that goes back."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.receiver import Receiver, before, object_of
from tests.sandbox.stripe.shop import Shop, eventually


async def refunded_thrice(shop: Shop, intent: str) -> list[stripe.Refund]:
    """In parts of 1000, 1500 and whatever is left."""
    refunds = shop.client.v1.refunds
    charge = await shop.charge_of(intent)
    return [
        await refunds.create_async({"payment_intent": intent, "amount": 1000}),
        await refunds.create_async({"charge": charge.id, "amount": 1500}),
        await refunds.create_async({"payment_intent": intent}),
    ]


async def test_partial_refunds_add_up_to_the_whole(shop: Shop) -> None:
    intent = await shop.paid_intent(3999)
    made = await refunded_thrice(shop, intent)
    assert [each.amount for each in made] == [1000, 1500, 1499]
    assert {each.status for each in made} == {"succeeded"}
    found = await shop.client.v1.payment_intents.retrieve_async(
        intent, {"expand": ["latest_charge.refunds"]}
    )
    charge: Any = found.latest_charge
    assert (charge.amount_refunded, charge.refunded) == (3999, True)
    assert [each.id for each in charge.refunds.data] == [each.id for each in reversed(made)]


async def test_each_partial_refund_tells_the_total_so_far(shop: Shop, receiver: Receiver) -> None:
    made = await refunded_thrice(shop, await shop.paid_intent(3999))
    await eventually(lambda: len(receiver.of_type("charge.refunded")) == 3)
    events = receiver.of_type("charge.refunded")
    assert [object_of(event).amount_refunded for event in events] == [1000, 2500, 3999]
    assert [object_of(event).refunded for event in events] == [False, False, True]
    assert [before(event) for event in events] == [
        {"amount_refunded": 0},
        {"amount_refunded": 1000},
        {"amount_refunded": 2500, "refunded": False},
    ]
    created = receiver.of_type("refund.created")
    assert [object_of(event).id for event in created] == [each.id for each in made]


async def test_a_refund_asked_for_twice_is_made_once(shop: Shop) -> None:
    intent, key = await shop.paid_intent(3999), f"refund:{shop.url}"
    refunds = shop.client.v1.refunds
    first, second = [
        await refunds.create_async(
            {"payment_intent": intent, "amount": 1000}, {"idempotency_key": key}
        )
        for _ in range(2)
    ]
    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        await refunds.create_async({"payment_intent": intent}, {"idempotency_key": key})
    assert (await shop.charge_of(intent)).amount_refunded == 1000


async def test_no_more_is_refunded_than_was_paid(shop: Shop, receiver: Receiver) -> None:
    intent = await shop.paid_intent(3999)
    refunds = shop.client.v1.refunds
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        await refunds.create_async({"payment_intent": intent, "amount": 4000})
    await refunds.create_async({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await refunds.create_async({"payment_intent": intent})
    assert refusal.value.code == "charge_already_refunded"
    listed = await refunds.list_async({"payment_intent": intent})
    assert [each.amount for each in listed.data] == [3999]
    await eventually(lambda: receiver.of_type("charge.refunded"))
    assert len(receiver.of_type("refund.created")) == 1


@pytest.mark.parametrize("given", [{}, {"payment_intent": "pi_x"}, {"charge": "ch_x"}])
async def test_a_refund_needs_something_to_refund(shop: Shop, given: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await shop.client.v1.refunds.create_async(given)


async def test_some_cards_get_their_refunds_later(shop: Shop, receiver: Receiver) -> None:
    intent = await shop.intent("pm_card_pendingRefund")
    refund = await shop.client.v1.refunds.create_async({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert (await shop.charge_of(intent.id)).refunded
    await shop.switch("clock", offset=2 * 60 * 60)  # past the hour that settling takes here
    await eventually(lambda: receiver.of_type("refund.updated"))
    assert object_of(receiver.of_type("refund.updated")[0]).status == "succeeded"
    assert (await shop.client.v1.refunds.retrieve_async(refund.id)).status == "succeeded"


async def test_a_refund_that_fails_leaves_the_charge_as_it_was(
    shop: Shop, receiver: Receiver
) -> None:
    intent = await shop.intent("pm_card_refundFail")
    refund = await shop.client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    await shop.switch(f"refunds/{refund.id}/settle")
    await eventually(lambda: receiver.of_type("refund.failed"))
    failed = object_of(receiver.of_type("refund.failed")[0])
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    charge = await shop.charge_of(intent.id)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    again = await shop.client.v1.refunds.create_async({"payment_intent": intent.id})
    assert again.amount == 3999


async def test_a_refund_is_made_to_fail_by_a_switch(shop: Shop) -> None:
    intent = await shop.paid_intent()
    refund = await shop.client.v1.refunds.create_async({"payment_intent": intent})
    assert (await shop.switch(f"refunds/{refund.id}/settle", outcome="failed"))[
        "status"
    ] == "failed"
    again = await shop.browser.post(f"/_emulator/refunds/{refund.id}/settle", json={})
    assert again.status_code == 400


async def test_a_refund_for_fraud_marks_the_charge(shop: Shop) -> None:
    intent = await shop.paid_intent()
    await shop.client.v1.refunds.create_async({"payment_intent": intent, "reason": "fraudulent"})
    details = (await shop.charge_of(intent)).fraud_details
    assert details is not None
    assert details.user_report == "fraudulent"


async def test_refunds_are_listed_by_payment_and_walked_page_by_page(shop: Shop) -> None:
    other, intent = await shop.paid_intent(), await shop.paid_intent(3999)
    refunds = shop.client.v1.refunds
    await refunds.create_async({"payment_intent": other})
    made = [
        (await refunds.create_async({"payment_intent": intent, "amount": amount})).id
        for amount in range(100, 105)
    ]
    page = await refunds.list_async({"payment_intent": intent, "limit": 2})
    assert [each.id async for each in page.auto_paging_iter()] == made[::-1]
    charge = (await shop.charge_of(intent)).id
    newer = await refunds.list_async({"charge": charge, "limit": 2, "ending_before": made[0]})
    assert [each.id for each in newer.data] == [made[2], made[1]]
    assert [each.id async for each in newer.auto_paging_iter()] == made[1:]
    first = await refunds.retrieve_async(made[0])
    none = await refunds.list_async({"created": {"lt": first.created - 60}})
    assert none.data == []


async def test_a_refund_tells_what_changed_about_it(shop: Shop, receiver: Receiver) -> None:
    refund = await shop.client.v1.refunds.create_async({"payment_intent": await shop.paid_intent()})
    await shop.client.v1.refunds.update_async(refund.id, {"metadata": {"why": "asked"}})
    await eventually(lambda: receiver.of_type("charge.refund.updated"))
    for name in ("refund.updated", "charge.refund.updated"):
        assert before(receiver.of_type(name)[0]) == {"metadata": {"why": None}}
