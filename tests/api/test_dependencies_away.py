"""With PostgreSQL or Temporal away, or silent, every endpoint says so in time, and recovers."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.webhooks import RELAY_AFTER
from database import checkout_requests
from database.engine import BROWSING_CONNECTIONS, Database
from sandbox.process import free_port
from tests.api.conftest import Api
from tests.api.webhook_calls import call
from tests.making import WAV, price_id, publication, publish, request
from tests.waiting import until

RETURNS = {"successUrl": "https://shop.example/", "cancelUrl": "https://shop.example/"}
CHECKOUT = RETURNS | {"priceId": price_id("dusk", WAV)}
PROMISED = 3.0  # seconds

REQUESTS: dict[str, dict[str, Any]] = {
    "checkout": {"method": "POST", "url": "/api/stripe/create-checkout", "json": CHECKOUT},
    "order": {"method": "GET", "url": "/api/orders/multi-payment/cs_1"},
    "lookup": {"method": "GET", "url": "/api/orders/lookup/cs_1"},
    "downloads": {
        "method": "POST",
        "url": "/api/download/multi-order/ord_1",
        "json": {"customerEmail": "a@b"},
    },
    "receipt": {
        "method": "POST",
        "url": "/api/orders/resend-email",
        "json": {"orderId": "ord_1", "customerEmail": "a@b"},
    },
    "file": {"method": "GET", "url": "/api/download/beat/b?orderId=ord_1&customerEmail=a@b"},
    "preview": {"method": "GET", "url": "/api/download/beat/b?type=preview"},
    "beats": {"method": "GET", "url": "/api/beats"},
    "beat": {"method": "GET", "url": "/api/beats/dusk"},
    "genres": {"method": "GET", "url": "/api/beats/genres"},
    "readiness": {"method": "GET", "url": "/api/health/ready"},
}


async def in_time(client: httpx.AsyncClient, **asked: Any) -> httpx.Response:
    async with asyncio.timeout(PROMISED):
        return await client.request(**asked)


def unavailable(answer: httpx.Response) -> bool:
    body = answer.json()
    return (
        answer.status_code == 503
        and body["success"] is False
        and body["code"] in ("unavailable", "not_ready")
        and int(answer.headers["retry-after"]) >= 1
    )


@pytest.mark.parametrize("kind", REQUESTS)
async def test_without_postgresql_every_endpoint_says_so(
    api: Api, database: Database, kind: str
) -> None:
    async with api(DATABASE_URL=f"postgresql://a:b@127.0.0.1:{free_port()}/c") as client:
        assert unavailable(await in_time(client, **REQUESTS[kind]))
        assert (await client.get("/api/health")).status_code == 200


@pytest.mark.parametrize("kind", ["checkout", "order", "beats", "readiness"])
async def test_a_postgresql_that_says_nothing_holds_nobody_up(
    api: Api, database: Database, silent_port: int, kind: str
) -> None:
    async with api(DATABASE_URL=f"postgresql://a:b@127.0.0.1:{silent_port}/c") as client:
        assert unavailable(await in_time(client, **REQUESTS[kind]))


@pytest.mark.parametrize("silent", [True, False])
async def test_without_temporal_only_checkouts_must_wait(
    api: Api, database: Database, silent_port: int, silent: bool
) -> None:
    await publish(database, publication())
    port = silent_port if silent else free_port()
    async with api(TEMPORAL_ADDRESS=f"127.0.0.1:{port}") as client:
        assert unavailable(await in_time(client, **REQUESTS["checkout"]))
        assert unavailable(await in_time(client, **REQUESTS["readiness"]))
        assert (await in_time(client, **REQUESTS["beats"])).status_code == 200
        assert (await in_time(client, **REQUESTS["order"])).status_code == 404


async def test_events_are_taken_while_temporal_is_away_and_delivered_when_it_is_back(
    api: Api, database: Database, temporal_address: str
) -> None:
    async with database.writing() as writer:
        await checkout_requests.claim(writer, request(order_id="ord_1"))
    body, signature = call("evt_1")
    headers = {"Stripe-Signature": signature}
    webhook = {"method": "POST", "url": "/api/stripe/webhook", "content": body, "headers": headers}

    async def outcome() -> str:
        async with database.reading() as reader:
            return str(await reader.sql.scalar(text("SELECT outcome FROM webhook_events")))

    async with api(TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}") as client:
        answer = await in_time(client, **webhook)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        assert await outcome() == "None"
    async with database.writing() as writer:
        await writer.sql.execute(
            text("UPDATE webhook_events SET received_at = received_at - :age"), {"age": RELAY_AFTER}
        )

    async def is_reported() -> bool:
        return await outcome() == "reported"

    async with api():
        await until(is_reported)


async def test_a_rush_of_buyers_who_wait_keeps_no_news_of_money_out(
    api: Api, database: Database
) -> None:
    await publish(database, publication())
    body, signature = call("evt_1")
    headers = {"Stripe-Signature": signature}
    async with api(DATABASE_POOL_SIZE="1") as client, database.writing() as writer:
        await writer.sql.execute(text("LOCK TABLE beats IN ACCESS EXCLUSIVE MODE"))
        rush = [asyncio.create_task(client.request(**REQUESTS["checkout"])) for _ in range(5)]
        await asyncio.sleep(0)  # they go first
        answer = await client.post("/api/stripe/webhook", content=body, headers=headers)
        is_waiting = not any(buyer.done() for buyer in rush)
        assert (answer.status_code, is_waiting) == (200, True)
        assert {(await buyer).status_code for buyer in rush} == {503}


async def test_slow_searches_keep_nobody_from_an_order(api: Api, database: Database) -> None:
    async with (
        api(DATABASE_POOL_SIZE=str(BROWSING_CONNECTIONS)) as client,
        database.writing() as writer,
    ):
        await writer.sql.execute(text("LOCK TABLE beats IN ACCESS EXCLUSIVE MODE"))
        searches = [
            asyncio.create_task(client.get("/api/beats", params={"search": f"word{number}"}))
            for number in range(BROWSING_CONNECTIONS)
        ]
        await asyncio.sleep(0)  # they go first
        answer = await in_time(client, **REQUESTS["order"])
        is_waiting = not any(search.done() for search in searches)
        assert (answer.status_code, is_waiting) == (404, True)
        assert unavailable(await in_time(client, **REQUESTS["genres"]))
        assert all([unavailable(await search) for search in searches])


async def test_without_a_worker_a_checkout_is_asked_to_come_back(
    api: Api, database: Database
) -> None:
    await publish(database, publication())
    keyed = REQUESTS["checkout"] | {"headers": {"Idempotency-Key": "one-key-for-one-cart"}}
    async with api(TEMPORAL_TASK_QUEUE="nobody-works-here") as client:
        assert unavailable(await in_time(client, **keyed))
        assert unavailable(await in_time(client, **keyed))
    async with database.reading() as reader:
        assert await reader.sql.scalar(text("SELECT count(*) FROM checkout_requests")) == 1
