"""Orders: placed once, read as they stand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, and_, bindparam, column, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from database import attention, order_events
from database.catalog_tables import beat_assets, beats
from database.engine import Reader, Recorder, Writer
from database.parameters import OF_ORDER, ORDER, new, told
from database.tables import former_sessions, order_items, orders
from domain.beat import AssetKind
from domain.cart import Quote, QuoteLine
from domain.checkout import CheckoutRequest
from domain.license import LicenseType
from domain.money import Money
from domain.order import (
    Attention,
    ItemBeat,
    Order,
    OrderItem,
    OrderKind,
    OrderStatus,
    OrderSummary,
    order_item_id,
)
from domain.payment import PaymentTerms


async def place(recorder: Recorder, request: CheckoutRequest, quote: Quote) -> bool:
    """Records a quoted request as a PENDING order, by one statement; False if it is recorded."""
    row = {
        "id": request.order_id,
        "kind": request.kind,
        "status": OrderStatus.PENDING,
        "customer_email": request.customer_email,
        "total_minor": quote.total.minor,
        "currency": quote.total.currency,
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    items = [_item_row(request.order_id, number, line) for number, line in enumerate(quote.lines)]
    line = order_events.told_as(("placed", {"total": str(quote.total)}))
    placed = await recorder.sql.scalar(_PLACE, told(row) | {"items": items} | line)
    return placed is not None


async def find(reader: Reader, order_id: str) -> Order | None:
    return await _find(reader, _BY_ID, {ORDER: order_id})


async def find_by_session(reader: Reader, session_id: str) -> Order | None:
    """By the order's session, or one that was its own before."""
    return await _find(reader, _BY_SESSION, {"of_session": session_id})


async def terms_of(reader: Reader, order_id: str) -> PaymentTerms | None:
    """What a payment for the order is held against."""
    row = (await reader.sql.execute(_TERMS, {ORDER: order_id})).one_or_none()
    if row is None:
        return None
    return PaymentTerms(
        order_id=row.id,
        session_id=row.session_id,
        total=Money(row.total_minor, row.currency),
        approved_payment_id=row.approved_payment_id,
        waits_for=attention.of_row(row.attention, row.attention_behind),
    )


async def status_of(reader: Reader, order_id: str) -> OrderStatus | None:
    status = await reader.sql.scalar(select(orders.c.status).where(orders.c.id == order_id))
    return OrderStatus(status) if status is not None else None


async def summary_of(reader: Reader, order_id: str) -> OrderSummary | None:
    """What may be said of a placed order where everybody reads."""
    kinds = func.array_agg(order_items.c.license_type.distinct()).label("kinds")
    query = (
        select(orders.c.total_minor, orders.c.currency, kinds)
        .join(order_items, order_items.c.order_id == orders.c.id)
        .where(orders.c.id == order_id)
        .group_by(orders.c.id)
    )
    row = (await reader.sql.execute(query)).one_or_none()
    if row is None:
        return None
    kinds_sold = tuple(kind for kind in LicenseType if kind in row.kinds)
    return OrderSummary(Money(row.total_minor, row.currency), kinds_sold)


async def id_by_payment(reader: Reader, payment_id: str) -> str | None:
    """The order that a payment intent of Stripe's paid."""
    found: str | None = await reader.sql.scalar(
        select(orders.c.id).where(orders.c.payment_id == payment_id)
    )
    return found


async def approve(writer: Writer, order_id: str, payment_id: str) -> None:
    """Notes that an operator takes this payment for what was quoted."""
    statement = update(orders).where(orders.c.id == order_id)
    await writer.sql.execute(statement.values(approved_payment_id=payment_id))


def _item_row(order_id: str, number: int, line: QuoteLine) -> dict[str, Any]:
    return {
        "id": order_item_id(order_id, number),
        "line": number,
        "beat_id": line.beat_id,
        "license_type": line.license_type,
        "stripe_price_id": line.price_id,
        "quantity": line.quantity,
        "unit_minor": line.unit_price.minor,
        "usage_rights": list(line.license_type.terms.usage_rights),
        "has_stems": line.license_type.includes_stems,
    }


async def _find(reader: Reader, which: Select[Any], named: dict[str, str]) -> Order | None:
    row = (await reader.sql.execute(which, named)).mappings().one_or_none()
    if row is None:
        return None
    items = await reader.sql.execute(_ITEMS, {ORDER: row["id"]})
    return _order(row, tuple(_item(item, row["currency"]) for item in items))


# By their places: to name each column of each row costs more than all the rest of a large order.
_SHOWN_OF_BEAT = (
    beats.c.id,
    beats.c.title,
    beats.c.genre,
    beats.c.bpm,
    beats.c.key,
    beats.c.mode,
    beats.c.duration_seconds,
    beat_assets.c.url,
    beats.c.is_exclusive,
    beats.c.featured,
)
_SHOWN_OF_ITEM = (
    order_items.c.id,
    order_items.c.order_id,
    order_items.c.license_type,
    order_items.c.stripe_price_id,
    order_items.c.quantity,
    order_items.c.unit_minor,
    order_items.c.usage_rights,
    order_items.c.has_stems,
    order_items.c.created_at,
    order_items.c.updated_at,
)


_ORDERED = (
    "id",
    "kind",
    "status",
    "customer_email",
    "total_minor",
    "currency",
    "success_url",
    "cancel_url",
)
_ITEM = (
    "id",
    "line",
    "beat_id",
    "license_type",
    "stripe_price_id",
    "quantity",
    "unit_minor",
    "usage_rights",
    "has_stems",
)
_placed = (
    insert(orders)
    .values({name: new(orders.c[name]) for name in _ORDERED})
    .on_conflict_do_nothing()
    .returning(orders.c.id)
    .cte("placed")
)
_wanted = (
    func.jsonb_to_recordset(bindparam("items", type_=JSONB))
    .table_valued(*(column(name, order_items.c[name].type) for name in _ITEM), name="wanted")
    .render_derived(with_types=True)
)
_items_placed = insert(order_items).from_select(
    ["order_id", *_ITEM],
    select(_placed.c.id, *(_wanted.c[name] for name in _ITEM)).join_from(_placed, _wanted, true()),
)
_PLACE = order_events.noting_of(_placed).add_cte(_items_placed.cte("items_placed"))

_IS_ITS = orders.c.id == OF_ORDER
_BY_ID = select(orders).where(_IS_ITS)
_BY_SESSION = select(orders).where(
    or_(
        orders.c.session_id == bindparam("of_session"),
        orders.c.id
        == select(former_sessions.c.order_id)
        .where(former_sessions.c.session_id == bindparam("of_session"))
        .scalar_subquery(),
    )
)
_TERMS = select(
    orders.c.id,
    orders.c.session_id,
    orders.c.total_minor,
    orders.c.currency,
    orders.c.approved_payment_id,
    orders.c.attention,
    orders.c.attention_behind,
).where(_IS_ITS)
_ITEMS = (
    select(*_SHOWN_OF_BEAT, *_SHOWN_OF_ITEM)
    .join(beats, beats.c.id == order_items.c.beat_id)
    .outerjoin(
        beat_assets,
        and_(beat_assets.c.beat_id == beats.c.id, beat_assets.c.kind == AssetKind.ARTWORK),
    )
    .where(order_items.c.order_id == OF_ORDER)
    .order_by(order_items.c.line)
)


def _order(row: RowMapping, items: tuple[OrderItem, ...]) -> Order:
    return Order(
        id=row["id"],
        kind=OrderKind(row["kind"]),
        status=OrderStatus(row["status"]),
        total=Money(row["total_minor"], row["currency"]),
        refunded=Money(row["refunded_minor"], row["currency"]),
        customer_email=row["customer_email"],
        customer_name=row["customer_name"],
        customer_phone=row["customer_phone"],
        payment_method=row["payment_method"],
        payment_id=row["payment_id"],
        approved_payment_id=row["approved_payment_id"],
        paid_at=row["paid_at"],
        session_id=row["session_id"],
        session_url=row["session_url"],
        session_expires_at=row["session_expires_at"],
        checkout_attempt=row["checkout_attempt"],
        success_url=row["success_url"],
        cancel_url=row["cancel_url"],
        attention=Attention(row["attention"]) if row["attention"] else None,
        waits_for=attention.of_row(row["attention"], row["attention_behind"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        items=items,
    )


def _item(row: Sequence[Any], currency: str) -> OrderItem:
    beat, item = row[: len(_SHOWN_OF_BEAT)], row[len(_SHOWN_OF_BEAT) :]
    id_, order_id, kind, price_id, quantity, unit, rights, has_stems, created_at, updated_at = item
    return OrderItem(
        id=id_,
        order_id=order_id,
        beat=ItemBeat(*beat),
        license_type=LicenseType(kind),
        price_id=price_id,
        quantity=quantity,
        unit_price=Money(unit, currency),
        usage_rights=tuple(rights),
        has_stems=has_stems,
        created_at=created_at,
        updated_at=updated_at,
    )
