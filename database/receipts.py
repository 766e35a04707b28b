"""What became of each receipt: lines of an order's history, each there once."""

from sqlalchemy import exists, select

from database import orders
from database.engine import Reader, Writer
from database.tables import order_events

_SENT = "receipt_sent"


async def is_sent(reader: Reader, order_id: str, number: int) -> bool:
    query = select(
        exists().where(
            order_events.c.order_id == order_id,
            order_events.c.type == _SENT,
            order_events.c.detail == {"number": str(number)},
        )
    )
    return bool(await reader.sql.scalar(query))


async def record_sent(writer: Writer, order_id: str, number: int) -> None:
    await orders.note_once(writer, order_id, _SENT, number=str(number))


async def record_skipped(writer: Writer, order_id: str, reason: str) -> None:
    """Notes why there was nothing to send: once for each reason, however often it was asked for."""
    await orders.note_once(writer, order_id, "receipt_skipped", reason=reason)


async def record_failed(writer: Writer, order_id: str, number: int, reason: str) -> None:
    """Notes for operators that a receipt could not be sent."""
    await orders.note_once(writer, order_id, "receipt_failed", number=str(number), reason=reason)
