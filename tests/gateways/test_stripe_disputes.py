"""Disputes: where each stands, whatever it was paid with, and whoever won."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from domain.payment import CheckoutSession
from domain.reconciliation import Returned
from domain.standing import DisputeSeen, DisputeState
from gateways.stripe_facts import dispute_seen
from gateways.stripe_payments import StripePayments
from tests.gateways.conftest import paid
from tests.sandbox.stripe.shop import SETTLES, Shop


@pytest.mark.parametrize("end", [DisputeState.WON, DisputeState.LOST])
async def test_a_dispute_is_seen_with_the_payment_until_it_ends(
    shop: Shop, payments: StripePayments, opened: CheckoutSession, end: DisputeState
) -> None:
    await paid(shop, opened, "4000000000000259")
    (dispute,) = (await payments.find(opened.id)).disputes
    assert dispute.state is DisputeState.OPEN
    await shop.switch(f"disputes/{dispute.dispute_id}/close", outcome=end)
    assert (await payments.find(opened.id)).disputes == (replace(dispute, state=end),)


async def test_a_debits_dispute_is_seen_too(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_debit(session, SETTLES)
    await shop.switch(f"sessions/{opened.id}/settle")
    intent = (await payments.find(opened.id)).payment_intent_id
    await shop.switch("disputes", payment_intent=intent)
    (dispute,) = (await payments.find(opened.id)).disputes
    assert dispute.state is DisputeState.OPEN
    since = datetime.now(UTC) - timedelta(minutes=1)
    returns = [each async for page in payments.returns(since) for each in page]
    assert returns == [Returned(str(intent), dispute)]


def of_card(**card: str) -> dict[str, Any]:
    return {"payment_method_details": {"type": "card", "card": card}}


@pytest.mark.parametrize(
    ("status", "more", "state"),
    [
        ("prevented", of_card(case_type="block"), DisputeState.WON),
        (
            "prevented",
            of_card(case_type="resolution"),
            DisputeState.LOST,
        ),  # by paying the buyer back
        ("prevented", of_card(brand="visa"), DisputeState.WON),
        ("prevented", {"payment_method_details": {"type": "paypal"}}, DisputeState.WON),
        ("prevented", {"payment_method_details": None}, DisputeState.WON),
        ("prevented", {}, DisputeState.WON),
        ("won", of_card(case_type="chargeback"), DisputeState.WON),
        ("lost", {}, DisputeState.LOST),
        ("warning_closed", of_card(case_type="inquiry"), DisputeState.WON),
        ("warning_under_review", of_card(case_type="inquiry"), DisputeState.OPEN),
        ("appeal_under_review", {}, DisputeState.OPEN),
        ("a word of next year's", {}, DisputeState.OPEN),
    ],
)
def test_a_dispute_is_over_in_whosever_favor_the_money_went(
    status: str, more: dict[str, Any], state: DisputeState
) -> None:
    dispute = stripe.Dispute.construct_from({"id": "du_1", "status": status} | more, None)
    assert dispute_seen(dispute, datetime.now(UTC)) == DisputeSeen("du_1", state)
