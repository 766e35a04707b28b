"""What the tests see of a running system: its HTTP, its database, Temporal and Stripe's ledger."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import stripe
from psycopg.rows import scalar_row
from temporalio.client import Client

from cli.state import Addresses, load_secrets
from gateways.stripe_client import stripe_client
from tests.waiting import until

TABLES = ("checkout_requests", "orders", "order_items", "order_events", "download_grants")

# Orders whose checkout is about to end: all that is left to do is the receipt.
UNRECEIPTED = """
    SELECT count(*) FROM orders WHERE status = 'COMPLETED' AND NOT EXISTS (
      SELECT FROM order_events
      WHERE order_events.order_id = orders.id AND order_events.type LIKE 'receipt%%'
    )
"""


@dataclass(frozen=True)
class Traces:
    """How much there is of what a checkout leaves behind."""

    rows: dict[str, int]
    sessions: int
    workflows: int


class Shop:
    """A running system, as its operator could look at it."""

    def __init__(
        self,
        addresses: Addresses,
        http: httpx.AsyncClient,
        database: psycopg.AsyncConnection[Any],
        temporal: Client,
        stripe_api: stripe.StripeClient,
        webhook_secret: str,
    ) -> None:
        self.addresses = addresses
        self.http = http
        self.database = database
        self.temporal = temporal
        self.stripe = stripe_api
        self.webhook_secret = webhook_secret

    @classmethod
    @asynccontextmanager
    async def at(cls, addresses: Addresses) -> "AsyncIterator[Shop]":
        secrets = load_secrets(Path(addresses.data))
        async with (
            httpx.AsyncClient(base_url=addresses.api, timeout=30) as http,
            await psycopg.AsyncConnection.connect(
                addresses.database_url, autocommit=True
            ) as database,
            stripe_client(secrets.stripe_secret_key, addresses.stripe) as stripe_api,
        ):
            temporal = await Client.connect(addresses.temporal)
            yield cls(
                addresses, http, database, temporal, stripe_api, secrets.stripe_webhook_secret
            )

    async def beats(self) -> list[dict[str, Any]]:
        answer = await self.http.get("/api/beats", params={"limit": 100, "sortField": "title"})
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def full_beats(self) -> list[dict[str, Any]]:
        """Beats that are sold under every license."""
        return [
            beat for beat in await self.beats() if beat["hasStems"] and beat["unlimitedLeasePrice"]
        ]

    def returns(self) -> dict[str, str]:
        api = self.addresses.api
        return {
            "successUrl": f"{api}/success?session_id={{CHECKOUT_SESSION_ID}}",
            "cancelUrl": f"{api}/cart",
        }

    async def check_out(self, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """Posts to the endpoint that the body is for."""
        path = "create-multi-checkout" if "items" in body else "create-checkout"
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post(
            f"/api/stripe/{path}", json=self.returns() | body, headers=headers
        )

    async def pay(self, url: str, **fields: str) -> httpx.Response:
        """Fills in the payment page; by card unless `fields` say otherwise."""
        form = {
            "method": "card",
            "email": "buyer@beatline.example",
            "name": "A Buyer",
            "card_number": "4242424242424242",
            "card_expiry": "12 / 40",
            "card_cvc": "123",
        }
        return await self.http.post(url, data=form | fields, headers={"Accept": "application/json"})

    async def order(self, session_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/orders/multi-payment/{session_id}")
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def order_in(self, status: str, session_id: str) -> dict[str, Any]:
        """The order, once it has this status."""

        async def has_status() -> dict[str, Any]:
            order = await self.order(session_id)
            return order if order["status"] == status else {}

        return await until(has_status, within=20)

    async def bought(self, body: dict[str, Any]) -> dict[str, Any]:
        """A COMPLETED order of what the body asks for."""
        session = (await self.check_out(body)).json()
        assert (await self.pay(session["url"])).status_code == 200
        return await self.order_in("COMPLETED", session["sessionId"])

    async def count(self, query: str, *values: Any) -> int:
        async with self.database.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(query, values)
            found = await cursor.fetchone()
        assert isinstance(found, int)
        return found

    async def comes_to(self, count: int, query: str, *values: Any) -> None:
        """Waits for a count in the database."""

        async def has_come() -> bool:
            return await self.count(query, *values) == count

        await until(has_come, within=20)

    async def traces(self) -> Traces:
        """What there is, once nothing is under way but what waits for somebody."""

        async def receipts_are_sent() -> bool:
            return await self.count(UNRECEIPTED) == 0

        await until(receipts_are_sent, within=20)
        rows = {table: await self.count(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608
        page = await self.stripe.v1.checkout.sessions.list_async({"limit": 100})
        sessions = [session async for session in page.auto_paging_iter()]
        workflows = await self.temporal.count_workflows()
        return Traces(rows, len(sessions), workflows.count)

    async def send_event(
        self, event_id: str, order_id: str, kind: str = "checkout.session.completed", **more: Any
    ) -> httpx.Response:
        """Posts a well-signed event about an order; `more` is what its object has besides.

        The object is the order's own session unless `more` names another `id`.
        """
        metadata = {"order_id": order_id, "environment": "development"}
        if "id" not in more:
            more["id"] = await self.session_of(order_id) or "cs_test_of_a_test"
        about = {"metadata": metadata} | more
        event = {"id": event_id, "type": kind, "created": 1, "data": {"object": about}}
        return await self.send_signed(json.dumps(event))

    async def session_of(self, order_id: str) -> str | None:
        async with self.database.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute("SELECT session_id FROM orders WHERE id = %s", [order_id])
            found: str | None = await cursor.fetchone()
        return found

    async def send_signed(self, body: str) -> httpx.Response:
        """Posts a webhook call with a sound signature, whatever it says."""
        sign = stripe.WebhookSignature.generate_signature_header
        headers = {"Stripe-Signature": sign(body, self.webhook_secret)}
        return await self.http.post("/api/stripe/webhook", content=body, headers=headers)

    async def switch(self, path: str, /, **given: Any) -> Any:
        """Turns a switch of the Stripe emulator."""
        answer = await self.http.post(f"{self.addresses.stripe}/_emulator{path}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def switch_off(self) -> None:
        """Takes every fault of the Stripe emulator away."""
        answer = await self.http.delete(f"{self.addresses.stripe}/_emulator/faults")
        assert answer.status_code == 200, answer.text


def new_key() -> str:
    return str(uuid.uuid4())
