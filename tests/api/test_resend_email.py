"""The receipt once more: for the buyer alone, and no more often than a person would want it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update
from temporalio.client import Client

from database.engine import Database
from database.tables import orders
from domain.order import OrderStatus
from sandbox.process import free_port
from tests.api.conftest import Api
from tests.making import BUYER, TRACKOUT, place, publication, publish, sell
from tests.waiting import until

PATH = "/api/orders/resend-email"


async def ask(client: httpx.AsyncClient, order_id: str, email: str = BUYER) -> httpx.Response:
    return await client.post(PATH, json={"orderId": order_id, "customerEmail": email})


@pytest.fixture
async def order_id(database: Database) -> str:
    await publish(database, publication())
    return await sell(database, ("dusk", TRACKOUT))


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await Client.connect(temporal_address)


async def receipts(temporal: Client, order_id: str) -> list[str]:
    """The receipts of an order that are on their way."""
    query = f"WorkflowType = 'Receipt' AND WorkflowId STARTS_WITH 'receipt:{order_id}:'"
    return [each.id async for each in temporal.list_workflows(query)]


async def test_a_buyer_has_the_receipt_sent_again(
    api: Api, order_id: str, temporal: Client
) -> None:
    async with api() as client:
        answer = await ask(client, order_id, f"  {BUYER.upper()} ")
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "data": {"orderId": order_id}}

    async def on_their_way() -> list[str]:
        return await receipts(temporal, order_id)

    (receipt,) = await until(on_their_way)
    description = await temporal.get_workflow_handle(receipt).describe()
    assert BUYER.lower() not in str(description.raw_description).lower()


async def test_no_orders_mailbox_is_flooded(api: Api, order_id: str, database: Database) -> None:
    other = await sell(database, ("dusk", TRACKOUT))
    async with api(RATE_LIMIT_RECEIPTS="3/hour") as client:
        statuses = [(await ask(client, order_id)).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert (await ask(client, other)).status_code == 200


async def test_addresses_cannot_be_guessed(api: Api, order_id: str) -> None:
    async with api(RATE_LIMIT_WRONG_EMAILS="2/hour") as client:
        wrong = [(await ask(client, order_id, f"{n}@x")).status_code for n in "abc"]
        right = await ask(client, order_id)
        downloads = await client.post(
            f"/api/download/multi-order/{order_id}", json={"customerEmail": BUYER}
        )
    assert (wrong, right.status_code, downloads.status_code) == ([403, 403, 429], 429, 429)


async def test_a_client_address_is_counted_with_its_looks_at_orders(
    api: Api, order_id: str
) -> None:
    async with api(RATE_LIMIT_ORDERS="2/minute") as client:
        await client.get("/api/orders/multi-payment/cs_none")
        assert (await ask(client, order_id)).status_code == 200
        assert (await ask(client, order_id)).status_code == 429


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("email", [BUYER, "other@example.com"])
async def test_who_may_not_have_the_files_may_not_have_the_receipt(
    api: Api, database: Database, order_id: str, email: str, status: OrderStatus
) -> None:
    async with database.writing() as writer:
        await writer.sql.execute(update(orders).values(status=status))
    async with api() as client:
        answer = await ask(client, order_id, email)
        files = await client.post(
            f"/api/download/multi-order/{order_id}", json={"customerEmail": email}
        )
    assert answer.status_code == files.status_code
    if status is OrderStatus.COMPLETED and email == BUYER:
        assert answer.json()["data"] == {"orderId": order_id}
    else:
        assert answer.json() == files.json()


async def test_an_order_that_nobody_has_paid_has_no_receipt(api: Api, database: Database) -> None:
    await publish(database, publication())
    async with api() as client:
        unpaid = await ask(client, await place(database))
        unknown = await ask(client, "ord_none")
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "order_unpaid")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "order_not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "orderId"),
        ({"orderId": "ord_1"}, "customerEmail"),
        ({"orderId": "ord_1", "customerEmail": ""}, "customerEmail"),
        ({"orderId": "ord_1", "customerEmail": "x" * 321}, "customerEmail"),
        ({"orderId": "o" * 256, "customerEmail": "a@b"}, "orderId"),
        ({"orderId": 7, "customerEmail": "a@b"}, "orderId"),
    ],
)
async def test_a_malformed_request_is_told_its_field(
    api: Api, database: Database, body: dict[str, Any], field: str
) -> None:
    async with api() as client:
        answer = await client.post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == field


async def test_without_temporal_the_buyer_is_asked_to_come_back_and_loses_no_try(
    api: Api, order_id: str
) -> None:
    away = f"127.0.0.1:{free_port()}"
    async with api(TEMPORAL_ADDRESS=away, RATE_LIMIT_RECEIPTS="1/hour") as client:
        for _ in range(2):
            answer = await ask(client, order_id)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
