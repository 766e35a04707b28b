"""Buyers of a shop that speaks HTTP, and the way by which Stripe's events reach it.

The emulator delivers to us, and we hand the same bytes on: so every system's answer to the same
signed event is timed in the same place, whatever the emulator is busy with.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import psycopg
from aiohttp import web

from bench.purchases import Purchase
from sandbox.process import HOST

CHANNEL = "bench_completed"
PATIENCE = 30.0  # seconds that anything may take before the run is given up
CARD = {
    "method": "card",
    "email": "buyer@beatline.example",
    "name": "A Buyer",
    "card_number": "4242424242424242",
    "card_expiry": "12 / 40",
    "card_cvc": "123",
}


class Refused(Exception):
    """A shop did not do what every buyer of this run gets done."""


class _Sale:
    """A purchase under way: when its payment was reported and that answered, when it was done."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.reported: asyncio.Future[tuple[float, float]] = loop.create_future()
        self.completed: asyncio.Future[float] = loop.create_future()


class Storefront:
    """Buys the same cart again and again."""

    def __init__(self, http: aiohttp.ClientSession, api: str, cart: dict[str, Any]) -> None:
        self._http = http
        self._api = api
        self._cart = cart
        self._sales: dict[str, _Sale] = {}

    async def buy(self) -> Purchase:
        started = time.perf_counter()
        url, session = await self._check_out()
        opened = time.perf_counter()
        sale = self._sales[session] = _Sale()
        await self._pay(url)
        async with asyncio.timeout(PATIENCE):
            completed = await sale.completed
            reported, acknowledged = await sale.reported
        del self._sales[session]
        return Purchase(
            order=session,
            checkout=opened - started,
            acknowledgement=acknowledged - reported,
            fulfillment=completed - reported,
        )

    def completed(self, session: str) -> None:
        sale = self._sales.get(session)
        if sale is not None and not sale.completed.done():
            sale.completed.set_result(time.perf_counter())

    async def hand_on(self, request: web.Request) -> web.Response:
        """Takes an event from the emulator to the shop, and the shop's answer back."""
        body = await request.read()
        sale = self._sales.get(json.loads(body)["data"]["object"]["id"])
        headers = {
            "Stripe-Signature": request.headers["Stripe-Signature"],
            "Content-Type": "application/json; charset=utf-8",
        }
        reported = time.perf_counter()
        address = f"{self._api}/api/stripe/webhook"
        async with self._http.post(address, data=body, headers=headers) as answer:
            await answer.read()
        if sale is not None and not sale.reported.done():
            sale.reported.set_result((reported, time.perf_counter()))
        return web.Response(status=answer.status)

    async def _check_out(self) -> tuple[str, str]:
        address = f"{self._api}/api/stripe/create-multi-checkout"
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        async with self._http.post(address, json=self._cart, headers=headers) as answer:
            if answer.status != 200:
                raise Refused(f"checkout: {answer.status} {(await answer.text())[:300]}")
            page = await answer.json()
        return page["url"], page["sessionId"]

    async def _pay(self, url: str) -> None:
        headers = {"Accept": "application/json"}
        async with self._http.post(url, data=CARD, headers=headers) as answer:
            if answer.status != 200:
                raise Refused(f"payment: {answer.status} {(await answer.text())[:300]}")


@asynccontextmanager
async def storefront(
    api: str, cart: dict[str, Any], relay_port: int, database_url: str
) -> AsyncIterator[Storefront]:
    """A storefront that takes the emulator's events at `relay_port`."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
        shop = Storefront(http, api, cart)
        async with _relay(shop, relay_port), _told_of_completed(shop, database_url):
            yield shop


@asynccontextmanager
async def _relay(shop: Storefront, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/api/stripe/webhook", shop.hand_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _told_of_completed(shop: Storefront, database_url: str) -> AsyncIterator[None]:
    """PostgreSQL itself says when an order's COMPLETED is committed: nobody has to ask."""

    async def listen(connection: psycopg.AsyncConnection[Any]) -> None:
        async for notice in connection.notifies():
            shop.completed(notice.payload)

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        listening = asyncio.create_task(listen(connection))
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
