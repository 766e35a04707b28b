"""One key, one order: whoever clicks twice, retries or races gets the same payment page."""

import asyncio

import pytest

from tests.end_to_end.shop import Shop, new_key


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


@pytest.mark.parametrize("key", ["short", "x" * 15, "x" * 256, "with a space in it"])
async def test_a_key_of_another_shape_is_refused(shop: Shop, key: str) -> None:
    beat, *_ = await shop.full_beats()
    before = await shop.traces()
    answer = await shop.check_out({"priceId": beat["stripeWavPriceId"]}, key)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "Idempotency-Key"
    assert await shop.traces() == before
