"""The history of an order: append-only lines of what happened, when and why."""

from collections.abc import Sequence

from sqlalchemy import cast, exists, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from database.engine import Writer
from database.tables import order_events

# The kind of a line, and what more there is to say.
Line = tuple[str, dict[str, str]]


async def note(writer: Writer, order_id: str, event: str, **detail: str) -> None:
    await note_all(writer, order_id, [(event, detail)])


async def note_all(writer: Writer, order_id: str, lines: Sequence[Line]) -> None:
    """Adds lines (at least one) in this order, by one statement."""
    rows = [{"order_id": order_id, "type": event, "detail": detail} for event, detail in lines]
    await writer.sql.execute(insert(order_events).values(rows))


async def note_once(writer: Writer, order_id: str, event: str, **detail: str) -> None:
    """Adds a line unless the very same one is there."""
    same = exists().where(
        order_events.c.order_id == order_id,
        order_events.c.type == event,
        order_events.c.detail == detail,
    )
    row = select(literal(order_id), literal(event), cast(detail, JSONB)).where(~same)
    columns = ["order_id", "type", "detail"]
    await writer.sql.execute(insert(order_events).from_select(columns, row))
