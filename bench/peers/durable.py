"""The same pipeline on DBOS, which keeps each step in PostgreSQL and goes on after a crash."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from dbos import (
    DBOS,
    AsyncSQLAlchemyDatasource,
    DBOSConfig,
    DBOSConfiguredInstance,
    SetWorkflowID,
    error,
)
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import func, insert, update

from bench.peers.shop import Cart, Line, Paid, Shop, priced, total, write_grants, write_items
from database.engine import driver_url

SCHEMA = "durable"
PAGE, PAYMENT = "page", "payment"
PAGE_LIVES = timedelta(hours=12)
_ROWS: Any = {"isolation_level": "READ COMMITTED"}
_RETRIED: Any = {"retries_allowed": True, "max_attempts": 10}


@DBOS.dbos_class()
class Pipeline(DBOSConfiguredInstance):
    """One checkout: its story, its steps, and what they need."""

    def __init__(self, shop: Shop, books: AsyncSQLAlchemyDatasource) -> None:
        super().__init__("pipeline")
        self.shop = shop
        self.books = books

    @DBOS.workflow()
    async def checkout(self, order_id: str, cart: dict[str, Any]) -> str:
        lines = await self.books.run_tx_step_async(_ROWS, self.place, order_id, cart)
        page = await DBOS.run_step_async(_RETRIED, self.open_session, order_id, cart, lines)
        await DBOS.set_event_async(PAGE, page)
        payment = await DBOS.recv_async(PAYMENT, timeout_seconds=PAGE_LIVES.total_seconds())
        if payment is None:
            return "CANCELLED"
        await self.books.run_tx_step_async(_ROWS, self.fulfill, payment, lines)
        await DBOS.run_step_async(_RETRIED, self.send_receipt, payment, lines)
        return "COMPLETED"

    async def place(self, order_id: str, cart: dict[str, Any]) -> list[dict[str, Any]]:
        """A transaction: the quote, and the order that waits for its payment."""
        connection = await self.books.sql_session().connection()
        lines = await priced(connection, Cart(**cart).items)
        row = {
            "id": order_id,
            "status": "PENDING",
            "total_minor": total(lines),
            "currency": lines[0].currency,
        }
        await connection.execute(insert(self.shop.tables.orders).values(row))
        await write_items(connection, self.shop.tables, order_id, lines)
        return [asdict(line) for line in lines]

    async def open_session(
        self, order_id: str, cart: dict[str, Any], lines: list[dict[str, Any]]
    ) -> dict[str, str | None]:
        """A step: the page at Stripe, under the order's own idempotency key."""
        sold = [Line(**line) for line in lines]
        session = await self.shop.open_session(Cart(**cart), order_id, sold, {})
        orders = self.shop.tables.orders
        async with self.shop.engine.begin() as connection:
            attach = update(orders).where(orders.c.id == order_id)
            await connection.execute(attach.values(session_id=session.id))
        return {"url": session.url, "sessionId": session.id}

    async def fulfill(self, payment: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        """A transaction: the payment and the right to each file, and with them COMPLETED."""
        connection = await self.books.sql_session().connection()
        orders, paid = self.shop.tables.orders, Paid(**payment)
        values = {
            "status": "COMPLETED",
            "payment_id": paid.payment_id,
            "customer_email": paid.email,
            "customer_name": paid.name,
            "paid_at": func.now(),
        }
        await connection.execute(update(orders).where(orders.c.id == paid.order_id).values(values))
        sold = [Line(**line) for line in lines]
        await write_grants(connection, self.shop.tables, paid.order_id, sold)

    async def send_receipt(self, payment: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        """A step."""
        await self.shop.send_receipt(Paid(**payment), [Line(**line) for line in lines])


class Desk:
    """What the shop's pages and Stripe call."""

    def __init__(self) -> None:
        self._pipeline: Pipeline | None = None

    @property
    def pipeline(self) -> Pipeline:
        if self._pipeline is None:
            raise HTTPException(503, "The shop is not open yet.")
        return self._pipeline

    @asynccontextmanager
    async def open(self, _: FastAPI) -> AsyncIterator[None]:
        shop = Shop(SCHEMA)
        await shop.open()
        books = await AsyncSQLAlchemyDatasource.create(_database(), engine=shop.engine)
        self._pipeline = Pipeline(shop, books)
        DBOS.launch()
        yield
        DBOS.destroy()
        await shop.close()

    async def check_out(self, cart: Cart) -> dict[str, str | None]:
        at = self.pipeline
        async with at.shop.engine.connect() as connection:
            await priced(connection, cart.items)  # a cart that can't be sold begins no workflow
        order_id = f"ord_{uuid.uuid4().hex}"
        with SetWorkflowID(order_id):
            await DBOS.start_workflow_async(at.checkout, order_id, cart.model_dump(by_alias=True))
        page: dict[str, str | None] | None = await DBOS.get_event_async(order_id, PAGE)
        if page is None:
            raise HTTPException(503, "There is no payment page yet.")
        return page

    async def take_webhook(self, request: Request) -> dict[str, bool]:
        signature = request.headers.get("Stripe-Signature", "")
        paid = self.pipeline.shop.paid(await request.body(), signature)
        if paid is not None:
            try:
                await DBOS.send_async(paid.order_id, asdict(paid), PAYMENT)
            except error.DBOSNonExistentWorkflowError as unknown:
                raise HTTPException(404, "There is no such order.") from unknown
        return {"received": True}


def create_app() -> FastAPI:
    DBOS(config=_configuration())
    desk = Desk()
    app = FastAPI(lifespan=desk.open)
    app.get("/api/health/ready")(ready)
    app.post("/api/stripe/create-multi-checkout")(desk.check_out)
    app.post("/api/stripe/webhook")(desk.take_webhook)
    return app


async def ready() -> dict[str, bool]:
    return {"success": True}


def _database() -> str:
    return driver_url(os.environ["DATABASE_URL"])


def _configuration() -> DBOSConfig:
    return {
        "name": "bench-durable",
        "system_database_url": _database(),
        "application_version": "1",
        "log_level": "WARNING",
    }
