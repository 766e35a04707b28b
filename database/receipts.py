"""What became of each receipt: lines of an order's history, each there once."""

from sqlalchemy import exists, select

from database import attention, order_events
from database.engine import Reader, Writer
from database.tables import order_events as lines
from domain.order import Attention

_SENT = "receipt_sent"


async def is_sent(reader: Reader, order_id: str, number: int) -> bool:
    query = select(
        exists().where(
            lines.c.order_id == order_id,
            lines.c.type == _SENT,
            lines.c.detail == {"number": str(number)},
        )
    )
    return bool(await reader.sql.scalar(query))


async def record_sent(writer: Writer, order_id: str, number: int) -> None:
    await order_events.note_once(writer, order_id, _SENT, number=str(number))
    await attention.clear(writer, order_id, Attention.RECEIPT_UNSENT)


async def record_skipped(writer: Writer, order_id: str, reason: str) -> None:
    """Notes why there was nothing to send: once for each reason, however often it was asked for."""
    await order_events.note_once(writer, order_id, "receipt_skipped", reason=reason)


async def record_failed(writer: Writer, order_id: str, number: int, reason: str) -> None:
    """Asks for an operator's attention to a receipt that could not be sent."""
    why, detail = Attention.RECEIPT_UNSENT, {"number": str(number), "reason": reason}
    await attention.flag(writer, order_id, why, "receipt_failed", **detail)
