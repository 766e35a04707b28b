"""Orders that differ from what Stripe says of them, or wait where nobody waits with them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, exists, select

from database.engine import Reader
from database.tables import orders, webhook_events
from domain.order import OrderStatus
from domain.reconciliation import PaidOrder, Returned
from domain.standing import DisputeState, is_later

_UNPAID = [status for status in OrderStatus if status.is_unpaid]


async def unpaid_among(reader: Reader, paid: Sequence[PaidOrder], before: datetime) -> list[str]:
    """Those of the orders paid at Stripe that are unpaid in our books, and held by nobody."""
    query = select(orders.c.id).where(
        orders.c.id.in_({order.order_id for order in paid}),
        orders.c.status.in_(_UNPAID),
        orders.c.attention.is_(None),
        orders.c.created_at < before,
    )
    return list(await reader.sql.scalars(query))


async def unfulfilled(reader: Reader, before: datetime) -> list[str]:
    """Orders paid before then that have no files yet, and are held by nobody."""
    query = select(orders.c.id).where(
        orders.c.status == OrderStatus.PAID,
        orders.c.attention.is_(None),
        orders.c.paid_at < before,
    )
    return list(await reader.sql.scalars(query))


async def overdue(reader: Reader, before: datetime) -> list[str]:
    """Orders that wait for a payment page which closed before then, with nothing paid on it."""
    is_done = exists().where(
        webhook_events.c.order_id == orders.c.id,
        webhook_events.c.type == "checkout.session.completed",
    )
    query = select(orders.c.id).where(
        orders.c.status == OrderStatus.PENDING,
        orders.c.attention.is_(None),
        orders.c.session_expires_at < before,
        ~is_done,
    )
    return list(await reader.sql.scalars(query))


async def unknown_returns(reader: Reader, returned: Sequence[Returned]) -> list[str]:
    """Orders of which Stripe says that more went back, or is in dispute, than we know of."""
    query = select(
        orders.c.id,
        orders.c.payment_id,
        orders.c.refunded_minor,
        orders.c.is_refunded_in_full,
        orders.c.total_minor,
        orders.c.disputes,
    ).where(
        orders.c.payment_id.in_({each.payment_id for each in returned}),
        orders.c.attention.is_(None),  # what is held is an operator's to look into
    )
    rows = {row["payment_id"]: row for row in (await reader.sql.execute(query)).mappings()}
    return [
        rows[each.payment_id]["id"]
        for each in returned
        if each.payment_id in rows and _is_unknown(each, rows[each.payment_id])
    ]


def _is_unknown(returned: Returned, row: RowMapping) -> bool:
    if returned.dispute is not None:
        known = row["disputes"].get(returned.dispute.dispute_id)
        return known is None or is_later(returned.dispute.state, DisputeState(known))
    refunded = row["total_minor"] * returned.refunded_minor // returned.amount_minor
    return not row["is_refunded_in_full"] and bool(refunded > row["refunded_minor"])
