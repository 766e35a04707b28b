"""The history of an order: append-only lines of what happened, when and why."""

from typing import Any

from sqlalchemy import (
    CTE,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    column,
    exists,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from database.engine import Recorder
from database.parameters import OF_ORDER, ORDER
from database.tables import order_events, orders

# The kind of a line, and what more there is to say.
Line = tuple[str, dict[str, str]]

# The line that tells of money on its way by a method that takes days.
SETTLING = "payment_settling"

_COLUMNS = ["order_id", "type", "detail"]
_LINES = "history_lines"


async def note(recorder: Recorder, order_id: str, event: str, **detail: str) -> None:
    row = {"order_id": order_id, "type": event, "detail": detail}
    await recorder.sql.execute(insert(order_events), row)


async def note_once(recorder: Recorder, order_id: str, event: str, **detail: str) -> None:
    """Adds a line unless the very same one is there."""
    await recorder.sql.execute(noting_once, line_of(order_id, event, **detail))


def line_of(order_id: str, event: str, **detail: str) -> dict[str, Any]:
    """What the statement `noting_once` needs to be told."""
    return {ORDER: order_id, "its_type": event, "its_detail": detail}


def noting(change: Insert | Update) -> Select[Any]:
    """The statement that changes an order's row and, where it did, adds the lines of `told_as`.

    It returns the order's id, or nothing where nothing was changed.
    """
    return noting_of(change.returning(orders.c.id).cte("changed"))


def noting_of(changed: CTE) -> Select[Any]:
    """The same of a change that is a part of the statement already, and returns its id."""
    line = (
        func.jsonb_array_elements(bindparam(_LINES, type_=JSONB))
        .table_valued(column("told", JSONB), with_ordinality="place", name="line")
        .render_derived()
    )
    told = line.c.told
    lines = (
        select(changed.c.id, told["type"].astext, told["detail"])
        .join_from(changed, line, true())
        .order_by(line.c.place)
    )
    noted = insert(order_events).from_select(_COLUMNS, lines)
    return select(changed.c.id).add_cte(noted.cte("noted"))


def told_as(*lines: Line) -> dict[str, Any]:
    """What a statement by `noting` needs to be told."""
    return {_LINES: [{"type": event, "detail": detail} for event, detail in lines]}


_type, _detail = bindparam("its_type", type_=Text), bindparam("its_detail", type_=JSONB)
is_noted = exists().where(
    order_events.c.order_id == OF_ORDER,
    order_events.c.type == _type,
    order_events.c.detail == _detail,
)
# Adds a line unless the very same one is there.
noting_once = insert(order_events).from_select(
    _COLUMNS, select(OF_ORDER, _type, _detail).where(~is_noted)
)
