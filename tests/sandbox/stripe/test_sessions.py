"""Checkout sessions, from opening to expiry."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import Shop, eventually


async def test_a_session_opens_with_what_stripe_shows(shop: Shop) -> None:
    session = await shop.session(
        client_reference_id="ord_1",
        customer_email="buyer@example.com",
        metadata={"order_id": "ord_1"},
        payment_intent_data={"metadata": {"order_id": "ord_1"}},
    )
    assert session.id.startswith("cs_test_")
    assert len(session.id) == len("cs_test_") + 58
    assert session.url == f"{shop.url}/c/pay/{session.id}"
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (3999, "eur")
    assert (session.payment_intent, session.client_reference_id) == (None, "ord_1")
    assert session.payment_method_types == ["card", "sepa_debit"]
    assert session.expires_at == session.created + 24 * 60 * 60


async def test_line_items_are_shown_when_asked_for(shop: Shop) -> None:
    data = {"currency": "EUR", "unit_amount": 1999, "product_data": {"name": "Low Tide"}}
    items = [{"price": await shop.price(), "quantity": 2}, {"price_data": data, "quantity": 1}]
    session = await shop.session(line_items=items, expand=["line_items.data.price.product"])
    assert session.amount_total == 2 * 3999 + 1999
    assert session.line_items is not None
    assert [item.amount_total for item in session.line_items.data] == [7998, 1999]
    product: Any = session.line_items.data[1].price.product  # type: ignore[union-attr]
    assert product.name == "Low Tide"
    listed = await shop.client.v1.checkout.sessions.line_items.list_async(session.id, {"limit": 1})
    assert ([item.description for item in listed.data], listed.has_more) == (["Night Drive"], True)


async def test_currencies_without_bank_debits_offer_cards_alone(shop: Shop) -> None:
    session = await shop.session(currency="usd")
    assert session.payment_method_types == ["card"]


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"line_items": [{"price": "price_unknown", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": []}, "line_items"),
        ({"metadata": {"note": "x" * 501}}, "metadata[note]"),
        ({"metadata": {"k" * 41: "x"}}, f"metadata[{'k' * 41}]"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 25 * 60 * 60}, "expires_at"),
        ({"success_url": "/thanks"}, "success_url"),
        ({"success_url": ""}, "success_url"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"mode": "subscription"}, "mode"),
        ({"discounts": [{"coupon": "c"}]}, "discounts"),
        ({"unheard_of": "x"}, "unheard_of"),
        ({"expand": ["unheard_of"]}, "expand"),
    ],
)
async def test_a_wrong_parameter_is_named(shop: Shop, given: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await shop.session(**given)
    assert (refusal.value.http_status, refusal.value.param) == (400, param)
    assert (await shop.client.v1.checkout.sessions.list_async()).data == []


async def test_quantities_are_whole_and_positive(shop: Shop) -> None:
    price = await shop.price()
    for quantity in ("0", "-1", "1.5", "many", None):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            await shop.session(line_items=[{"price": price, "quantity": quantity}])
        assert refusal.value.param == "line_items[0][quantity]"


async def test_a_withdrawn_price_or_product_is_refused(shop: Shop) -> None:
    price = await shop.client.v1.prices.retrieve_async(await shop.price())
    items = [{"price": await shop.price(), "quantity": 1}, {"price": price.id, "quantity": 1}]
    await shop.client.v1.prices.update_async(price.id, {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="inactive") as refusal:
        await shop.session(line_items=items)
    assert refusal.value.param == "line_items[1][price]"
    await shop.client.v1.prices.update_async(price.id, {"active": True})
    await shop.client.v1.products.update_async(str(price.product), {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        await shop.session(line_items=items)


async def test_currencies_are_not_mixed(shop: Shop) -> None:
    prices = [await shop.price(), await shop.price(currency="usd")]
    with pytest.raises(stripe.InvalidRequestError, match="expected currency") as refusal:
        await shop.session(line_items=[{"price": price, "quantity": 1} for price in prices])
    assert refusal.value.param == "line_items[1][price]"


async def test_only_an_open_session_can_be_expired(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    expired = await shop.client.v1.checkout.sessions.expire_async(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        await shop.client.v1.checkout.sessions.expire_async(session.id)
    await eventually(lambda: receiver.of_type("checkout.session.expired"))
    assert object_of(receiver.of_type("checkout.session.expired")[0]).id == session.id


async def test_a_session_expires_when_its_time_is_up(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session(expires_at=int(time.time()) + 31 * 60)
    later = await shop.session()
    await shop.switch("clock", offset=32 * 60)
    await eventually(lambda: receiver.of_type("checkout.session.expired"))
    assert (await shop.again(session)).status == "expired"
    assert (await shop.again(later)).status == "open"
    assert (await shop.pay_by_card(session)).status_code == 410


async def test_sessions_are_found_by_payment_status_and_age(shop: Shop) -> None:
    paid, left = await shop.session(), await shop.session()
    await shop.pay_by_card(paid)
    sessions = shop.client.v1.checkout.sessions
    intent = (await sessions.retrieve_async(paid.id)).payment_intent
    wanted: list[Any] = [
        ({"payment_intent": intent}, [paid.id]),
        ({"status": "open"}, [left.id]),
        ({"status": "complete", "created": {"gte": paid.created}}, [paid.id]),
        ({"created": {"gt": left.created}}, []),
        ({"created": {"lte": left.created}}, [left.id, paid.id]),
        ({"customer_details": {"email": "buyer@example.com"}}, [paid.id]),
    ]
    for filters, expected in wanted:
        assert [each.id for each in (await sessions.list_async(filters)).data] == expected
