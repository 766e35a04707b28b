"""What the bench compares with does what a shop must: it sells, and only for what is paid."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import stripe
from fastapi import FastAPI
from psycopg import AsyncConnection
from psycopg.rows import scalar_row

from bench.peers import plain
from database.engine import Database
from domain.beat import Price
from domain.license import LicenseType
from domain.money import Money
from tests.gateways.mail_servers import Office, staffed
from tests.making import publication, publish
from tests.sandbox.stripe.shop import KEY, Shop

SECRET = "whsec_of_the_tests"


@asynccontextmanager
async def calling(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://peer.example") as client,
    ):
        yield client


async def sold(client: httpx.AsyncClient, shop: Shop, price_id: str) -> None:
    """Buys one beat, and delivers the event twice."""
    item = {"priceId": price_id, "licenseType": "TRACKOUT_LEASE", "quantity": 1}
    cart = {
        "items": [item],
        "successUrl": "https://shop.example/ok",
        "cancelUrl": "https://shop.example/cart",
    }
    refused = cart | {"items": [item | {"licenseType": "WAV_LEASE"}]}
    path = "/api/stripe/create-multi-checkout"
    assert (await client.post(path, json=refused)).status_code == 400
    page = (await client.post(path, json=cart)).json()
    sessions = shop.client.v1.checkout.sessions
    await shop.pay_by_card(await sessions.retrieve_async(page["sessionId"]))
    session = await sessions.retrieve_async(page["sessionId"])
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "data": {"object": session.to_dict(for_json=True)},
    }
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    for header, status in ((signature, 200), (signature, 200), ("t=1,v1=00", 400)):
        answer = await client.post(
            "/api/stripe/webhook", content=body, headers={"Stripe-Signature": header}
        )
        assert answer.status_code == status


async def test_the_plain_shop_sells_a_beat_once(
    database: Database,
    postgres_url: str,
    stripe_shop: Shop,
    stripe_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    price = Price(await stripe_shop.price(3999), Money(3999, "EUR"))
    await publish(database, publication("dusk", prices={LicenseType.TRACKOUT_LEASE: price}))
    office = Office()
    async with (
        staffed(office) as mail_port,
        await AsyncConnection.connect(
            postgres_url, autocommit=True, row_factory=scalar_row
        ) as books,
    ):
        environment = {
            "DATABASE_URL": postgres_url,
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_API_BASE": stripe_url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "MAIL_FROM": "receipts@beatline.example",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        try:
            async with calling(plain.create_app()) as client:
                await sold(client, stripe_shop, price.price_id)
            granted = await books.execute("SELECT asset FROM plain.download_grants ORDER BY 1")
            assert await granted.fetchall() == ["master", "stems"]
            orders = await books.execute("SELECT total_minor FROM plain.orders")
            assert await orders.fetchall() == [3999]
        finally:
            await books.execute("DROP SCHEMA IF EXISTS plain CASCADE")
    assert len(office.taken) == 1
