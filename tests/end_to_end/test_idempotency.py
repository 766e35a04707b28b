"""One key, one order: whoever clicks twice, retries or races gets the same payment page."""

import asyncio
import json
from typing import Any

import pytest
import stripe

from tests.end_to_end.shop import Shop, new_key
from tests.waiting import until


async def test_the_same_key_and_body_give_the_same_session(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body, key = {"priceId": beat["stripeWavPriceId"], "beatTitle": beat["title"]}, new_key()
    first = await shop.check_out(body, key)
    second = await shop.check_out(body, key)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()


async def test_twenty_racing_calls_make_one_order_and_one_session(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body, key = {"priceId": beat["stripeWavPriceId"], "beatTitle": beat["title"]}, new_key()
    before = await shop.traces()
    answers = await asyncio.gather(*(shop.check_out(body, key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["sessionId"] for answer in answers}) == 1
    after = await shop.traces()
    assert after.rows["orders"] == before.rows["orders"] + 1
    assert after.sessions == before.sessions + 1


async def test_the_same_key_with_another_body_is_a_conflict(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    key = new_key()
    assert (await shop.check_out({"priceId": beat["stripeWavPriceId"]}, key)).status_code == 200
    before = await shop.traces()
    other = await shop.check_out({"priceId": beat["stripeTrackoutPriceId"]}, key)
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_conflict"
    assert await shop.traces() == before


async def test_a_paid_order_still_answers_its_key_with_its_session(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body, key = {"priceId": beat["stripeWavPriceId"]}, new_key()
    session = (await shop.check_out(body, key)).json()
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])
    before = await shop.traces()
    assert (await shop.check_out(body, key)).json() == session
    assert await shop.traces() == before


async def test_without_a_key_each_call_is_a_checkout_of_its_own(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body = {"priceId": beat["stripeWavPriceId"]}
    first, second = await shop.check_out(body), await shop.check_out(body)
    assert first.json()["sessionId"] != second.json()["sessionId"]


async def test_twenty_racing_carts_make_one_workflow_and_ask_stripe_for_one_session(
    shop: Shop,
) -> None:
    first, second, *_ = await shop.full_beats()
    items = [
        {"priceId": first["stripeWavPriceId"], "quantity": 2},
        {"beatId": second["id"], "licenseType": "TRACKOUT_LEASE", "quantity": 1},
    ]
    body, key = {"items": items, "customerEmail": "buyer@beatline.example"}, new_key()
    before = await shop.traces()
    answers = await asyncio.gather(*(shop.check_out(body, key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    after = await shop.traces()
    assert after.rows["checkout_requests"] == before.rows["checkout_requests"] + 1
    assert after.rows["orders"] == before.rows["orders"] + 1
    assert after.rows["order_items"] == before.rows["order_items"] + 2
    assert (after.sessions, after.workflows) == (before.sessions + 1, before.workflows + 1)
    order = await shop.order(answers[0].json()["sessionId"])
    sessions = await shop.stripe.v1.checkout.sessions.list_async({"limit": 100})
    ours = [each.id async for each in sessions.auto_paging_iter() if references(each, order["id"])]
    assert ours == [order["sessionId"]]


def references(session: stripe.checkout.Session, order_id: str) -> bool:
    return session.client_reference_id == order_id


async def test_of_two_bodies_racing_with_one_key_one_is_a_conflict(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    bodies = [{"priceId": beat["stripeWavPriceId"]}, {"priceId": beat["stripeTrackoutPriceId"]}]
    for _ in range(3):
        key = new_key()
        before = await shop.traces()
        answers = await asyncio.gather(*(shop.check_out(body, key) for body in bodies * 5))
        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) == [200] * 5 + [409] * 5
        assert len({answer.text for answer in answers if answer.status_code == 200}) == 1
        assert (await shop.traces()).sessions == before.sessions + 1


@pytest.mark.parametrize(
    "change",
    [
        {"successUrl": "/elsewhere"},
        {"cancelUrl": "/elsewhere"},
        {"beatTitle": "Another"},
        {"licenseType": "WAV_LEASE"},
        {"items": True},
    ],
)
async def test_a_key_belongs_to_all_of_its_body(shop: Shop, change: dict[str, Any]) -> None:
    beat, *_ = await shop.full_beats()
    body, key = {"priceId": beat["stripeWavPriceId"]}, new_key()
    urls = {name: f"{shop.addresses.api}{path}" for name, path in change.items() if "Url" in name}
    other = body | change | urls
    if "items" in change:
        other = {"items": [body | {"quantity": 1}]}
    assert (await shop.check_out(body, key)).status_code == 200
    answer = await shop.check_out(other, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


async def test_what_is_not_read_makes_no_other_body(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    key = new_key()
    first = await shop.check_out({"priceId": beat["stripeWavPriceId"]}, key)
    padded = {"licenseType": None, "utm": "mail", "priceId": beat["stripeWavPriceId"]}
    assert (await shop.check_out(padded, key)).json() == first.json()


async def test_a_caller_who_gave_up_finds_the_session_with_the_same_key(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body, key = {"priceId": beat["stripeWavPriceId"]}, new_key()
    before = await shop.traces()
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", delay=1, times=1)
    calling = asyncio.create_task(shop.check_out(body, key))

    async def is_under_way() -> bool:
        return (await shop.traces()).workflows > before.workflows

    await until(is_under_way)
    calling.cancel()
    retried = await shop.check_out(body, key)
    assert retried.status_code == 200
    assert (await shop.traces()).sessions == before.sessions + 1


@pytest.mark.parametrize("key", ["k" * 16, "k" * 255, "!~#$%&'()*+,-./:", "{uuid}"])
async def test_a_key_of_visible_ascii_is_taken(shop: Shop, key: str) -> None:
    beat, *_ = await shop.full_beats()
    unique = new_key()
    wanted = unique if key == "{uuid}" else unique[:8] + key[8:]
    first = await shop.check_out({"priceId": beat["stripeWavPriceId"]}, wanted)
    again = await shop.check_out({"priceId": beat["stripeWavPriceId"]}, wanted)
    assert first.status_code == 200
    assert first.json() == again.json()


@pytest.mark.parametrize(
    "key",
    [
        b"short",
        b"x" * 15,
        b"x" * 256,
        b"with a space in it",
        b"with\ta\ttab-in-it!",
        b"",
        b"\xe9" * 20,
        "größer-als-sechzehn".encode(),
        b"\x7f" * 20,
    ],
)
async def test_a_key_of_another_shape_is_refused(shop: Shop, key: bytes) -> None:
    beat, *_ = await shop.full_beats()
    body = shop.returns() | {"priceId": beat["stripeWavPriceId"]}
    headers = [(b"Idempotency-Key", key), (b"Content-Type", b"application/json")]
    before = await shop.traces()
    answer = await shop.http.post(
        "/api/stripe/create-checkout", content=json.dumps(body), headers=headers
    )
    assert answer.status_code == 400
    if key != b"\x7f" * 20:  # which is no header at all
        assert answer.json()["details"][0]["field"] == "Idempotency-Key"
    assert await shop.traces() == before


async def test_two_keys_are_one_too_many(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body = shop.returns() | {"priceId": beat["stripeWavPriceId"]}
    headers = [("Idempotency-Key", new_key()), ("Idempotency-Key", new_key())]
    answer = await shop.http.post("/api/stripe/create-checkout", json=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "Idempotency-Key"
