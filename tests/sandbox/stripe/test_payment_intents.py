"""Payments made through the API, without a page."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import FAILS, SETTLES, Shop, eventually


async def test_a_payment_is_made_step_by_step(shop: Shop, receiver: Receiver) -> None:
    intents, methods = shop.client.v1.payment_intents, shop.client.v1.payment_methods
    intent = await shop.intent(metadata={"order_id": "ord_1"})
    assert intent.status == "requires_payment_method"
    given: Any = {"type": "card", "card": {"token": "tok_mastercard"}}
    method = await methods.create_async(given)
    assert (await intents.update_async(intent.id, {"payment_method": method.id})).status == (
        "requires_confirmation"
    )
    paid = await intents.confirm_async(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 3999)
    charge: Any = paid.latest_charge
    assert charge.payment_method_details.card.brand == "mastercard"
    assert charge.metadata.to_dict() == {"order_id": "ord_1"}
    await eventually(lambda: receiver.of_type("payment_intent.succeeded"))
    assert receiver.types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


async def test_a_declined_card_is_the_answer_and_stays_on_record(
    shop: Shop, receiver: Receiver
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        await shop.intent("pm_card_chargeDeclinedInsufficientFunds")
    assert (refusal.value.http_status, refusal.value.code) == (402, "card_declined")
    told: Any = refusal.value.error
    assert told.decline_code == "insufficient_funds"
    await eventually(lambda: receiver.of_type("payment_intent.payment_failed"))
    intent = await shop.client.v1.payment_intents.retrieve_async(told.payment_intent.id)
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", told.charge)
    retried = await shop.client.v1.payment_intents.confirm_async(
        intent.id, {"payment_method": "pm_card_visa"}
    )
    assert (retried.status, retried.last_payment_error) == ("succeeded", None)
    charges = (await shop.client.v1.charges.list_async({"payment_intent": intent.id})).data
    assert [each.status for each in charges] == ["succeeded", "failed"]


async def test_a_decline_is_answered_again_under_its_key(shop: Shop) -> None:
    given = {
        "amount": "3999",
        "currency": "eur",
        "payment_method": "pm_card_visa_chargeDeclined",
        "confirm": "true",
    }
    key = {"Idempotency-Key": "declined-once"}
    first, second = [await shop.ask("POST", "/v1/payment_intents", given, **key) for _ in range(2)]
    assert (first.status_code, second.text) == (402, first.text)
    assert len((await shop.client.v1.charges.list_async()).data) == 1


async def test_a_risky_card_is_blocked_before_its_bank_is_asked(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        await shop.intent("pm_card_radarBlock")
    told: Any = refusal.value.error
    outcome: Any = (await shop.charge_of(told.payment_intent.id)).outcome
    assert (told.decline_code, outcome.type) == ("fraudulent", "blocked")
    assert (outcome.network_status, outcome.risk_level) == ("not_sent_to_network", "highest")


async def test_a_method_without_a_customer_pays_once(shop: Shop) -> None:
    given: Any = {"type": "card", "card": {"token": "tok_visa"}}
    method = await shop.client.v1.payment_methods.create_async(given)
    await shop.intent(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await shop.intent(method.id)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"type": "card", "card": {"token": "tok_unheard_of"}}, "card[token]"),
        ({"type": "card"}, "card"),
        ({"type": "sepa_debit", "sepa_debit": {"iban": "DE00"}}, "sepa_debit[iban]"),
        ({"type": "sepa_debit", "sepa_debit": {"iban": SETTLES}, "card": {"token": "x"}}, "card"),
        ({"type": "ideal"}, "type"),
        ({}, "type"),
    ],
)
async def test_a_method_that_stands_for_nothing_is_refused(
    shop: Shop, given: Any, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.client.v1.payment_methods.create_async(given)
    assert refusal.value.param == param


async def test_numbers_of_cards_are_not_sent_through_the_api(shop: Shop) -> None:
    given: Any = {"type": "card", "card": {"number": "4242424242424242"}}
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        await shop.client.v1.payment_methods.create_async(given)


async def test_authorized_money_is_captured_or_released(shop: Shop, receiver: Receiver) -> None:
    intents = shop.client.v1.payment_intents
    kept, dropped = [await shop.intent("pm_card_visa", capture_method="manual") for _ in range(2)]
    assert (kept.status, kept.amount_capturable) == ("requires_capture", 3999)
    captured = await intents.capture_async(kept.id)
    assert (captured.status, captured.amount_received) == ("succeeded", 3999)
    canceled = await intents.cancel_async(dropped.id)
    assert (canceled.status, canceled.amount_received) == ("canceled", 0)
    charge = await shop.charge_of(dropped.id)
    assert (charge.captured, charge.refunded) == (False, True)
    await eventually(lambda: receiver.of_type("payment_intent.canceled"))
    assert object_of(receiver.of_type("charge.captured")[0]).payment_intent == kept.id
    for refused in (intents.capture_async(dropped.id), intents.cancel_async(kept.id)):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            await refused
        assert refusal.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("iban", "end"), [(SETTLES, "succeeded"), (FAILS, "requires_payment_method")]
)
async def test_a_debit_without_a_page_settles_later(shop: Shop, iban: str, end: str) -> None:
    given: Any = {"type": "sepa_debit", "sepa_debit": {"iban": iban}}
    method = await shop.client.v1.payment_methods.create_async(given)
    intent = await shop.intent(method.id)
    assert intent.status == "processing"
    assert (await shop.switch(f"payment_intents/{intent.id}/settle"))["status"] == end


async def test_the_intent_of_a_session_is_the_sessions(shop: Shop) -> None:
    session = await shop.session()
    await shop.pay_by_card(session, "4000000000000002")
    intent: Any = (await shop.again(session)).payment_intent
    intents = shop.client.v1.payment_intents
    for refused in (
        intents.cancel_async(intent.id),
        intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"}),
        intents.update_async(intent.id, {"amount": 1}),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="Checkout Session"):
            await refused


@pytest.mark.parametrize(
    ("version", "status"), [("2026-10-28.endive", 400), ("2026-08-26.dahlia", 200), (None, 200)]
)
@pytest.mark.parametrize("path", ["payment_intents", "checkout/sessions"])
async def test_a_parameter_goes_with_the_version_that_took_it_away(
    shop: Shop, path: str, version: str | None, status: int
) -> None:
    forms = {
        "payment_intents": {"amount": "3999", "currency": "eur"},
        "checkout/sessions": {
            "mode": "payment",
            "success_url": "https://shop.example",
            "line_items[0][price]": await shop.price(),
            "line_items[0][quantity]": "1",
        },
    }
    headers = {"Stripe-Version": version} if version else {}
    form = forms[path] | {"payment_method_types[]": "card"}
    answer = await shop.ask("POST", f"/v1/{path}", form, **headers)
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["code"] == "payment_method_types_no_longer_supported"
