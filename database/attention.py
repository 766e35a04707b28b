"""Orders that wait for a person: flagged, and seen to.

An order may wait for several reasons. The most pressing one is its `attention`; the others stand
behind it (`attention_behind`, with the time at which each was raised) until it is seen to.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from database import order_events
from database.engine import Recorder
from database.parameters import OF_ORDER, ORDER
from database.tables import orders
from domain.order import Attention, OrderStatus
from domain.stuck import Stuck

log = structlog.get_logger()

UNPAID = [status for status in OrderStatus if status.is_unpaid]

# The statuses in which each reason to look at an order stands.
_WHILE: dict[Attention, list[OrderStatus]] = {
    Attention.PAYMENT_DIFFERS: [*UNPAID, OrderStatus.DISPUTED],
    Attention.FILE_MISSING: [OrderStatus.PAID],
    Attention.FILES_UNREACHABLE: [OrderStatus.PAID],
    Attention.SECOND_PAYMENT_KEPT: list(OrderStatus),
    Attention.REFUND_FAILED: [each for each in OrderStatus if each is not OrderStatus.REFUNDED],
    Attention.RECEIPT_UNSENT: [OrderStatus.COMPLETED],
}

# The reasons that hold an order up; for others somebody is asked, and the order goes on. They are
# the most pressing ones, so that none of them stands behind another reason.
_HOLDING = (Attention.PAYMENT_DIFFERS, Attention.FILE_MISSING, Attention.FILES_UNREACHABLE)
IS_HELD = func.coalesce(orders.c.attention, "").in_(_HOLDING)

_MOST_PRESSING_FIRST = [Attention(why.value) for why in Stuck if why.value in set(Attention)]


def standing_in(status: OrderStatus) -> list[Attention]:
    """The reasons for which an order of this status may wait."""
    return [why for why, statuses in _WHILE.items() if status in statuses]


def of_row(attention: str | None, behind: Iterable[str]) -> frozenset[Attention]:
    """All the reasons for which an order waits, by its columns."""
    return frozenset(Attention(why) for why in (attention, *behind) if why is not None)


async def flag(
    recorder: Recorder, order_id: str, why: Attention, event: str | None, **detail: str
) -> None:
    """Asks for a person's attention, and notes the event that calls for it, unless that is done.

    A flag that is up for this reason keeps its time, and nothing is noted again; nor is it where
    the order has moved on to a status in which nobody need decide. One statement.
    """
    first, behind = orders.c.attention, orders.c.attention_behind
    less_pressing = _MOST_PRESSING_FIRST[_MOST_PRESSING_FIRST.index(why) + 1 :]
    leads = or_(first.is_(None), first.in_(less_pressing))
    raised = (
        update(orders)
        .where(
            orders.c.id == order_id,
            orders.c.status.in_(_WHILE[why]),
            first.is_distinct_from(why),
            ~behind.has_key(why.value),
        )
        .values(
            attention=case((leads, why), else_=first),
            attention_since=case((leads, func.now()), else_=orders.c.attention_since),
            attention_behind=case(
                (first.is_(None), behind),
                (leads, behind.op("||")(_raised_at(first, orders.c.attention_since))),
                else_=behind.op("||")(_raised_at(literal(why.value, Text), func.now())),
            ),
        )
    )
    told = order_events.told_as(*([(event, detail)] if event is not None else []))
    if await recorder.sql.scalar(order_events.noting(raised), told) is not None:
        log.error("order_needs_attention", order_id=order_id, why=why.value)


async def clear(recorder: Recorder, order_id: str, why: Attention) -> None:
    """Takes the flag down, if it is up for this reason; one that stands behind it comes forward."""
    await recorder.sql.execute(clearing, {ORDER: order_id} | without(why))


def left_of(reasons: ColumnElement[Any]) -> dict[Column[Any], ColumnElement[Any]]:
    """What the columns are with no other reasons than these left, of those for which it waits."""
    behind = orders.c.attention_behind
    stays = orders.c.attention == any_(reasons)
    why = func.jsonb_object_keys(behind).column_valued("why")
    next_one = (
        select(why)
        .where(why == any_(reasons))
        .order_by(func.array_position(cast(_MOST_PRESSING_FIRST, ARRAY(Text)), why))
        .limit(1)
        .scalar_subquery()
    )
    each = func.jsonb_each(behind).table_valued("key", "value", name="each")
    others = select(
        func.coalesce(func.jsonb_object_agg(each.c.key, each.c.value), cast({}, JSONB))
    ).where(
        and_(
            each.c.key == any_(reasons),
            or_(stays, each.c.key != func.coalesce(next_one, "")),
        )
    )
    since = cast(behind.op("->>")(next_one), DateTime(timezone=True))
    return {
        orders.c.attention: case((stays, orders.c.attention), else_=next_one),
        orders.c.attention_since: case((stays, orders.c.attention_since), else_=since),
        orders.c.attention_behind: others.scalar_subquery(),
    }


def without(why: Attention) -> dict[str, Any]:
    """What `clearing` is to be told."""
    return {_REASONS: [each for each in Attention if each is not why]}


def _raised_at(why: ColumnElement[Any], since: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.jsonb_build_object(why, since)


_REASONS = "reasons"
# Leaves an order (ORDER) no other reasons to wait than those told by `without`.
clearing = (
    update(orders)
    .where(
        orders.c.id == OF_ORDER,
        orders.c.attention.is_not(None),
    )
    .values(left_of(bindparam(_REASONS, type_=ARRAY(Text))))
)
