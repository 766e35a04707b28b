"""The checkout session of an order: attached once, and closed with it."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from database import order_events
from database.engine import Reader, Recorder, Writer
from database.parameters import OF_ORDER, ORDER, new, told
from database.tables import former_sessions, orders
from domain.order import OrderStatus
from domain.payment import CheckoutSession


async def attach(recorder: Recorder, order_id: str, session: CheckoutSession) -> bool:
    """Makes `session` a pending order's checkout session, unless it has one; by one statement."""
    line = order_events.told_as(("session_opened", {"session": session.id}))
    values = {ORDER: order_id} | told(_columns(session)) | line
    attached = await recorder.sql.scalar(_ATTACH, values)
    return attached is not None


async def adopt(writer: Writer, order_id: str, session: CheckoutSession) -> bool:
    """Puts a session that was paid in the place of the order's own; False if that was paid too.

    The order is found by the former one as before.
    """
    unpaid = (orders.c.id == order_id, orders.c.payment_id.is_(None))
    columns = ["session_id", "order_id"]
    own = select(orders.c.session_id, orders.c.id).where(*unpaid, orders.c.session_id.is_not(None))
    kept = insert(former_sessions).from_select(columns, own.with_for_update())
    await writer.sql.execute(kept.on_conflict_do_nothing())
    statement = update(orders).where(*unpaid).values(**_columns(session), updated_at=func.now())
    if await writer.sql.scalar(statement.returning(orders.c.id)) is None:
        return False
    await order_events.note(writer, order_id, "session_adopted", session=session.id)
    return True


async def find(reader: Reader, order_id: str) -> CheckoutSession | None:
    """The order's checkout session, if it has one by now."""
    row = (await reader.sql.execute(_SESSION, {ORDER: order_id})).one_or_none()
    return CheckoutSession(*row) if row is not None else None


async def spend_attempt(recorder: Recorder, order_id: str, attempt: int) -> None:
    """Moves on from an idempotency key that Stripe will only ever answer with a fault."""
    await recorder.sql.execute(
        update(orders)
        .where(orders.c.id == order_id, orders.c.checkout_attempt == attempt)
        .values(checkout_attempt=attempt + 1)
    )


async def close_unopened(
    recorder: Recorder, order_id: str, status: OrderStatus, reason: str
) -> CheckoutSession | None:
    """Closes a pending order that has no checkout session; the session, if it has one after all."""
    line = order_events.told_as((status.lower(), {"reason": reason}))
    values = {ORDER: order_id} | told({"status": status}) | line
    if await recorder.sql.scalar(_CLOSE_UNOPENED, values) is not None:
        return None
    return await find(recorder, order_id)


def _columns(session: CheckoutSession) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "session_url": session.url,
        "session_expires_at": session.expires_at,
    }


_OF_SESSION = (orders.c.session_id, orders.c.session_url, orders.c.session_expires_at)
_IS_UNOPENED = (
    orders.c.id == OF_ORDER,
    orders.c.status == OrderStatus.PENDING,
    orders.c.session_id.is_(None),
)
_ATTACH = order_events.noting(
    update(orders)
    .where(*_IS_UNOPENED)
    .values({each.name: new(each) for each in _OF_SESSION} | {"updated_at": func.now()})
)
_CLOSE_UNOPENED = order_events.noting(
    update(orders).where(*_IS_UNOPENED).values(status=new(orders.c.status), updated_at=func.now())
)
_SESSION = select(*_OF_SESSION).where(orders.c.id == OF_ORDER, orders.c.session_id.is_not(None))
