"""The calls behind the hosted page, by which the command-line tool pays."""

import pytest

from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop, eventually

CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][token]": "tok_visa",
    "payment_method_data[billing_details][email]": "buyer@example.com",
    "payment_method_data[billing_details][name]": "A Buyer",
}


async def test_a_session_is_paid_with_a_method_made_before(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    given = CARD | {"expected_amount": "3999"}
    answer = await shop.ask("POST", f"/v1/payment_pages/{session.id}/confirm", given)
    assert answer.json()["payment_status"] == "paid"
    paid = await shop.again(session)
    assert paid.customer_details is not None
    assert (paid.status, paid.customer_details.email) == ("complete", "buyer@example.com")
    await eventually(lambda: receiver.of_type("checkout.session.completed"))


async def test_a_declined_method_leaves_the_session_open(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    given = CARD | {"payment_method_data[card][token]": "tok_chargeDeclined"}
    answer = await shop.ask("POST", f"/v1/payment_pages/{session.id}/confirm", given)
    assert (answer.status_code, answer.json()["error"]["type"]) == (402, "card_error")
    assert (await shop.again(session)).status == "open"
    await eventually(lambda: receiver.of_type("payment_intent.payment_failed"))


@pytest.mark.parametrize(
    "given",
    [
        CARD | {"expected_amount": "1"},
        CARD | {"payment_method_data[billing_details][email]": ""},
        {},
        {"payment_method": "pm_unheard_of"},
    ],
)
async def test_what_does_not_fit_the_session_pays_nothing(
    shop: Shop, given: dict[str, str]
) -> None:
    session = await shop.session()
    answer = await shop.ask("POST", f"/v1/payment_pages/{session.id}/confirm", given)
    assert answer.status_code == 400
    unpaid = await shop.again(session)
    assert (unpaid.status, unpaid.payment_intent) == ("open", None)


async def test_a_session_is_not_paid_twice(shop: Shop) -> None:
    session = await shop.session()
    await shop.pay_by_card(session)
    answer = await shop.ask("POST", f"/v1/payment_pages/{session.id}/confirm", CARD)
    assert answer.status_code == 400
    assert len((await shop.client.v1.charges.list_async()).data) == 1


async def test_a_session_for_nothing_needs_no_method(shop: Shop) -> None:
    session = await shop.session(0, customer_email="buyer@example.com")
    answer = await shop.ask("POST", f"/v1/payment_pages/{session.id}/confirm")
    assert answer.json()["payment_status"] == "no_payment_required"
