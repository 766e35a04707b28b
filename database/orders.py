"""Orders: placed once, moved from state to state by compare-and-set, read as they stand."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    cast,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from database.engine import Reader, Writer
from database.tables import beat_assets, beats, order_events, order_items, orders, users
from domain.beat import AssetKind
from domain.cart import Quote, QuoteLine
from domain.checkout import CheckoutRequest
from domain.license import LicenseType
from domain.money import Money
from domain.order import (
    ItemBeat,
    Order,
    OrderItem,
    OrderKind,
    OrderStatus,
    normalized_email,
    order_item_id,
)
from domain.payment import CheckoutSession, Payment


async def place(writer: Writer, request: CheckoutRequest, quote: Quote) -> bool:
    """Records a quoted request as a PENDING order; False if it is recorded already."""
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
    statement = insert(orders).values(row).on_conflict_do_nothing().returning(orders.c.id)
    if await writer.sql.scalar(statement) is None:
        return False
    items = [_item_row(request.order_id, number, line) for number, line in enumerate(quote.lines)]
    await writer.sql.execute(insert(order_items).values(items))
    await note(writer, request.order_id, "placed", total=str(quote.total))
    return True


async def find(reader: Reader, order_id: str) -> Order | None:
    return await _find(reader, orders.c.id, order_id)


async def find_by_session(reader: Reader, session_id: str) -> Order | None:
    return await _find(reader, orders.c.session_id, session_id)


async def is_placed(reader: Reader, order_id: str) -> bool:
    return bool(await reader.sql.scalar(select(exists().where(orders.c.id == order_id))))


async def status_of(reader: Reader, order_id: str) -> OrderStatus | None:
    status = await reader.sql.scalar(select(orders.c.status).where(orders.c.id == order_id))
    return OrderStatus(status) if status is not None else None


async def attach_session(writer: Writer, order_id: str, session: CheckoutSession) -> bool:
    """Makes `session` a pending order's checkout session, unless it has one."""
    statement = (
        update(orders)
        .where(_is_unopened(order_id))
        .values(
            session_id=session.id,
            session_url=session.url,
            session_expires_at=session.expires_at,
            updated_at=func.now(),
        )
        .returning(orders.c.id)
    )
    if await writer.sql.scalar(statement) is None:
        return False
    await note(writer, order_id, "session_opened", session=session.id)
    return True


async def spend_attempt(writer: Writer, order_id: str, attempt: int) -> None:
    """Moves on from an idempotency key that Stripe will only ever answer with a fault."""
    await writer.sql.execute(
        update(orders)
        .where(orders.c.id == order_id, orders.c.checkout_attempt == attempt)
        .values(checkout_attempt=attempt + 1)
    )


async def close_unopened(
    writer: Writer, order_id: str, status: OrderStatus, reason: str
) -> CheckoutSession | None:
    """Closes a pending order that has no checkout session; the session, if it has one after all."""
    statement = (
        update(orders)
        .where(_is_unopened(order_id))
        .values(status=status, updated_at=func.now())
        .returning(orders.c.id)
    )
    if await writer.sql.scalar(statement) is not None:
        await note(writer, order_id, status.lower(), reason=reason)
        return None
    return await session_of(writer, order_id)


async def session_of(reader: Reader, order_id: str) -> CheckoutSession | None:
    """The order's checkout session, if it has one by now."""
    query = select(orders.c.session_id, orders.c.session_url, orders.c.session_expires_at).where(
        orders.c.id == order_id, orders.c.session_id.is_not(None)
    )
    row = (await reader.sql.execute(query)).one_or_none()
    return CheckoutSession(*row) if row is not None else None


async def record_payment(writer: Writer, order_id: str, payment: Payment) -> bool:
    """PAID, with who paid and how; False if the order has been there before."""
    email = payment.customer.email
    details = {
        "customer_email": email or orders.c.customer_email,
        "customer_name": payment.customer.name,
        "customer_phone": payment.customer.phone,
        "payment_id": payment.payment_intent_id,
        "payment_method": payment.method,
        "paid_at": payment.paid_at or func.now(),
    }
    if not await _move(writer, order_id, OrderStatus.PAID, **details):
        return False
    if email is not None:
        await _assign_buyer(writer, order_id, email)
    await note(writer, order_id, "paid", amount=str(payment.amount), session=payment.session_id)
    return True


async def advance(writer: Writer, order_id: str, status: OrderStatus, reason: str = "") -> bool:
    """Moves the order to `status`; False if it is there, or beyond, already."""
    if not await _move(writer, order_id, status):
        return False
    detail = {"reason": reason} if reason else {}
    await note(writer, order_id, status.lower(), **detail)
    return True


async def note_once(writer: Writer, order_id: str, event: str, **detail: str) -> None:
    """Adds a line to the order's history, unless the very same line is there."""
    same = exists().where(
        order_events.c.order_id == order_id,
        order_events.c.type == event,
        order_events.c.detail == detail,
    )
    row = select(literal(order_id), literal(event), cast(detail, JSONB)).where(~same)
    columns = ["order_id", "type", "detail"]
    await writer.sql.execute(insert(order_events).from_select(columns, row))


async def note(writer: Writer, order_id: str, event: str, **detail: str) -> None:
    """Adds a line to the order's history."""
    row = {"order_id": order_id, "type": event, "detail": detail}
    await writer.sql.execute(insert(order_events).values(row))


def _is_unopened(order_id: str) -> ColumnElement[bool]:
    return and_(
        orders.c.id == order_id,
        orders.c.status == OrderStatus.PENDING,
        orders.c.session_id.is_(None),
    )


async def _move(writer: Writer, order_id: str, status: OrderStatus, **values: Any) -> bool:
    expected = sorted(status.predecessors)
    statement = (
        update(orders)
        .where(orders.c.id == order_id, orders.c.status.in_(expected))
        .values(status=status, updated_at=func.now(), **values)
        .returning(orders.c.id)
    )
    return await writer.sql.scalar(statement) is not None


async def _assign_buyer(writer: Writer, order_id: str, email: str) -> None:
    row = {"email": normalized_email(email)}
    claim = insert(users).values(row)
    buyer = (
        claim.on_conflict_do_update(index_elements=["email"], set_={"email": claim.excluded.email})
        .returning(users.c.id)
        .cte("buyer")
    )
    statement = (
        update(orders)
        .where(orders.c.id == order_id)
        .values(user_id=select(buyer.c.id).scalar_subquery())
    )
    await writer.sql.execute(statement)


def _item_row(order_id: str, number: int, line: QuoteLine) -> dict[str, Any]:
    return {
        "id": order_item_id(order_id, number),
        "order_id": order_id,
        "line": number,
        "beat_id": line.beat_id,
        "license_type": line.license_type,
        "stripe_price_id": line.price_id,
        "quantity": line.quantity,
        "unit_minor": line.unit_price.minor,
        "usage_rights": list(line.license_type.terms.usage_rights),
        "has_stems": line.license_type.includes_stems,
    }


async def _find(reader: Reader, column: Any, value: str) -> Order | None:
    row = (await reader.sql.execute(select(orders).where(column == value))).mappings().one_or_none()
    if row is None:
        return None
    artwork = and_(beat_assets.c.beat_id == beats.c.id, beat_assets.c.kind == AssetKind.ARTWORK)
    query = (
        select(order_items, beats, beat_assets.c.url)
        .join(beats, beats.c.id == order_items.c.beat_id)
        .outerjoin(beat_assets, artwork)
        .where(order_items.c.order_id == row["id"])
        .order_by(order_items.c.line)
    )
    items = (await reader.sql.execute(query)).mappings()
    return _order(row, tuple(_item(item, row["currency"]) for item in items))


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
        paid_at=row["paid_at"],
        session_id=row["session_id"],
        session_url=row["session_url"],
        session_expires_at=row["session_expires_at"],
        checkout_attempt=row["checkout_attempt"],
        success_url=row["success_url"],
        cancel_url=row["cancel_url"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        items=items,
    )


def _item(row: RowMapping, currency: str) -> OrderItem:
    item, beat = order_items.c, beats.c
    return OrderItem(
        id=row[item.id],
        order_id=row[item.order_id],
        beat=ItemBeat(
            id=row[beat.id],
            title=row[beat.title],
            genre=row[beat.genre],
            bpm=row[beat.bpm],
            key=row[beat.key],
            mode=row[beat.mode],
            duration_seconds=row[beat.duration_seconds],
            artwork_url=row[beat_assets.c.url],
            is_exclusive=row[beat.is_exclusive],
            featured=row[beat.featured],
        ),
        license_type=LicenseType(row[item.license_type]),
        price_id=row[item.stripe_price_id],
        quantity=row[item.quantity],
        unit_price=Money(row[item.unit_minor], currency),
        usage_rights=tuple(row[item.usage_rights]),
        has_stems=row[item.has_stems],
        created_at=row[item.created_at],
        updated_at=row[item.updated_at],
    )
