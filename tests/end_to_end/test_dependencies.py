"""The running system with one of its parts frozen: it says so in time, and goes on afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from tests.end_to_end.shop import Shop, new_key
from tests.waiting import until

PROMISED = 3.0  # seconds
# What a busy machine may add on the way to us.
LENIENCE = 0.7

Json = dict[str, Any]


@contextmanager
def frozen(shop: Shop, words: str) -> Iterator[None]:
    """Stops the processes of one part, whose command line bears these words, and its children."""
    parts = psutil.Process(shop.addresses.pid).children(recursive=True)
    found = [part for part in parts if words in " ".join(part.cmdline())]
    assert found, words
    every = {*found, *(child for part in found for child in part.children(recursive=True))}
    for process in every:
        process.suspend()
    try:
        yield
    finally:
        for process in every:
            process.resume()


TEMPORAL, WORKER, POSTGRES = "temporal server start-dev", "-m cli worker", "/bin/postgres"


def check_unavailable(answer: httpx.Response) -> None:
    body = answer.json()
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() < PROMISED + LENIENCE
    assert body["success"] is False
    assert body["code"] in ("unavailable", "not_ready")
    assert int(answer.headers["retry-after"]) >= 1
    assert set(body) <= {"success", "error", "code", "details"}
    assert answer.headers["x-request-id"]


@pytest.fixture(scope="module")
async def beat(shop: Shop) -> Json:
    first, *_ = await shop.full_beats()
    return first


@pytest.fixture(scope="module")
async def order(shop: Shop, beat: Json) -> Json:
    return await shop.bought({"priceId": beat["stripeTrackoutPriceId"]})


async def one_order_in_the_end(shop: Shop, body: Json, key: str, sessions_before: int) -> None:
    """The same call again, until it is answered; there is one order and one session of it."""
    answers: list[httpx.Response] = []

    async def is_answered() -> bool:
        answers.append(await shop.check_out(body, key))
        return answers[-1].status_code == 200

    await until(is_answered, within=30)
    session = answers[-1].json()
    assert (await shop.check_out(body, key)).json() == session
    assert (await shop.traces()).sessions == sessions_before + 1
    assert (await shop.pay(session["url"])).status_code == 200
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_while_temporal_is_frozen_only_checkouts_wait_and_no_event_is_lost(
    shop: Shop, beat: Json, order: Json
) -> None:
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    before = await shop.traces()
    pending = (await shop.check_out({"priceId": beat["stripeWavPriceId"]})).json()
    waiting = await shop.order(pending["sessionId"])
    with frozen(shop, TEMPORAL):
        checkout, ready, event, browsed, looked_up, files, alive = await asyncio.gather(
            shop.check_out(body, key),
            shop.http.get("/api/health/ready"),
            shop.send_event("evt_while_frozen", waiting["id"]),
            shop.http.get("/api/beats"),
            shop.http.get(f"/api/orders/lookup/{order['sessionId']}"),
            shop.http.post(
                f"/api/download/multi-order/{order['id']}",
                json={"customerEmail": "buyer@beatline.example"},
            ),
            shop.http.get("/api/health"),
        )
    check_unavailable(checkout)
    check_unavailable(ready)
    assert [problem["field"] for problem in ready.json()["details"]] == ["temporal"]
    assert (event.status_code, event.json()) == (200, {"received": True})
    assert event.elapsed.total_seconds() < PROMISED + LENIENCE
    assert {each.status_code for each in (browsed, looked_up, files, alive)} == {200}
    await one_order_in_the_end(shop, body, key, before.sessions + 1)
    query = "SELECT count(*) FROM webhook_events WHERE id = %s AND outcome = 'reported'"

    async def is_delivered() -> bool:
        return await shop.count(query, "evt_while_frozen") == 1

    await until(is_delivered, within=30)


async def test_while_no_worker_works_a_checkout_is_asked_to_come_back(
    shop: Shop, beat: Json
) -> None:
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    before = await shop.traces()
    with frozen(shop, WORKER):
        for answer in await asyncio.gather(*(shop.check_out(body, key) for _ in range(3))):
            check_unavailable(answer)
    await one_order_in_the_end(shop, body, key, before.sessions)


async def test_while_postgresql_is_frozen_every_endpoint_says_so_and_recovers(
    shop: Shop, beat: Json, order: Json
) -> None:
    key, body = new_key(), {"priceId": beat["stripeWavPriceId"]}
    email = {"customerEmail": "buyer@beatline.example"}
    known = {"orderId": order["id"]} | email
    before = await shop.traces()

    async def ask_all() -> list[httpx.Response]:
        return await asyncio.gather(
            shop.check_out(body, key),
            shop.http.get("/api/beats"),
            shop.http.get(f"/api/beats/{beat['id']}"),
            shop.http.get("/api/beats/genres"),
            shop.http.get(f"/api/orders/multi-payment/{order['sessionId']}"),
            shop.http.get(f"/api/orders/lookup/{order['sessionId']}"),
            shop.http.post(f"/api/download/multi-order/{order['id']}", json=email),
            shop.http.get(f"/api/download/beat/{beat['id']}", params=known),
            shop.http.get(f"/api/download/stems/{beat['id']}", params=known),
            shop.http.get(f"/api/download/beat/{beat['id']}?type=preview"),
            shop.send_event("evt_without_postgres", order["id"], id=order["sessionId"]),
            shop.http.get("/api/health/ready"),
        )

    with frozen(shop, POSTGRES):
        refused = await ask_all()
        alive = await shop.http.get("/api/health")
        licenses = await shop.http.get("/api/licenses")
    for answer in refused:
        check_unavailable(answer)
    assert [alive.status_code, licenses.status_code] == [200, 200]
    assert [problem["field"] for problem in refused[-1].json()["details"]] == ["postgresql"]

    async def is_well() -> bool:
        return {each.status_code for each in await ask_all()} == {200, 307}

    await until(is_well, within=30)
    await one_order_in_the_end(shop, body, key, before.sessions)
