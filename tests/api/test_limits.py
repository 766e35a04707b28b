"""Rate limits: one client cannot crowd out the others, and no order's address can be guessed."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from database.engine import Database
from tests.api.conftest import Api
from tests.api.test_dependencies_away import PROMISED
from tests.making import BUYER, WAV, publication, publish, sell

CHECKOUT = {"successUrl": "https://shop.example/", "cancelUrl": "https://shop.example/"}


async def checkouts(client: httpx.AsyncClient, times: int, **headers: str) -> list[int]:
    """The statuses of checkouts of nothing that is for sale."""
    body = CHECKOUT | {"priceId": "price_none"}
    path = "/api/stripe/create-checkout"
    return [(await client.post(path, json=body, headers=headers)).status_code for _ in range(times)]


async def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    api: Api, database: Database
) -> None:
    async with api(RATE_LIMIT_CHECKOUT="3/minute") as client:
        assert await checkouts(client, 3) == [400, 400, 400]
        refused = await client.post("/api/stripe/create-checkout", json=CHECKOUT)
        body = refused.json()
        assert refused.status_code == 429
        assert set(body) == {"success", "error", "code", "rateLimit"}
        assert body["code"] == "too_many_requests"
        assert set(body["rateLimit"]) == {"limit", "remaining", "resetTime", "retryAfter"}
        assert (body["rateLimit"]["limit"], body["rateLimit"]["remaining"]) == (3, 0)
        assert refused.headers["retry-after"] == str(body["rateLimit"]["retryAfter"])
        assert 1 <= body["rateLimit"]["retryAfter"] <= 60
        assert (await client.get("/api/beats")).status_code == 200


async def test_a_forwarded_address_counts_from_a_trusted_proxy_alone(
    api: Api, database: Database
) -> None:
    async def ask(client: httpx.AsyncClient) -> list[int]:
        addresses = ("198.51.100.1", "198.51.100.2", "198.51.100.3")
        forwarded = [
            await checkouts(client, 1, **{"X-Forwarded-For": address}) for address in addresses
        ]
        return [status for statuses in forwarded for status in statuses]

    async with api(RATE_LIMIT_CHECKOUT="2/minute") as client:
        assert await ask(client) == [400, 400, 429]
    trusted = {"RATE_LIMIT_CHECKOUT": "2/minute", "TRUSTED_PROXIES": "203.0.113.0/24"}
    async with api(**trusted) as client:
        assert await ask(client) == [400, 400, 400]


@pytest.mark.parametrize("peer", ["2001:db8::1", "::ffff:192.0.2.1"])
async def test_addresses_of_the_newer_kind_are_counted_too(
    api: Api, database: Database, peer: str
) -> None:
    async with api(peer, RATE_LIMIT_CHECKOUT="1/minute") as client:
        assert await checkouts(client, 2) == [400, 429]


async def test_off_is_off(api: Api, database: Database) -> None:
    async with api(RATE_LIMIT_CHECKOUT="off") as client:
        assert set(await checkouts(client, 20)) == {400}


async def test_wrong_addresses_close_an_order_for_a_while_to_everybody(
    api: Api, database: Database
) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    path = f"/api/download/multi-order/{order_id}"
    async with api(RATE_LIMIT_WRONG_EMAILS="2/hour") as client:
        right = await client.post(path, json={"customerEmail": BUYER})
        wrong = [
            (await client.post(path, json={"customerEmail": f"{n}@x"})).status_code for n in "abc"
        ]
        late = await client.post(path, json={"customerEmail": BUYER})
        by_file = await client.get(
            "/api/download/beat/dusk", params={"orderId": order_id, "customerEmail": BUYER}
        )
    assert (right.status_code, wrong) == (200, [403, 403, 429])
    assert (late.status_code, by_file.status_code) == (429, 429)


@pytest.mark.parametrize("path", ["/api/download/multi-order/{}", "/api/orders/resend-email"])
async def test_guesses_made_at_once_are_as_many_as_those_made_in_turn(
    api: Api, database: Database, path: str
) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    guesses = [f"{number}@guess.example" for number in range(60)] + [BUYER]
    bodies = [{"orderId": order_id, "customerEmail": guess} for guess in guesses]
    async with api(RATE_LIMIT_WRONG_EMAILS="2/hour") as client:
        answers = await asyncio.gather(
            *(client.post(path.format(order_id), json=body) for body in bodies)
        )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(403) == 2
    assert statuses.count(200) == 0  # the right one came last, and says nothing any more
    assert set(statuses) <= {403, 429, 503}


async def test_a_second_order_in_the_query_hides_no_guess(api: Api, database: Database) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    plain = f"orderId={order_id}&customerEmail=a@x"
    decoy = f"orderId=ord_other&{plain}"
    async with api(RATE_LIMIT_WRONG_EMAILS="2/hour") as client:
        answers = [
            await client.get("/api/download/beat/dusk", params=query)
            for query in (decoy, plain, decoy, decoy)
        ]
    assert [answer.status_code for answer in answers] == [403, 403, 429, 429]


async def test_forged_webhooks_shut_stripe_out_from_no_address(
    api: Api, database: Database
) -> None:
    from tests.api.webhook_calls import call

    async with api(RATE_LIMIT_WEBHOOK_REJECTS="1/hour") as client:
        forged = [(await client.post("/api/stripe/webhook", content=b"{}")) for _ in range(3)]
        body, signature = call("evt_1", type="customer.created")
        headers = {"Stripe-Signature": signature}
        own = await client.post("/api/stripe/webhook", content=body, headers=headers)
    assert [answer.status_code for answer in forged] == [400, 429, 429]
    assert own.status_code == 200


async def test_forged_webhooks_are_counted_and_stripes_own_are_not(
    api: Api, database: Database
) -> None:
    from tests.api.webhook_calls import call

    async with api(RATE_LIMIT_WEBHOOK_REJECTS="2/minute") as client:

        async def post(body: bytes, signature: str) -> int:
            headers = {"Stripe-Signature": signature}
            answer = await client.post("/api/stripe/webhook", content=body, headers=headers)
            return answer.status_code

        own = [await post(*call(f"evt_{n}", type="customer.created")) for n in range(5)]
        forged = [await post(b"{}", "t=1,v1=00") for _ in range(3)]
    assert own == [200] * 5
    assert forged == [400, 400, 429]


async def test_a_store_that_is_away_closes_no_shop(api: Api, database: Database) -> None:
    nobody = "redis://127.0.0.1:1"
    async with api(RATE_LIMIT_CHECKOUT="1/minute", RATE_LIMIT_STORAGE_URI=nobody) as client:
        assert await checkouts(client, 3) == [400, 400, 400]
    async with database.reading() as reader:
        assert await reader.sql.scalar(text("SELECT count(*) FROM checkout_requests")) == 0


async def test_a_store_that_says_nothing_holds_nobody_up(
    api: Api, database: Database, silent_port: int
) -> None:
    silent = f"redis://127.0.0.1:{silent_port}"
    async with api(RATE_LIMIT_CHECKOUT="1/minute", RATE_LIMIT_STORAGE_URI=silent) as client:
        async with asyncio.timeout(PROMISED):  # for all of them: it is not asked each time
            assert await checkouts(client, 20) == [400] * 20
