"""The hosted page, as a browser and as a script use it."""

import asyncio

import pytest

from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import DECLINED, NO_FUNDS, PAYS, SHOP, Shop, eventually

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


async def test_a_card_pays_and_the_buyer_goes_back_to_the_shop(
    shop: Shop, receiver: Receiver
) -> None:
    session = await shop.session(payment_intent_data={"metadata": {"order_id": "ord_1"}})
    answer = await shop.pay_by_card(session, json=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{SHOP}/ok?session={session.id}"
    paid = await shop.again(session)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert (paid.customer_details.email, paid.customer_details.name) == (
        "buyer@example.com",
        "A Buyer",
    )
    intent = paid.payment_intent
    assert intent is not None
    assert not isinstance(intent, str)
    assert (intent.status, intent.amount_received) == ("succeeded", 3999)
    charge = intent.latest_charge
    assert charge is not None
    assert not isinstance(charge, str)
    assert charge.metadata.to_dict() == {"order_id": "ord_1"}
    await eventually(lambda: len(receiver.types) == 5)
    assert receiver.types == ["price.created", *PAID]
    assert object_of(receiver.events[-1]).payment_intent == intent.id


async def test_the_page_shows_the_order_and_loads_nothing_from_elsewhere(shop: Shop) -> None:
    price = await shop.price(product_data={"name": "<script>alert(1)</script>"})
    session = await shop.session(
        line_items=[{"price": price, "quantity": 2}], customer_email="buyer@example.com"
    )
    answer = await shop.browser.get(f"/c/pay/{session.id}")
    assert answer.status_code == 200
    assert "€79.98" in answer.text
    assert "2 × €39.99" in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert" not in answer.text
    assert 'value="buyer@example.com" type="email" autocomplete="email" readonly' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    for file in ("checkout.css", "checkout.js", "icon.svg"):
        assert (await shop.browser.get(f"/_static/{file}")).status_code == 200


@pytest.mark.parametrize(
    ("number", "decline_code"), [(DECLINED, "generic_decline"), (NO_FUNDS, "insufficient_funds")]
)
async def test_a_declined_card_leaves_the_session_open(
    shop: Shop, receiver: Receiver, number: str, decline_code: str
) -> None:
    session = await shop.session()
    answer = await shop.pay_by_card(session, number)
    assert answer.status_code == 402
    assert answer.json()["error"]["decline_code"] == decline_code
    await eventually(lambda: receiver.of_type("payment_intent.payment_failed"))
    failed = object_of(receiver.of_type("payment_intent.payment_failed")[0])
    assert failed.last_payment_error.decline_code == decline_code
    assert (await shop.again(session)).status == "open"
    assert (await shop.pay_by_card(session)).status_code == 200
    paid = (await shop.again(session)).payment_intent
    assert paid is not None
    assert not isinstance(paid, str)
    assert (paid.id, paid.status) == (failed.id, "succeeded")


async def test_a_declined_buyer_keeps_what_was_typed_but_not_the_card(shop: Shop) -> None:
    answer = await shop.pay_by_card(await shop.session(), DECLINED, json=False)
    assert answer.status_code == 402
    assert "Your card was declined." in answer.text
    assert 'value="A Buyer"' in answer.text
    assert 'value="12 / 34"' in answer.text
    assert DECLINED not in answer.text
    assert 'value="123"' not in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "nobody"),
        ("name", ""),
        ("card_number", "4242424242424241"),
        ("card_number", "42"),
        ("card_expiry", "13/34"),
        ("card_expiry", "01/20"),
        ("card_cvc", "12"),
        ("method", "cash"),
    ],
)
async def test_a_mistyped_field_is_pointed_out(shop: Shop, field: str, typed: str) -> None:
    session = await shop.session()
    good = {"card_number": PAYS, "card_expiry": "12/34", "card_cvc": "123"}
    answer = await shop.submit(session, {**good, field: typed})
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]
    assert (await shop.again(session)).payment_intent is None


async def test_a_card_that_is_no_test_card_is_declined(shop: Shop) -> None:
    answer = await shop.pay_by_card(await shop.session(), "4111111111111111")
    assert answer.json()["error"]["decline_code"] == "test_mode_live_card"


async def test_racing_submissions_pay_once(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    answers = await asyncio.gather(*(shop.pay_by_card(session, json=False) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len((await shop.client.v1.charges.list_async()).data) == 1
    await eventually(lambda: receiver.of_type("checkout.session.completed"))
    assert receiver.types == ["price.created", *PAID]


async def test_paid_expired_and_unknown_sessions_say_so(shop: Shop) -> None:
    paid, expired = await shop.session(), await shop.session()
    await shop.pay_by_card(paid)
    await shop.client.v1.checkout.sessions.expire_async(expired.id)
    for identifier, status, text, link in (
        (paid.id, 200, "Payment received", f"{SHOP}/ok?session={paid.id}"),
        (expired.id, 410, "expired", f"{SHOP}/cart"),
        ("cs_test_unknown", 404, "does not exist", None),
    ):
        answer = await shop.browser.get(f"/c/pay/{identifier}")
        assert answer.status_code == status
        assert text in answer.text
        assert link is None or link in answer.text


async def test_an_order_for_nothing_needs_no_card(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session(0)
    assert (await shop.submit(session, {})).status_code == 200
    free = await shop.again(session)
    assert (free.payment_status, free.payment_intent) == ("no_payment_required", None)
    await eventually(lambda: receiver.of_type("checkout.session.completed"))
    assert receiver.types == ["price.created", "checkout.session.completed"]


async def test_the_developers_page_lists_what_happened(shop: Shop) -> None:
    open_session, paid = await shop.session(), await shop.session()
    await shop.pay_by_card(paid)
    page = (await shop.browser.get("/")).text
    assert f"/c/pay/{open_session.id}" in page
    assert "complete, paid" in page
    assert "checkout.session.completed" in page
