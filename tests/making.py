"""Values for tests: a beat, a cart, an order, a payment, each sound until told otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from database import (
    catalog,
    checkout_requests,
    grants,
    order_sessions,
    orders,
    publishing,
    standings,
)
from database.engine import Database
from database.publishing import Publication
from database.tables import metadata, order_events
from domain.beat import SOLD_ASSETS, Asset, AssetKind, ListedBeat, Price
from domain.cart import Cart, CartLine, quote
from domain.checkout import CheckoutRequest
from domain.license import LicenseType
from domain.money import Money
from domain.order import (
    ItemBeat,
    Order,
    OrderItem,
    OrderKind,
    OrderStatus,
    new_order_id,
    order_item_id,
)
from domain.payment import CheckoutSession, Customer, Payment, PaymentState
from domain.standing import DownloadsGranted

WAV, TRACKOUT, UNLIMITED = LicenseType
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUYER = "Buyer@Example.com"

# A buyer's wish: which license of which beat.
Wanted = tuple[str, LicenseType]


def price_id(beat_id: str, license_type: LicenseType) -> str:
    return f"price_{beat_id}_{license_type.lower()}"


def prices(
    beat_id: str, *offered: LicenseType, currency: str = "EUR", times: int = 1
) -> dict[LicenseType, Price]:
    """The default price of each license offered (of all three when none is named)."""
    return {
        kind: Price(
            price_id(beat_id, kind), Money(kind.terms.default_price.minor * times, currency)
        )
        for kind in offered or LicenseType
    }


def listed(beat_id: str = "dusk", **changes: Any) -> ListedBeat:
    beat = ListedBeat(
        id=beat_id,
        title=beat_id.title(),
        has_stems=True,
        is_active=True,
        releases_at=None,
        prices=prices(beat_id),
    )
    return replace(beat, **changes)


def asset(beat_id: str, kind: AssetKind) -> Asset:
    extension = {"stems": "zip", "artwork": "png"}.get(kind, "wav")
    return Asset(
        kind=kind,
        public_id=f"beats/{beat_id}/{kind}",
        resource_type={"stems": "raw", "artwork": "image"}.get(kind, "video"),
        format=extension,
        size=1000,
        sha256="ab" * 32,
        url=None if kind in SOLD_ASSETS else f"https://files.example/{beat_id}/{kind}.{extension}",
    )


def assets(beat_id: str, *kinds: AssetKind) -> dict[AssetKind, Asset]:
    return {kind: asset(beat_id, kind) for kind in kinds or AssetKind}


def publication(beat_id: str = "dusk", **changes: Any) -> Publication:
    beat = Publication(
        id=beat_id,
        producer_email="producer@example.com",
        title=beat_id.title(),
        description="Slow and warm",
        genre="Trap",
        bpm=120,
        key="A",
        mode="minor",
        duration_seconds=125,
        tags=("dark", "808"),
        is_exclusive=False,
        is_active=True,
        featured=False,
        scheduled_release_at=None,
        prices=prices(beat_id),
        assets=assets(beat_id),
    )
    return replace(beat, **changes)


def request(*lines: CartLine, **changes: Any) -> CheckoutRequest:
    made = CheckoutRequest(
        order_id=new_order_id(),
        kind=OrderKind.MULTI,
        cart=Cart(lines or (CartLine(1, price_id("dusk", WAV)),)),
        success_url="https://shop.example/ok?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://shop.example/cart",
        customer_email=None,
        fingerprint="f" * 64,
        created_at=NOW,
    )
    return replace(made, **changes)


def session_of(order_id: str) -> CheckoutSession:
    session_id = f"cs_test_{order_id}"
    url = f"https://pay.example/{session_id}"
    return CheckoutSession(session_id, url, NOW + timedelta(hours=12))


def payment(order_id: str, amount: Money, **changes: Any) -> Payment:
    made = Payment(
        session_id=f"cs_test_{order_id}",
        state=PaymentState.PAID,
        amount=amount,
        customer=Customer(BUYER, "A Buyer", "+3161234"),
        payment_intent_id=f"pi_{order_id}",
        method="card",
        paid_at=NOW + timedelta(minutes=5),
    )
    return replace(made, **changes)


async def empty(database: Database) -> Database:
    """The same database, without a single row."""
    async with database.writing() as writer:
        await writer.sql.execute(text("SET LOCAL statement_timeout = 0"))  # there may be many
        for table in reversed(metadata.sorted_tables):
            await writer.sql.execute(table.delete())
    return database


async def publish(database: Database, *beats: Publication) -> None:
    async with database.writing() as writer:
        for beat in beats:
            await publishing.publish(writer, beat)


async def place(database: Database, *wanted: Wanted, **changes: Any) -> str:
    """A PENDING order of published beats with a session; returns its id."""
    lines = [CartLine(1, price_id(*wish)) for wish in wanted or (("dusk", WAV),)]
    asked = request(*lines, **changes)
    async with database.writing() as writer:
        await checkout_requests.claim(writer, asked)
        beats = await catalog.listed_for(writer, asked.cart)
        await orders.place(writer, asked, quote(asked.cart, beats, NOW))
        await order_sessions.attach(writer, asked.order_id, session_of(asked.order_id))
    return asked.order_id


async def pay(database: Database, order_id: str) -> None:
    order = await find(database, order_id)
    async with database.writing() as writer:
        paid = payment(order_id, order.total)
        assert await standings.record_payment(writer, order_id, paid, order.total)


async def sell(database: Database, *wanted: Wanted) -> str:
    """A COMPLETED order, its downloads granted; returns its id."""
    order_id = await place(database, *wanted)
    await pay(database, order_id)
    async with database.writing() as writer:
        await grants.issue(writer, order_id)
        await standings.learn(writer, order_id, DownloadsGranted())
    return order_id


async def find(database: Database, order_id: str) -> Order:
    async with database.reading() as reader:
        order = await orders.find(reader, order_id)
    assert order is not None
    return order


async def history(database: Database, order_id: str) -> list[tuple[str, dict[str, str]]]:
    """What happened to an order, line by line."""
    columns = order_events.c
    query = select(columns.type, columns.detail).where(columns.order_id == order_id)
    async with database.reading() as reader:
        rows = await reader.sql.execute(query.order_by(columns.id))
        return [(row.type, row.detail) for row in rows]


def order(*wanted: str, **changes: Any) -> Order:
    """An order, placed just now, of one item for each price id; it is in no database."""
    order_id, now = new_order_id(), datetime.now(UTC)
    made = Order(
        id=order_id,
        kind=OrderKind.MULTI,
        status=OrderStatus.PENDING,
        total=Money(3999, "EUR") * len(wanted),
        refunded=Money(0, "EUR"),
        customer_email=None,
        customer_name=None,
        customer_phone=None,
        payment_method=None,
        payment_id=None,
        approved_payment_id=None,
        paid_at=None,
        session_id=None,
        session_url=None,
        session_expires_at=None,
        checkout_attempt=1,
        success_url="https://shop.example/ok?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://shop.example/cart",
        attention=None,
        waits_for=frozenset(),
        created_at=now,
        updated_at=now,
        items=tuple(_item(order_id, line, price) for line, price in enumerate(wanted)),
    )
    return replace(made, **changes)


def _item(order_id: str, line: int, price: str) -> OrderItem:
    beat = ItemBeat("dusk", "Dusk", "Trap", 120, "A", "minor", 125, None, False, False)
    return OrderItem(
        id=order_item_id(order_id, line),
        order_id=order_id,
        beat=beat,
        license_type=TRACKOUT,
        price_id=price,
        quantity=1,
        unit_price=Money(3999, "EUR"),
        usage_rights=TRACKOUT.terms.usage_rights,
        has_stems=True,
        created_at=NOW,
        updated_at=NOW,
    )
