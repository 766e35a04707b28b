"""What one writes without a thought of failure: the order is written where the webhook comes in.

What a crash, a lost event or a mail server that is away takes with it is gone.
"""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from fastapi import BackgroundTasks, FastAPI, Request
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from bench.peers.shop import Cart, Line, Paid, Shop, priced, total, write_grants, write_items

SCHEMA = "plain"


def create_app() -> FastAPI:
    shop = Shop(SCHEMA)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await shop.open()
        yield
        await shop.close()

    app = FastAPI(lifespan=lifespan)

    @app.get("/api/health/ready")
    async def ready() -> dict[str, bool]:
        return {"success": True}

    @app.post("/api/stripe/create-multi-checkout")
    async def check_out(cart: Cart) -> dict[str, str | None]:
        async with shop.engine.connect() as connection:
            lines = await priced(connection, cart.items)
        # The cart travels with the session: there is nowhere else to keep it until it is paid.
        sold = {f"line_{number}": json.dumps(asdict(line)) for number, line in enumerate(lines)}
        session = await shop.open_session(cart, f"ord_{uuid.uuid4().hex}", lines, sold)
        return {"url": session.url, "sessionId": session.id}

    @app.post("/api/stripe/webhook")
    async def take_webhook(request: Request, later: BackgroundTasks) -> dict[str, bool]:
        paid = shop.paid(await request.body(), request.headers.get("Stripe-Signature", ""))
        if paid is not None:
            lines = [Line(**json.loads(line)) for _, line in sorted(paid.metadata.items())]
            if await write_order(shop, paid, lines):
                later.add_task(shop.send_receipt, paid, lines)
        return {"received": True}

    return app


async def write_order(shop: Shop, paid: Paid, lines: list[Line]) -> bool:
    """Writes all of a paid order at once; False if an earlier delivery of the event has."""
    orders = shop.tables.orders
    row = {
        "id": paid.order_id,
        "status": "COMPLETED",
        "session_id": paid.session_id,
        "payment_id": paid.payment_id,
        "customer_email": paid.email,
        "customer_name": paid.name,
        "total_minor": total(lines),
        "currency": lines[0].currency,
        "paid_at": func.now(),
    }
    async with shop.engine.begin() as connection:
        claim = insert(orders).values(row).on_conflict_do_nothing().returning(orders.c.id)
        if await connection.scalar(claim) is None:
            return False
        await write_items(connection, shop.tables, paid.order_id, lines)
        await write_grants(connection, shop.tables, paid.order_id, lines)
    return True
