"""What lies in the webhook inbox, and should not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from database.engine import Reader
from database.order_record import EVENT_COLUMNS, ReceivedEvent
from database.tables import webhook_events

# The relay takes an event within some seconds.
DELIVERED_WITHIN = timedelta(seconds=30)
# From how many failures of its own on an event is not merely waiting for its turn.
FAILING_AFTER = 3
# How long an event about no order of ours is shown.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class Pile:
    """How many events there are of a kind, and the oldest of them."""

    count: int
    oldest: list[ReceivedEvent]


@dataclass(frozen=True)
class Backlog:
    undelivered: Pile  # no workflow has taken them: Temporal is away, or no API runs
    failing: Pile  # each was tried again and again, and turned down for its own sake
    unknown: Pile  # they name an order that we never made


async def find(reader: Reader, now: datetime, limit: int) -> Backlog:
    """Counts the events, and shows the `limit` oldest of each kind."""
    columns = webhook_events.c
    is_late = columns.delivered_at.is_(None) & (columns.received_at < now - DELIVERED_WITHIN)
    fails = columns.attempts >= FAILING_AFTER
    is_unknown = (columns.outcome == "unknown_order") & (columns.received_at > now - REMEMBERED)
    return Backlog(
        undelivered=await _pile(reader, is_late & ~fails, limit),
        failing=await _pile(reader, is_late & fails, limit),
        unknown=await _pile(reader, is_unknown, limit),
    )


async def _pile(reader: Reader, kind: ColumnElement[bool], limit: int) -> Pile:
    count: Any = await reader.sql.scalar(
        select(func.count()).select_from(webhook_events).where(kind)
    )
    query = select(*EVENT_COLUMNS).where(kind).order_by(webhook_events.c.received_at).limit(limit)
    rows = await reader.sql.execute(query)
    return Pile(int(count), [ReceivedEvent(*row) for row in rows])
