"""What both peers do alike: price a cart, open a page at Stripe, read its events, write a mail."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import stripe
from fastapi import HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from stripe.params.checkout import SessionCreateParams

from bench.peers.tables import Tables
from database.catalog_tables import beat_prices, beats
from database.engine import driver_url


class CartItem(BaseModel):
    """A line of a cart, as a storefront sends it."""

    price_id: str = Field(alias="priceId")
    license_type: str = Field(alias="licenseType")
    quantity: int = Field(ge=1, le=10)


class Cart(BaseModel):
    items: list[CartItem] = Field(min_length=1, max_length=50)
    success_url: str = Field(alias="successUrl")
    cancel_url: str = Field(alias="cancelUrl")


@dataclass(frozen=True)
class Line:
    """A line as it is sold, at the catalogue's price."""

    price_id: str
    beat_id: str
    title: str
    license_type: str
    quantity: int
    unit_minor: int
    currency: str

    @property
    def files(self) -> list[str]:
        return ["master"] if self.license_type == "WAV_LEASE" else ["master", "stems"]


@dataclass(frozen=True)
class Paid:
    """What a paid session says of its order."""

    order_id: str
    session_id: str
    payment_id: str
    email: str
    name: str
    amount_minor: int
    metadata: dict[str, str]


class Shop:
    """A peer's connections, by the same variables that Beatline reads."""

    def __init__(self, schema: str) -> None:
        self.tables = Tables(schema)
        self.engine: AsyncEngine = create_async_engine(
            driver_url(os.environ["DATABASE_URL"]), pool_size=10, max_overflow=0
        )
        self._http = stripe.AIOHTTPClient(timeout=10)
        self._stripe = stripe.StripeClient(
            os.environ["STRIPE_SECRET_KEY"],
            base_addresses={"api": os.environ["STRIPE_API_BASE"]},
            http_client=self._http,
        )
        self._secret = os.environ["STRIPE_WEBHOOK_SECRET"]
        self._mail_from = os.environ["MAIL_FROM"]
        self._mail_host, mail_port = os.environ["SMTP_URL"].removeprefix("smtp://").split(":")
        self._mail_port = int(mail_port)

    async def open(self) -> None:
        await self.tables.create(self.engine)

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]
        await self.engine.dispose()

    async def open_session(
        self, cart: Cart, order_id: str, lines: Sequence[Line], metadata: dict[str, str]
    ) -> stripe.checkout.Session:
        parameters: SessionCreateParams = {
            "mode": "payment",
            "line_items": [{"price": line.price_id, "quantity": line.quantity} for line in lines],
            "success_url": cart.success_url,
            "cancel_url": cart.cancel_url,
            "client_reference_id": order_id,
            "metadata": metadata,
        }
        return await self._stripe.v1.checkout.sessions.create_async(
            parameters, {"idempotency_key": order_id}
        )

    def paid(self, body: bytes, signature: str) -> Paid | None:
        """The payment that an event reports; None for an event of something else."""
        try:
            event = stripe.Webhook.construct_event(body, signature, self._secret)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise HTTPException(400, "This is no event of Stripe's.") from error
        if event.type != "checkout.session.completed":
            return None
        session: Any = event.data.object
        if session.payment_status != "paid":
            return None
        return Paid(
            session.client_reference_id,
            session.id,
            session.payment_intent,
            session.customer_details.email,
            session.customer_details.name,
            session.amount_total,
            session.metadata.to_dict(),
        )

    async def send_receipt(self, paid: Paid, lines: Sequence[Line]) -> None:
        message = EmailMessage()
        message["From"], message["To"] = self._mail_from, paid.email
        message["Subject"] = f"Your order {paid.order_id}"
        sold = "\n".join(f"{line.title}, {line.license_type}" for line in lines)
        message.set_content(f"Thank you. You have bought:\n\n{sold}\n")
        await aiosmtplib.send(
            message, hostname=self._mail_host, port=self._mail_port, start_tls=False
        )


async def priced(connection: AsyncConnection, items: Sequence[CartItem]) -> list[Line]:
    """The cart at the catalogue's prices; refused with 400 where a line is not on sale as asked."""
    wanted = {item.price_id: item for item in items}
    released = beats.c.scheduled_release_at
    query = (
        select(beat_prices, beats.c.title)
        .join(beats, beats.c.id == beat_prices.c.beat_id)
        .where(
            beat_prices.c.stripe_price_id.in_(wanted),
            beats.c.is_active,
            or_(released.is_(None), released <= func.now()),
            or_(beats.c.has_stems, beat_prices.c.license_type == "WAV_LEASE"),
        )
    )
    found = {row.stripe_price_id: row for row in await connection.execute(query)}
    for price_id, item in wanted.items():
        if price_id not in found or found[price_id].license_type != item.license_type:
            raise HTTPException(400, f"{price_id} is not on sale as asked.")
    return [
        Line(
            row.stripe_price_id,
            row.beat_id,
            row.title,
            row.license_type,
            wanted[price_id].quantity,
            row.amount_minor,
            row.currency,
        )
        for price_id, row in found.items()
    ]


async def write_items(
    connection: AsyncConnection, tables: Tables, order_id: str, lines: Sequence[Line]
) -> None:
    columns = {"beat_id", "license_type", "quantity", "unit_minor"}
    rows = [
        {"order_id": order_id, "line": number}
        | {name: value for name, value in asdict(line).items() if name in columns}
        for number, line in enumerate(lines)
    ]
    await connection.execute(insert(tables.items).values(rows))


async def write_grants(
    connection: AsyncConnection, tables: Tables, order_id: str, lines: Sequence[Line]
) -> None:
    rows = [
        {"order_id": order_id, "line": number, "asset": file}
        for number, line in enumerate(lines)
        for file in line.files
    ]
    await connection.execute(insert(tables.grants).values(rows))


def total(lines: Sequence[Line]) -> int:
    return sum(line.unit_minor * line.quantity for line in lines)
