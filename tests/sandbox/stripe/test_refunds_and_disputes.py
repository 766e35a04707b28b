"""Money that goes back."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import Shop, eventually

DISPUTED_AT_ONCE = "4000000000000259"


async def test_partial_refunds_add_up_to_the_whole(shop: Shop, receiver: Receiver) -> None:
    intent = await shop.paid_intent(3999)
    refunds, charges = shop.client.v1.refunds, shop.client.v1.charges
    first = await refunds.create_async(
        {"payment_intent": intent, "amount": 1000, "reason": "requested_by_customer"}
    )
    assert (first.amount, first.status, first.currency) == (1000, "succeeded", "eur")
    charge = (await charges.list_async({"payment_intent": intent})).data[0]
    assert (charge.amount_refunded, charge.refunded) == (1000, False)
    rest = await refunds.create_async({"charge": charge.id, "metadata": {"why": "rest"}})
    assert rest.amount == 2999
    charge = await charges.retrieve_async(charge.id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (3999, True)
    assert charge.refunds is not None
    assert [each.id for each in charge.refunds.data] == [rest.id, first.id]
    await eventually(lambda: len(receiver.of_type("charge.refunded")) == 2)
    assert [object_of(each).refunded for each in receiver.of_type("charge.refunded")] == [
        False,
        True,
    ]
    assert len(receiver.of_type("refund.created")) == 2


async def test_no_more_is_refunded_than_was_paid(shop: Shop) -> None:
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


@pytest.mark.parametrize("given", [{}, {"payment_intent": "pi_x"}, {"charge": "ch_x"}])
async def test_a_refund_needs_something_to_refund(shop: Shop, given: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await shop.client.v1.refunds.create_async(given)


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_is_opened_and_decided(
    shop: Shop, receiver: Receiver, outcome: str
) -> None:
    intent = await shop.paid_intent()
    opened = await shop.switch("disputes", payment_intent=intent, reason="unrecognized")
    assert (opened["status"], opened["amount"]) == ("needs_response", 3999)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.refunds.create_async({"payment_intent": intent})
    assert refusal.value.code == "charge_disputed"
    await shop.switch(f"disputes/{opened['id']}/close", outcome=outcome)
    dispute = await shop.client.v1.disputes.retrieve_async(opened["id"], {"expand": ["charge"]})
    assert dispute.status == outcome
    await eventually(lambda: receiver.of_type("charge.dispute.closed"))
    assert object_of(receiver.of_type("charge.dispute.created")[0]).payment_intent == intent
    assert object_of(receiver.of_type("charge.dispute.closed")[0]).status == outcome
    again = await shop.browser.post(
        f"/_emulator/disputes/{opened['id']}/close", json={"outcome": "won"}
    )
    assert again.status_code == 400


async def test_some_cards_are_disputed_as_soon_as_they_pay(shop: Shop) -> None:
    await shop.pay_by_card(await shop.session(), DISPUTED_AT_ONCE)
    disputes = (await shop.client.v1.disputes.list_async()).data
    assert [(each.status, each.reason) for each in disputes] == [("needs_response", "fraudulent")]


async def test_evidence_decides_a_dispute(shop: Shop) -> None:
    intent = await shop.paid_intent()
    opened = await shop.switch("disputes", payment_intent=intent)
    disputes = shop.client.v1.disputes
    draft = await disputes.update_async(
        opened["id"], {"evidence": {"customer_name": "A Buyer"}, "submit": False}
    )
    assert (draft.status, draft.evidence.customer_name) == ("needs_response", "A Buyer")
    decided = await disputes.update_async(
        opened["id"], {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
    )
    assert decided.status == "won"
