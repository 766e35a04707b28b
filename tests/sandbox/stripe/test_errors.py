"""Refusals, as the official library understands them."""

from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.stripe.shop import KEY, Shop


async def test_a_wrong_key_is_no_way_in(shop: Shop) -> None:
    options: Any = {"api_key": "sk_test_of_somebody_else"}
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key") as refusal:
        await shop.client.v1.products.list_async(options=options)
    assert "somebody" not in str(refusal.value)
    assert refusal.value.request_id is not None


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic !"}])
async def test_no_key_is_no_way_in(shop: Shop, header: dict[str, str]) -> None:
    answer = await shop.browser.get("/v1/products", headers=header)
    assert answer.status_code == 401
    assert "did not provide an API key" in answer.json()["error"]["message"]


async def test_the_key_may_be_the_user_of_basic_authentication(shop: Shop) -> None:
    answer = await shop.browser.get("/v1/products", auth=httpx.BasicAuth(KEY, ""))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("resource", "param"),
    [
        ("products", "id"),
        ("prices", "price"),
        ("payment_intents", "intent"),
        ("charges", "id"),
        ("refunds", "refund"),
        ("disputes", "dispute"),
        ("events", "id"),
    ],
)
async def test_an_unknown_id_is_a_404_that_names_it(shop: Shop, resource: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such") as refusal:
        await getattr(shop.client.v1, resource).retrieve_async("unknown")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert refusal.value.param == param


async def test_an_unknown_address_is_answered_in_stripes_way(shop: Shop) -> None:
    for method, path in (
        ("GET", "/v1/unheard_of"),
        ("DELETE", "/v1/refunds"),
        ("GET", "/v1/prices/"),
    ):
        answer = await shop.browser.request(method, path)
        assert answer.status_code == 404
        assert "Unrecognized request URL" in answer.json()["error"]["message"]
        assert answer.headers["request-id"].startswith("req_")


async def test_the_api_version_is_echoed(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": "2025-01-27.acacia"}
    answer = await shop.browser.get("/v1/products", headers=headers)
    assert answer.headers["stripe-version"] == "2025-01-27.acacia"


async def test_bodies_without_end_or_meaning_are_refused(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    huge = await shop.browser.post("/v1/products", content=b"x" * 1_100_000, headers=headers)
    assert huge.status_code == 413
    garbage = await shop.browser.post("/v1/products", content=b"\xff\xfe", headers=headers)
    assert garbage.status_code == 400


async def test_what_is_no_reference_cannot_be_expanded(shop: Shop) -> None:
    intent = await shop.intent("pm_card_visa")
    for path in ("amount", "amount_details.unheard_of", "latest_charge.unheard_of"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded") as refusal:
            await shop.client.v1.payment_intents.retrieve_async(intent.id, {"expand": [path]})
        assert refusal.value.param == "expand"


async def test_expansion_goes_no_deeper_than_stripes(shop: Shop) -> None:
    session = await shop.session()
    with pytest.raises(stripe.InvalidRequestError, match="4 levels"):
        await shop.client.v1.checkout.sessions.retrieve_async(
            session.id, {"expand": ["payment_intent.latest_charge.payment_intent.latest_charge.x"]}
        )
