"""What became of each receipt: lines of an order's history, each there once."""

from sqlalchemy import select

from database import attention, order_events
from database.engine import Reader, Recorder
from domain.order import Attention

_SENT = "receipt_sent"


async def is_sent(reader: Reader, order_id: str, number: int) -> bool:
    line = order_events.line_of(order_id, _SENT, number=str(number))
    return bool(await reader.sql.scalar(_IS_NOTED, line))


async def record_sent(recorder: Recorder, order_id: str, number: int) -> None:
    """Notes it, and takes down the flag of one that could not be sent; by one statement."""
    line = order_events.line_of(order_id, _SENT, number=str(number))
    await recorder.sql.execute(_RECORD_SENT, line | attention.without(Attention.RECEIPT_UNSENT))


async def record_skipped(recorder: Recorder, order_id: str, reason: str) -> None:
    """Notes why there was nothing to send: once for each reason, however often it was asked for."""
    await order_events.note_once(recorder, order_id, "receipt_skipped", reason=reason)


async def record_failed(recorder: Recorder, order_id: str, number: int, reason: str) -> None:
    """Asks for an operator's attention to a receipt that could not be sent."""
    why, detail = Attention.RECEIPT_UNSENT, {"number": str(number), "reason": reason}
    await attention.flag(recorder, order_id, why, "receipt_failed", **detail)


_IS_NOTED = select(order_events.is_noted)
_RECORD_SENT = attention.clearing.add_cte(order_events.noting_once.cte("noted"))
