"""What has happened to others' checkouts, told to ours over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.end_to_end.shop import Shop, new_key


async def amount_on_page(shop: Shop, session_id: str) -> int:
    found = await shop.stripe.v1.checkout.sessions.retrieve_async(session_id)
    assert found.amount_total is not None
    return found.amount_total


@pytest.fixture
async def repriced(shop: Shop) -> AsyncIterator[dict[str, Any]]:
    """A beat whose price in the catalogue the test may change."""
    beat, *_ = await shop.full_beats()
    yield beat
    await shop.database.execute(
        "UPDATE beat_prices SET amount_minor = %s WHERE stripe_price_id = %s",
        (round(beat["wavLeasePrice"] * 100), beat["stripeWavPriceId"]),
    )
    await shop.database.execute("UPDATE beats SET is_active = true WHERE id = %s", (beat["id"],))


async def test_a_price_that_changes_between_page_and_payment_is_honoured_as_shown(
    shop: Shop, repriced: dict[str, Any]
) -> None:
    session = (await shop.check_out({"priceId": repriced["stripeWavPriceId"]})).json()
    shown = await amount_on_page(shop, session["sessionId"])
    query = "UPDATE beat_prices SET amount_minor = amount_minor + 500 WHERE stripe_price_id = %s"
    await shop.database.execute(query, (repriced["stripeWavPriceId"],))
    await shop.pay(session["url"])
    order = await shop.order_in("COMPLETED", session["sessionId"])
    assert order["totalAmount"] == repriced["wavLeasePrice"] == shown / 100


async def test_a_beat_withdrawn_between_page_and_payment_is_delivered(
    shop: Shop, repriced: dict[str, Any]
) -> None:
    key, body = new_key(), {"priceId": repriced["stripeWavPriceId"]}
    session = (await shop.check_out(body, key)).json()
    await shop.database.execute(
        "UPDATE beats SET is_active = false WHERE id = %s", (repriced["id"],)
    )
    # Nobody else can buy it any more; whoever was on the page still is, by the same key.
    assert (await shop.check_out(body)).json()["code"] == "beat_withdrawn"
    assert (await shop.check_out(body, key)).json() == session
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "times": 1},
        {"status": 500, "times": 1, "saved": True},
        {"status": 429, "times": 1, "retry_after": 1},
        {"cut": True, "times": 1},
        {"cut": True, "executed": True, "times": 1},
        {"status": 500, "executed": True, "times": 1},
    ],
    ids=["broken", "broken and saved", "busy", "cut", "cut once done", "broken once done"],
)
async def test_a_stripe_that_stumbles_opens_one_page_in_the_end(
    shop: Shop, fault: dict[str, Any]
) -> None:
    beat, *_ = await shop.full_beats()
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", **fault)
    try:
        before = await shop.traces()
        answer = await shop.check_out(body, key)
        while answer.status_code == 503:  # as the contract has it: come back, with the same key
            assert int(answer.headers["retry-after"]) >= 1
            answer = await shop.check_out(body, key)
    finally:
        await shop.switch_off()
    assert answer.status_code == 200
    after = await shop.traces()
    assert after.rows["orders"] == before.rows["orders"] + 1
    session = answer.json()
    assert (await shop.pay(session["url"])).status_code == 200
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_a_stripe_that_says_no_is_told_as_a_refusal(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", status=400, times=1)
    try:
        answer = await shop.check_out({"priceId": beat["stripeWavPriceId"]})
    finally:
        await shop.switch_off()
    assert (answer.status_code, answer.json()["code"]) == (400, "checkout_refused")
    assert set(answer.json()) == {"success", "error", "code"}


async def test_a_stripe_that_is_silent_is_a_503_in_time_and_one_page_after(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    before = await shop.traces()
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", delay=4, times=1)
    try:
        answer = await shop.check_out(body, key)
    finally:
        await shop.switch_off()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.elapsed.total_seconds() < 3
    assert set(answer.json()) == {"success", "error", "code"}
    while answer.status_code == 503:
        assert int(answer.headers["retry-after"]) >= 1
        answer = await shop.check_out(body, key)
    assert answer.status_code == 200
    after = await shop.traces()
    assert after.sessions == before.sessions + 1
    assert after.rows["orders"] == before.rows["orders"] + 1


async def test_an_order_given_up_answers_its_key_with_the_page_it_had(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    session = (await shop.check_out(body, key)).json()
    await shop.stripe.v1.checkout.sessions.expire_async(session["sessionId"])
    await shop.order_in("CANCELLED", session["sessionId"])
    before = await shop.traces()
    again = await shop.check_out(body, key)
    assert (again.status_code, again.json()) == (200, session)
    assert await shop.traces() == before
    assert (await shop.order(session["sessionId"]))["status"] == "CANCELLED"
