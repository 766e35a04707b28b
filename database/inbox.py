"""The webhook inbox: what Stripe told us, kept before anything is done with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    CollectionAggregate,
    Text,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from database.checkout_requests import Progress
from database.engine import Reader, Recorder, Writer
from database.parameters import new, told
from database.tables import checkout_requests, orders, webhook_events
from domain.webhook import PAYING, REPORTED, SWEPT, WebhookEvent

# After a failure of its own an event waits: twice as long each time, up to the longest wait.
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
_DOUBLINGS = 10  # more would be longer than the longest
_MOST_ATTEMPTS = 32_767  # where the column ends

# News of money that came in goes before other news that is older by less: a buyer waits for it.
HEAD_START = timedelta(minutes=1)

# What the inbox keeps of an event.
_KEPT = ("id", "type", "object_id", "order_id", "payment_id", "created_at")


_UNTRIED: dict[str, Any] = {"attempts": 0, "failure": None, "next_try_at": None}


@dataclass(frozen=True)
class Kept:
    """An event that was kept just now, and how far its order had come; None if there is none."""

    progress: Progress | None


async def record(recorder: Recorder, event: WebhookEvent) -> Kept | None:
    """Keeps an event; None if it was kept before."""
    row = (await recorder.sql.execute(_KEEP, told(_row(event)))).one_or_none()
    if row is None:
        return None
    return Kept(Progress(row.session_id) if row.order_id is not None else None)


async def record_all(recorder: Recorder, events: Sequence[WebhookEvent]) -> int:
    """Keeps events by one statement; returns how many of them are new."""
    if not events:
        return 0
    kept = await recorder.sql.execute(_RECORD, [_row(event) for event in events])
    return len(kept.all())


def _row(event: WebhookEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _KEPT}


async def requeue(writer: Writer, order_ids: Sequence[str], types: Collection[str]) -> int:
    """Has the events of these types about these orders delivered again; returns how many."""
    if not order_ids:
        return 0
    columns, told_of, these = webhook_events.c, webhook_events.alias("told_of").c, _any(order_ids)
    payments = select(orders.c.payment_id).where(orders.c.id == these)
    # By an index each: of a sub-select beside an OR, PostgreSQL makes a scan of all that ever came.
    about = union(
        select(told_of.id).where(told_of.order_id == these),
        select(told_of.id).where(told_of.payment_id.in_(payments)),
    )
    statement = (
        update(webhook_events)
        .where(columns.id.in_(about), columns.type.in_(types), columns.delivered_at.is_not(None))
        .values(delivered_at=None, outcome=None, **_UNTRIED)
        .returning(columns.id)
    )
    return len((await writer.sql.execute(statement)).all())


async def knock(writer: Writer, order_ids: Sequence[str]) -> int:
    """Has those of these orders looked at of which Stripe's events tell nothing; how many."""
    is_told = exists().where(
        webhook_events.c.order_id == orders.c.id, webhook_events.c.type.in_(REPORTED)
    )
    made = select(
        literal("sweep_") + orders.c.id,
        literal(SWEPT),
        func.coalesce(orders.c.session_id, ""),
        orders.c.id,
        func.now(),
    ).where(orders.c.id == _any(order_ids), ~is_told)
    statement = insert(webhook_events).from_select(
        ["id", "type", "object_id", "order_id", "created_at"], made
    )
    again = statement.on_conflict_do_update(
        index_elements=["id"], set_={"delivered_at": None, "outcome": None, **_UNTRIED}
    )
    return len((await writer.sql.execute(again.returning(webhook_events.c.id))).all())


def _any(order_ids: Sequence[str]) -> CollectionAggregate[bool]:
    """Any of these, as one parameter: a statement has 65,535 at the most."""
    return any_(literal(list(order_ids), ARRAY(Text)))


async def undelivered(reader: Reader, *, older_than: timedelta, limit: int) -> list[WebhookEvent]:
    """Events that no workflow has taken and whose turn it is, the longest due first.

    Those of payments count as due for longer (HEAD_START).
    """
    columns = webhook_events.c
    due = func.coalesce(columns.next_try_at, columns.received_at)
    is_awaited = columns.type.in_(PAYING)
    query = (
        select(*(columns[name] for name in _KEPT))
        .where(
            columns.delivered_at.is_(None),
            columns.received_at <= func.now() - older_than,
            due <= func.now(),
        )
        .order_by(case((is_awaited, due - HEAD_START), else_=due))
        .limit(limit)
    )
    return [WebhookEvent(*row) for row in await reader.sql.execute(query)]


async def put_off(recorder: Recorder, event_id: str, failure: str) -> int:
    """Has an event wait that could not be delivered for its own sake; how often that was so."""
    tried = webhook_events.c.attempts
    doubled = FIRST_WAIT * func.power(2, func.least(tried, _DOUBLINGS))
    statement = (
        update(webhook_events)
        .where(webhook_events.c.id == event_id, webhook_events.c.delivered_at.is_(None))
        .values(
            attempts=func.least(tried + 1, _MOST_ATTEMPTS),
            failure=failure,
            next_try_at=func.now() + func.least(doubled, LONGEST_WAIT),
        )
        .returning(tried)
    )
    attempts: int | None = await recorder.sql.scalar(statement)
    return attempts or 0


async def put_last(recorder: Recorder, event_id: str) -> None:
    """Has an event that nobody answered for wait behind those that are due by now."""
    waits = (webhook_events.c.id == event_id) & webhook_events.c.delivered_at.is_(None)
    await recorder.sql.execute(update(webhook_events).where(waits).values(next_try_at=func.now()))


async def mark_delivered(recorder: Recorder, event_id: str, outcome: str) -> None:
    """Notes what became of an event; the first note stands."""
    await recorder.sql.execute(_MARK_DELIVERED, {"of_event": event_id, "its_outcome": outcome})


async def mark_unknown(recorder: Recorder, payment_id: str, order_id: str) -> None:
    """Notes of a payment's events that they are about an order that our books do not have."""
    statement = (
        update(webhook_events)
        .where(webhook_events.c.payment_id == payment_id)
        .values(
            order_id=order_id,
            delivered_at=func.coalesce(webhook_events.c.delivered_at, func.now()),
            outcome="unknown_order",
        )
    )
    await recorder.sql.execute(statement)


_RECORD = insert(webhook_events).on_conflict_do_nothing().returning(webhook_events.c.id)
_kept = (
    insert(webhook_events)
    .values({name: new(webhook_events.c[name]) for name in _KEPT})
    .on_conflict_do_nothing()
    .returning(webhook_events.c.order_id)
    .cte("kept")
)
_KEEP = select(checkout_requests.c.order_id, orders.c.session_id).select_from(
    _kept.outerjoin(checkout_requests, checkout_requests.c.order_id == _kept.c.order_id).outerjoin(
        orders, orders.c.id == checkout_requests.c.order_id
    )
)
_MARK_DELIVERED = (
    update(webhook_events)
    .where(webhook_events.c.id == bindparam("of_event"), webhook_events.c.delivered_at.is_(None))
    .values(delivered_at=func.now(), outcome=bindparam("its_outcome"))
)
