"""The webhook inbox: what Stripe told us, kept before anything is done with it."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Reader, Writer
from database.tables import orders, webhook_events
from domain.webhook import WebhookEvent

# What the inbox keeps of an event.
_KEPT = ("id", "type", "object_id", "order_id", "payment_id", "created_at")


async def record(writer: Writer, event: WebhookEvent) -> bool:
    """Keeps an event; False if it was kept before."""
    return await record_all(writer, [event]) == 1


async def record_all(writer: Writer, events: Sequence[WebhookEvent]) -> int:
    """Keeps events by one statement; returns how many of them are new."""
    if not events:
        return 0
    rows = [{name: getattr(event, name) for name in _KEPT} for event in events]
    statement = insert(webhook_events).values(rows).on_conflict_do_nothing()
    return len((await writer.sql.execute(statement.returning(webhook_events.c.id))).all())


async def requeue(writer: Writer, order_ids: Sequence[str], types: Collection[str]) -> int:
    """Has the events of these types about these orders delivered again; returns how many."""
    if not order_ids:
        return 0
    payments = select(orders.c.payment_id).where(orders.c.id.in_(order_ids))
    about = or_(webhook_events.c.order_id.in_(order_ids), webhook_events.c.payment_id.in_(payments))
    statement = (
        update(webhook_events)
        .where(about, webhook_events.c.type.in_(types), webhook_events.c.delivered_at.is_not(None))
        .values(delivered_at=None, outcome=None)
        .returning(webhook_events.c.id)
    )
    return len((await writer.sql.execute(statement)).all())


async def undelivered(reader: Reader, *, older_than: timedelta, limit: int) -> list[WebhookEvent]:
    """The oldest events that no workflow has taken."""
    columns = webhook_events.c
    query = (
        select(*(columns[name] for name in _KEPT))
        .where(columns.delivered_at.is_(None), columns.received_at <= func.now() - older_than)
        .order_by(columns.received_at)
        .limit(limit)
    )
    return [WebhookEvent(*row) for row in await reader.sql.execute(query)]


async def mark_delivered(writer: Writer, event_id: str, outcome: str) -> None:
    """Notes what became of an event; the first note stands."""
    statement = (
        update(webhook_events)
        .where(webhook_events.c.id == event_id, webhook_events.c.delivered_at.is_(None))
        .values(delivered_at=func.now(), outcome=outcome)
    )
    await writer.sql.execute(statement)
