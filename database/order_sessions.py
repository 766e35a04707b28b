"""The checkout session of an order: attached once, and closed with it."""

from sqlalchemy import ColumnElement, and_, func, select, update

from database import order_events, tables
from database.engine import Reader, Writer
from database.tables import orders
from domain.order import OrderStatus
from domain.payment import CheckoutSession


async def attach(writer: Writer, order_id: str, session: CheckoutSession) -> bool:
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
    await order_events.note(writer, order_id, "session_opened", session=session.id)
    return True


async def adopt(writer: Writer, order_id: str, session_id: str) -> bool:
    """Puts a session that was paid in the place of the order's own; False if that was paid too.

    The buyer may hold the id of the session that was the order's own: it is noted, and goes on
    finding the order.
    """
    is_unpaid = and_(orders.c.id == order_id, orders.c.payment_id.is_(None))
    query = select(orders.c.session_id).where(is_unpaid).with_for_update()
    before = (await writer.sql.execute(query)).one_or_none()
    if before is None:
        return False
    statement = update(orders).where(orders.c.id == order_id)
    await writer.sql.execute(statement.values(session_id=session_id, updated_at=func.now()))
    replaced = {} if before.session_id is None else {"instead_of": before.session_id}
    await order_events.note(writer, order_id, "session_adopted", session=session_id, **replaced)
    return True


async def order_of_replaced(reader: Reader, session_id: str) -> str | None:
    """The order whose session this was until another, which was paid, took its place."""
    lines = tables.order_events
    query = select(lines.c.order_id).where(
        lines.c.type == "session_adopted", lines.c.detail["instead_of"].astext == session_id
    )
    found: str | None = await reader.sql.scalar(query)
    return found


async def find(reader: Reader, order_id: str) -> CheckoutSession | None:
    """The order's checkout session, if it has one by now."""
    query = select(orders.c.session_id, orders.c.session_url, orders.c.session_expires_at).where(
        orders.c.id == order_id, orders.c.session_id.is_not(None)
    )
    row = (await reader.sql.execute(query)).one_or_none()
    return CheckoutSession(*row) if row is not None else None


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
        await order_events.note(writer, order_id, status.lower(), reason=reason)
        return None
    return await find(writer, order_id)


def _is_unopened(order_id: str) -> ColumnElement[bool]:
    return and_(
        orders.c.id == order_id,
        orders.c.status == OrderStatus.PENDING,
        orders.c.session_id.is_(None),
    )
