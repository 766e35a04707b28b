"""Orders that wait for longer than they should: what operators see, and what sweeps make up for."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists

from database.tables import orders, webhook_events
from domain.order import OrderStatus

_IS_DONE_WITH_ITS_PAGE = exists().where(
    webhook_events.c.order_id == orders.c.id,
    webhook_events.c.type == "checkout.session.completed",
)


def is_unfulfilled(before: datetime) -> ColumnElement[bool]:
    """Paid before then, and still without its files."""
    return and_(orders.c.status == OrderStatus.PAID, orders.c.paid_at < before)


def is_overdue(before: datetime) -> ColumnElement[bool]:
    """Its payment page closed before then, with nothing paid on it, or on its way."""
    return and_(
        orders.c.status == OrderStatus.PENDING,
        orders.c.session_expires_at < before,
        ~_IS_DONE_WITH_ITS_PAGE,
    )
