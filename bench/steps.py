"""`python -m bench.steps`: what an order's steps cost our own process, on a real PostgreSQL.

Without Temporal, Stripe, Cloudinary or a mail server: what is left is our code and SQLAlchemy's.
"""

import argparse
import json
import logging
import secrets
import sys
import time
from collections.abc import Awaitable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import stripe
import structlog
import uvloop
from temporalio.testing import ActivityEnvironment

from activities.downloads import DownloadActivities
from activities.orders import OrderActivities
from activities.payments import PaymentActivities
from activities.receipts import Receipt, ReceiptActivities
from api.checkouts import CheckoutDesk
from api.origins import AllowedOrigins
from api.schemas.checkout import MultiCheckout
from api.webhooks import WebhookDesk
from database import migrate
from database.engine import Database, count_statements
from domain.money import Money
from domain.order import Order
from domain.payment import CheckoutSession, Payment
from sandbox import postgres
from sandbox.process import free_port
from tests.making import TRACKOUT, WAV, payment, price_id, publication, publish, session_of

WARM_UP = 30
SECRET = f"whsec_{secrets.token_hex(16)}"
BOUGHT = {"beat-0": WAV, "beat-1": TRACKOUT}
Result = TypeVar("Result")


class World:
    """All that is outside, and answers at once."""

    order_id = ""

    async def open(self, order_id: str) -> CheckoutSession:
        self.order_id = order_id
        return session_of(order_id)

    async def open_session(self, order: Order) -> CheckoutSession:
        return session_of(order.id)

    async def find(self, session_id: str) -> Payment:
        total = sum(kind.terms.default_price.minor for kind in BOUGHT.values())
        return payment(session_id.removeprefix("cs_test_"), Money(total, "EUR"))

    async def missing(self, assets: Collection[Any], lines: int) -> Collection[Any]:
        return ()

    async def report(self, *told: Any, **more: Any) -> None: ...

    async def review(self, *told: Any) -> None: ...


class Meter:
    """Processor time, and statements, by step."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, int]] = {}

    async def take(self, step: str, call: Awaitable[Result]) -> Result:
        count, begun = count_statements(), time.process_time()
        result = await call
        seconds, statements = self.spent.get(step, (0.0, 0))
        taken = time.process_time() - begun
        self.spent[step] = (seconds + taken, statements + count.statements)
        return result

    def table(self, orders: int) -> str:
        total = tuple(sum(column) for column in zip(*self.spent.values(), strict=True))
        rows = [*self.spent.items(), ("all", total)]
        return "\n".join(
            f"{step:12} {seconds / orders * 1000:6.2f} ms  {statements / orders:5.1f} statements"
            for step, (seconds, statements) in rows
        )


async def measured(url: str, orders: int) -> Meter:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    database, world, meter = Database(url), World(), Meter()
    await publish(database, *(publication(beat) for beat in BOUGHT))
    for number in range(WARM_UP + orders):
        if number == WARM_UP:
            meter.spent.clear()
        await sell(database, world, meter)
    await database.aclose()
    return meter


async def sell(database: Database, world: Any, meter: Meter) -> None:
    """One order, from the cart to its receipt."""
    desk = CheckoutDesk(database, world, AllowedOrigins(["https://shop.example"]), now)
    webhooks = WebhookDesk(database, world, [SECRET], "development", now)
    placing = OrderActivities(database, now)
    paying = PaymentActivities(database, world, world)
    granting = DownloadActivities(database, world, timedelta(hours=1), now)
    await meter.take("checkout", desk.open(cart(), None))
    order_id: str = world.order_id
    await meter.take("place", placing.place_order(order_id))
    await meter.take("page", paying.open_checkout_session(order_id))
    delivered = await meter.take("webhook", webhooks.take(*event(order_id)))
    assert delivered is not None  # noqa: S101 - it would not be an order's cost
    await meter.take("noted", webhooks.note(delivered))
    await meter.take("payment", paying.confirm_payment(order_id))
    await meter.take("files", ActivityEnvironment().run(granting.issue_downloads, order_id))
    receipts = ReceiptActivities(database, None, now)
    await meter.take("receipt", receipts.send_receipt(Receipt(order_id)))


def cart() -> MultiCheckout:
    items = [
        {"priceId": price_id(beat, kind), "quantity": 1, "beatTitle": beat, "licenseType": kind}
        for beat, kind in BOUGHT.items()
    ]
    returns = {"successUrl": "https://shop.example/", "cancelUrl": "https://shop.example/"}
    return MultiCheckout.model_validate(returns | {"items": items})


def event(order_id: str) -> tuple[bytes, str]:
    """Stripe's word that an order was paid, signed."""
    metadata = {"order_id": order_id, "environment": "development"}
    paid = {"id": session_of(order_id).id, "metadata": metadata}
    told = {
        "id": f"evt_{order_id}",
        "type": "checkout.session.completed",
        "created": int(time.time()),
        "data": {"object": paid},
    }
    body = json.dumps(told)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET)


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    orders: int = parser.parse_args().orders
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        with postgres.running(Path(folder) / "postgres", free_port()) as url:
            migrate.upgrade(url)
            meter = uvloop.run(measured(url, orders))
    sys.stdout.write(f"{meter.table(orders)}\n")


if __name__ == "__main__":
    main()
