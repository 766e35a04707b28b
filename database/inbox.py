"""The webhook inbox: what Stripe told us, kept before anything is done with it."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Reader, Writer
from database.tables import webhook_events
from domain.webhook import WebhookEvent


async def record(writer: Writer, event: WebhookEvent) -> bool:
    """Keeps an event; False if it was kept before."""
    row = {
        "id": event.id,
        "type": event.type,
        "object_id": event.object_id,
        "order_id": event.order_id,
        "payment_id": event.payment_id,
        "created_at": event.created_at,
    }
    statement = insert(webhook_events).values(row).on_conflict_do_nothing()
    return await writer.sql.scalar(statement.returning(webhook_events.c.id)) is not None


async def undelivered(reader: Reader, *, older_than: timedelta, limit: int) -> list[WebhookEvent]:
    """The oldest events that no workflow has taken."""
    columns = webhook_events.c
    query = (
        select(
            columns.id,
            columns.type,
            columns.object_id,
            columns.order_id,
            columns.payment_id,
            columns.created_at,
        )
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
