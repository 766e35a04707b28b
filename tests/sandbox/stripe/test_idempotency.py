"""Idempotency keys: one call, one effect, one answer."""

import asyncio
from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.stripe.shop import KEY, Shop

HEADERS = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "order:ord_1:checkout:1"}
PRODUCT = {"name": "Night Drive"}


async def post(shop: Shop, path: str, given: dict[str, str], key: str = "") -> httpx.Response:
    headers = HEADERS | ({"Idempotency-Key": key} if key else {})
    return await shop.browser.post(path, data=given, headers=headers)


async def test_the_same_call_is_answered_the_same_and_done_once(shop: Shop) -> None:
    first = await post(shop, "/v1/products", PRODUCT)
    second = await post(shop, "/v1/products", PRODUCT)
    assert second.text == first.text
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert len((await shop.client.v1.products.list_async()).data) == 1


async def test_the_same_key_for_another_call_is_refused(shop: Shop) -> None:
    await post(shop, "/v1/products", PRODUCT)
    other = await post(shop, "/v1/products", {"name": "Another"})
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    elsewhere = await post(shop, "/v1/refunds", PRODUCT)
    assert elsewhere.json()["error"]["type"] == "idempotency_error"


async def test_a_racing_call_is_told_that_the_first_is_under_way(shop: Shop) -> None:
    await shop.switch("faults", on="api", path="/v1/products$", delay=1, times=1)
    options: Any = {"idempotency_key": "race"}
    results = await asyncio.gather(
        *(shop.client.v1.products.create_async({"name": "A"}, options) for _ in range(5)),
        return_exceptions=True,
    )
    made = [each for each in results if isinstance(each, stripe.Product)]
    told = [each for each in results if isinstance(each, stripe.APIError)]
    assert (len(made), len(told)) == (1, 4)
    assert {each.http_status for each in told} == {409}
    assert {each.error.code for each in told if each.error} == {"idempotency_key_in_use"}
    again = await shop.client.v1.products.create_async({"name": "A"}, options)
    assert again.id == made[0].id


async def test_a_refusal_during_execution_is_kept(shop: Shop) -> None:
    given = {"payment_intent": "pi_that_comes_later"}
    first = await post(shop, "/v1/refunds", given)
    second = await post(shop, "/v1/refunds", given)
    assert (first.status_code, second.status_code) == (404, 404)
    assert second.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("wrong", [{}, {"name": "A", "unheard_of": "x"}, {"name": ""}])
async def test_a_refusal_before_execution_is_not_kept(shop: Shop, wrong: dict[str, str]) -> None:
    assert (await post(shop, "/v1/products", wrong)).status_code == 400
    assert (await post(shop, "/v1/products", PRODUCT)).status_code == 200


async def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    first = await post(shop, "/v1/products", PRODUCT)
    await shop.switch("clock", offset=25 * 60 * 60)
    second = await post(shop, "/v1/products", PRODUCT)
    assert second.json()["id"] != first.json()["id"]


async def test_a_key_longer_than_stripes_is_refused(shop: Shop) -> None:
    answer = await post(shop, "/v1/products", PRODUCT, "k" * 256)
    assert answer.status_code == 400
