"""Orders that wait for a person: flagged, and listed with the longest wait first."""

from sqlalchemy import bindparam, func, or_, update

from database import order_events
from database.engine import Recorder
from database.parameters import OF_ORDER, ORDER
from database.tables import orders
from domain.order import Attention, OrderStatus

_UNPAID = [status for status in OrderStatus if status.is_unpaid]

# The statuses in which each reason to look at an order stands.
_WHILE: dict[Attention, list[OrderStatus]] = {
    Attention.PAYMENT_DIFFERS: [*_UNPAID, OrderStatus.DISPUTED],
    Attention.FILE_MISSING: [OrderStatus.PAID],
    Attention.FILES_UNREACHABLE: [OrderStatus.PAID],
    Attention.SECOND_PAYMENT_KEPT: list(OrderStatus),
    Attention.REFUND_FAILED: [each for each in OrderStatus if each is not OrderStatus.REFUNDED],
    Attention.RECEIPT_UNSENT: [OrderStatus.COMPLETED],
}


# The reasons that hold an order up; for others somebody is asked, and the order goes on.
_HOLDING = (Attention.PAYMENT_DIFFERS, Attention.FILE_MISSING, Attention.FILES_UNREACHABLE)
IS_HELD = func.coalesce(orders.c.attention, "").in_(_HOLDING)


def standing_in(status: OrderStatus) -> list[Attention]:
    """The reasons for which an order of this status may wait."""
    return [why for why, statuses in _WHILE.items() if status in statuses]


async def flag(
    recorder: Recorder, order_id: str, why: Attention, event: str | None, **detail: str
) -> None:
    """Asks for a person's attention, and notes the event that calls for it, unless that is done.

    A flag that is up for this reason keeps its time, and nothing is noted again; nor is it where
    the order has moved on to a status in which nobody need decide. One statement.
    """
    raised = (
        update(orders)
        .where(
            orders.c.id == order_id,
            orders.c.status.in_(_WHILE[why]),
            or_(orders.c.attention.is_(None), orders.c.attention != why),
        )
        .values(attention=why, attention_since=func.now())
    )
    told = order_events.told_as(*([(event, detail)] if event is not None else []))
    await recorder.sql.execute(order_events.noting(raised), told)


async def clear(recorder: Recorder, order_id: str, why: Attention) -> None:
    """Takes the flag down, if it is up for this reason."""
    await recorder.sql.execute(clearing, {ORDER: order_id, WHY: why})


WHY = "why"
# Takes the flag of an order (ORDER) down, if it is up for this reason (WHY).
clearing = (
    update(orders)
    .where(orders.c.id == OF_ORDER, orders.c.attention == bindparam(WHY))
    .values(attention=None, attention_since=None)
)
