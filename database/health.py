"""Whether PostgreSQL can be worked with."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, or_, select

from database.engine import Database, StatementFailed
from database.tables import orders
from domain.errors import Unavailable


async def answers(database: Database, patience: timedelta) -> bool:
    """Whether it answers in time, and writes; a frozen server is not waited for.

    That one does not even let go of who asks. A primary that was demoted answers, and only reads.
    """
    asked = asyncio.create_task(_asked(database))
    done, _ = await asyncio.wait({asked}, timeout=patience.total_seconds())
    if not done:
        asked.cancel()
    return bool(done) and await asked


async def _asked(database: Database) -> bool:
    try:
        async with database.reading() as reader:
            writes = bool(await reader.sql.scalar(_WRITES))
    except (Unavailable, StatementFailed):  # the latter: its tables are missing
        return False
    if not writes:  # the next to ask finds who is the primary by now
        await database.retire()
    return writes


_HAS_TABLES = select(orders.c.id).limit(0).exists()
_WRITES = select(or_(func.current_setting("transaction_read_only") == "off", _HAS_TABLES))
