"""Money that buyers' banks take back, and may return."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import Shop, eventually

DISPUTED_AT_ONCE = "4000000000000259"
OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def dispute_events(receiver: Receiver) -> list[str]:
    return [name for name in receiver.types if name.startswith("charge.dispute.")]


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        ("won", ["charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("lost", ["charge.dispute.closed"]),
    ],
)
async def test_a_dispute_is_opened_and_decided(
    shop: Shop, receiver: Receiver, outcome: str, end: list[str]
) -> None:
    intent = await shop.paid_intent()
    opened = await shop.switch("disputes", payment_intent=intent, reason="unrecognized")
    assert (opened["status"], opened["amount"]) == ("needs_response", 3999)
    await shop.switch(f"disputes/{opened['id']}/close", outcome=outcome)
    dispute = await shop.client.v1.disputes.retrieve_async(opened["id"], {"expand": ["charge"]})
    assert (dispute.status, dispute.charge.disputed) == (outcome, True)  # type: ignore[union-attr]
    await eventually(lambda: dispute_events(receiver) == OPENED + end)
    assert object_of(receiver.of_type("charge.dispute.created")[0]).payment_intent == intent
    closed = receiver.of_type("charge.dispute.closed")[0]
    assert object_of(closed).status == outcome
    again = await shop.browser.post(
        f"/_emulator/disputes/{opened['id']}/close", json={"outcome": "won"}
    )
    assert again.status_code == 400


@pytest.mark.parametrize("outcome", [None, "won", "lost"])
async def test_what_was_disputed_is_not_refunded(shop: Shop, outcome: str | None) -> None:
    intent = await shop.paid_intent()
    opened = await shop.switch("disputes", payment_intent=intent)
    if outcome is not None:
        await shop.switch(f"disputes/{opened['id']}/close", outcome=outcome)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.refunds.create_async({"payment_intent": intent})
    assert refusal.value.code == "charge_disputed"
    assert (await shop.client.v1.refunds.list_async({"payment_intent": intent})).data == []


async def test_only_what_is_left_of_a_payment_is_disputed(shop: Shop) -> None:
    intent = await shop.paid_intent(3999)
    await shop.client.v1.refunds.create_async({"payment_intent": intent, "amount": 1000})
    assert (await shop.switch("disputes", payment_intent=intent))["amount"] == 2999
    again = await shop.browser.post("/_emulator/disputes", json={"payment_intent": intent})
    assert again.status_code == 400


async def test_some_cards_are_disputed_as_soon_as_they_pay(shop: Shop, receiver: Receiver) -> None:
    await shop.pay_by_card(await shop.session(), DISPUTED_AT_ONCE)
    (dispute,) = (await shop.client.v1.disputes.list_async()).data
    assert (dispute.status, dispute.reason) == ("needs_response", "fraudulent")
    await eventually(lambda: dispute_events(receiver) == OPENED)
    done = "checkout.session.completed"
    assert receiver.types.index(done) < receiver.types.index("charge.dispute.created")


@pytest.mark.parametrize(
    ("text", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
async def test_evidence_decides_a_dispute(
    shop: Shop, receiver: Receiver, text: str, status: str
) -> None:
    intent = await shop.paid_intent()
    opened = await shop.switch("disputes", payment_intent=intent)
    disputes = shop.client.v1.disputes
    draft = await disputes.update_async(
        opened["id"], {"evidence": {"customer_name": "A Buyer"}, "submit": False}
    )
    assert (draft.status, draft.evidence.customer_name) == ("needs_response", "A Buyer")
    decided = await disputes.update_async(opened["id"], {"evidence": {"uncategorized_text": text}})
    assert decided.status == status
    await eventually(lambda: receiver.of_type("charge.dispute.closed"))
    assert object_of(receiver.of_type("charge.dispute.updated")[-1]).status == "under_review"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        await disputes.update_async(opened["id"], {"evidence": {"customer_name": "Another"}})


async def test_giving_in_loses_a_dispute(shop: Shop) -> None:
    opened = await shop.switch("disputes", payment_intent=await shop.paid_intent())
    assert (await shop.client.v1.disputes.close_async(opened["id"])).status == "lost"


async def test_an_inquiry_takes_no_money_and_ends_with_a_refund(
    shop: Shop, receiver: Receiver
) -> None:
    intent = await shop.intent("pm_card_createDisputeInquiry")
    inquiry = await shop.dispute_of(intent)
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    refunds = shop.client.v1.refunds
    await refunds.create_async({"payment_intent": intent.id, "amount": 1000})
    assert (await shop.dispute_of(intent)).status == "warning_needs_response"
    await refunds.create_async({"payment_intent": intent.id})
    assert (await shop.dispute_of(intent)).status == "warning_closed"
    await eventually(
        lambda: dispute_events(receiver) == ["charge.dispute.created", "charge.dispute.closed"]
    )


async def test_an_inquiry_may_become_a_dispute(shop: Shop, receiver: Receiver) -> None:
    intent = await shop.paid_intent()
    inquiry = await shop.switch("disputes", payment_intent=intent, inquiry=True)
    evidence: Any = {"uncategorized_text": "escalate_inquiry_evidence"}
    dispute = await shop.client.v1.disputes.update_async(inquiry["id"], {"evidence": evidence})
    assert (dispute.status, dispute.is_charge_refundable) == ("needs_response", False)
    await eventually(lambda: receiver.of_type("charge.dispute.funds_withdrawn"))
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.refunds.create_async({"payment_intent": intent})
    assert refusal.value.code == "charge_disputed"


async def test_disputes_are_found_by_their_payment(shop: Shop) -> None:
    intents = [await shop.paid_intent() for _ in range(2)]
    opened = [(await shop.switch("disputes", payment_intent=each))["id"] for each in intents]
    disputes = shop.client.v1.disputes
    charge = (await shop.charge_of(intents[1])).id
    filters: list[Any] = [{"payment_intent": intents[0]}, {"charge": charge}, {"limit": 1}]
    found = [[each.id for each in (await disputes.list_async(given)).data] for given in filters]
    assert found == [[opened[0]], [opened[1]], [opened[1]]]
