"""What has happened to others' webhooks, told to ours over HTTP."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import stripe

from domain.order import order_id_for
from tests.end_to_end.shop import Shop, new_key
from tests.waiting import until

COMPLETED = "checkout.session.completed"
SETTLED = "checkout.session.async_payment_succeeded"
FELL_THROUGH = "checkout.session.async_payment_failed"
EXPIRED = "checkout.session.expired"
KINDS = (COMPLETED, SETTLED, FELL_THROUGH, EXPIRED)

_numbers = itertools.count()


def new_event_id() -> str:
    return f"evt_story_{next(_numbers)}"


async def opened(shop: Shop) -> tuple[dict[str, str], str]:
    """A payment page, and its order's id."""
    beat, *_ = await shop.full_beats()
    session: dict[str, str] = (await shop.check_out({"priceId": beat["stripeWavPriceId"]})).json()
    return session, (await shop.order(session["sessionId"]))["id"]


async def outcome(shop: Shop, event_id: str) -> str | None:
    async with shop.database.cursor() as cursor:
        await cursor.execute("SELECT outcome FROM webhook_events WHERE id = %s", (event_id,))
        found = await cursor.fetchone()
    assert found is not None
    return found[0]  # type: ignore[no-any-return]


async def comes_to(shop: Shop, event_id: str, expected: str) -> None:
    """Waits for what became of an event: it is noted after Stripe has its answer."""

    async def is_noted() -> bool:
        return await outcome(shop, event_id) == expected

    await until(is_noted)


async def is_kept(shop: Shop, event_id: str) -> bool:
    return await shop.count("SELECT count(*) FROM webhook_events WHERE id = %s", event_id) == 1


@pytest.fixture
async def held(shop: Shop) -> AsyncIterator[None]:
    """A Stripe whose own webhooks do not come, until the test is over."""
    await shop.switch("/webhooks/hold")
    yield
    await shop.switch("/webhooks/release")


async def test_an_event_three_times_at_once_is_kept_once_and_pays_once(
    shop: Shop, held: None
) -> None:
    session, order_id = await opened(shop)
    await shop.pay(session["url"])
    event_id = new_event_id()
    answers = await asyncio.gather(*(shop.send_event(event_id, order_id) for _ in range(3)))
    assert [answer.json() for answer in answers] == [{"received": True}] * 3
    await shop.order_in("COMPLETED", session["sessionId"])
    assert await is_kept(shop, event_id)
    paid = "SELECT count(*) FROM order_events WHERE order_id = %s AND type = 'paid'"
    granted = (
        "SELECT count(*) FROM download_grants g JOIN order_items i ON i.id = g.order_item_id "
        "WHERE i.order_id = %s"
    )
    assert await shop.count(paid, order_id) == 1
    assert await shop.count(granted, order_id) == 1


async def test_two_events_that_carry_one_fact_are_one_fact(shop: Shop, held: None) -> None:
    session, order_id = await opened(shop)
    await shop.pay(session["url"])
    kinds = (COMPLETED, SETTLED, COMPLETED)
    await asyncio.gather(*(shop.send_event(new_event_id(), order_id, kind) for kind in kinds))
    order = await shop.order_in("COMPLETED", session["sessionId"])
    before = await shop.traces()
    for kind in kinds:
        assert (await shop.send_event(new_event_id(), order_id, kind)).status_code == 200
    assert await shop.order(session["sessionId"]) == order
    assert await shop.traces() == before


@pytest.mark.parametrize("kinds", list(itertools.permutations(KINDS))[::4])
async def test_whatever_comes_in_whatever_order_paid_is_paid(
    shop: Shop, held: None, kinds: tuple[str, ...]
) -> None:
    session, order_id = await opened(shop)
    for kind in kinds:  # none of them true yet
        assert (await shop.send_event(new_event_id(), order_id, kind)).status_code == 200
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"
    await shop.pay(session["url"])
    for kind in kinds:
        assert (await shop.send_event(new_event_id(), order_id, kind)).status_code == 200
    order = await shop.order_in("COMPLETED", session["sessionId"])
    for kind in reversed(kinds):  # stale by now
        assert (await shop.send_event(new_event_id(), order_id, kind)).status_code == 200
    assert await shop.order(session["sessionId"]) == order


async def test_news_for_an_order_that_is_done_wakes_nobody(shop: Shop) -> None:
    session, order_id = await opened(shop)
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])
    before, event_id = await shop.traces(), new_event_id()
    assert (await shop.send_event(event_id, order_id)).status_code == 200
    await comes_to(shop, event_id, "already_ended")
    assert await shop.traces() == before


async def test_an_expiry_told_in_the_second_of_the_payment_loses_to_it(
    shop: Shop, held: None
) -> None:
    session, order_id = await opened(shop)
    await shop.pay(session["url"])
    assert (await shop.send_event(new_event_id(), order_id, EXPIRED)).status_code == 200
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_a_webhook_that_overtakes_our_own_call_finds_its_order(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    key = new_key()
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", delay=1, times=1)
    opening = asyncio.create_task(shop.check_out({"priceId": beat["stripeWavPriceId"]}, key))
    order_id, event_id = order_id_for(key), new_event_id()
    known = "SELECT count(*) FROM orders WHERE id = %s"

    async def is_placed() -> bool:
        return await shop.count(known, order_id) == 1

    await until(is_placed)
    assert not opening.done()
    assert (await shop.send_event(event_id, order_id)).status_code == 200
    await comes_to(shop, event_id, "reported")
    session = (await opening).json()
    assert (await shop.order(session["sessionId"]))["id"] == order_id
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_an_event_that_a_dead_process_had_kept_is_delivered_by_another(
    shop: Shop, held: None
) -> None:
    session, order_id = await opened(shop)
    await shop.pay(session["url"])
    event_id = new_event_id()
    row = (event_id, COMPLETED, session["sessionId"], order_id, timedelta(minutes=1))
    await shop.database.execute(
        "INSERT INTO webhook_events (id, type, object_id, order_id, created_at, received_at) "
        "VALUES (%s, %s, %s, %s, now(), now() - %s)",
        row,
    )

    async def is_told() -> bool:  # before anybody looks at the order, which has Stripe asked too
        return await outcome(shop, event_id) == "reported"

    await until(is_told)
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_an_event_of_another_environment_is_acknowledged_and_left_alone(shop: Shop) -> None:
    session, order_id = await opened(shop)
    event_id = new_event_id()
    elsewhere = {"order_id": order_id, "environment": "production"}
    answer = await shop.send_event(event_id, order_id, metadata=elsewhere)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert not await is_kept(shop, event_id)
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"


@pytest.mark.parametrize("kind", ["customer.created", "invoice.paid", "a.kind.of.tomorrow"])
async def test_an_event_of_no_interest_is_acknowledged(shop: Shop, kind: str) -> None:
    _, order_id = await opened(shop)
    event_id = new_event_id()
    answer = await shop.send_event(event_id, order_id, kind)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert not await is_kept(shop, event_id)


async def test_a_card_that_was_declined_is_kept_and_changes_nothing(shop: Shop) -> None:
    session, order_id = await opened(shop)
    event_id = new_event_id()
    failed = await shop.send_event(event_id, order_id, "payment_intent.payment_failed")
    assert failed.status_code == 200
    assert await is_kept(shop, event_id)
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "null",
        "7",
        '"evt_1"',
        "{}",
        "",
        "[" * 2_000 + "]" * 2_000,
        '{"data":' * 2_000 + "{}" + "}" * 2_000,
        '{"id": "evt_x", "type": "checkout.session.completed", "created": 1, "data": []}',
        '{"id": "evt_\\u0000", "type": "charge.refunded", "created": 1, "data": {"object": {}}}',
        '{"id": "evt_x", "type": "charge.refunded", "created": 1e99, "data": {"object": {}}}',
        '{"id": "evt_x", "type": "charge.refunded", "created": '
        + "9" * 5_000
        + ', "data": {"object": {}}}',
        '{"id": "evt_'
        + "x" * 10_000
        + '", "type": "charge.refunded", "created": 1, "data": {"object": {}}}',
    ],
)
async def test_even_a_signed_body_is_looked_at(shop: Shop, body: str) -> None:
    before = await shop.count("SELECT count(*) FROM webhook_events")
    answer = await shop.send_signed(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")
    assert await shop.count("SELECT count(*) FROM webhook_events") == before


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, 10 * 365 * 86_400])
async def test_a_signature_of_another_time_is_refused_even_of_the_future(
    shop: Shop, seconds: int
) -> None:
    _, order_id = await opened(shop)
    event: dict[str, Any] = {"id": "evt_untimely", "type": COMPLETED, "created": 1}
    about = {"id": "cs_x", "metadata": {"order_id": order_id}}
    body = json.dumps(event | {"data": {"object": about}})
    stamp = int(time.time()) + seconds
    sign = stripe.WebhookSignature.generate_signature_header
    headers = {"Stripe-Signature": sign(body, shop.webhook_secret, timestamp=stamp)}
    answer = await shop.http.post("/api/stripe/webhook", content=body, headers=headers)
    assert answer.status_code == 400
    assert not await is_kept(shop, "evt_untimely")


async def test_no_vendor_is_asked_before_a_webhook_is_acknowledged(shop: Shop) -> None:
    session, order_id = await opened(shop)
    await shop.switch("/faults", on="api", path=".*", delay=3, times=1)
    try:
        started = time.monotonic()
        assert (await shop.send_event(new_event_id(), order_id)).status_code == 200
        assert time.monotonic() - started < 2
    finally:
        await shop.switch_off()
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])
