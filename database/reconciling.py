"""Orders that differ from what Stripe says of them, or wait where nobody waits with them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from database import delays, standing_rows
from database.attention import IS_HELD, UNPAID
from database.engine import Reader, Writer
from database.tables import orders, sweeps
from domain.reconciliation import PaidOrder, Returned


async def last_sweep(reader: Reader) -> datetime | None:
    """When the last sweep that came to its end began; None before the first."""
    found: datetime | None = await reader.sql.scalar(select(func.max(sweeps.c.began_at)))
    return found


async def note_sweep(writer: Writer, began_at: datetime) -> None:
    """Notes that a sweep came to its end; the latest to have begun is kept."""
    noted = insert(sweeps).values(began_at=began_at)
    latest = func.greatest(sweeps.c.began_at, noted.excluded.began_at)
    statement = noted.on_conflict_do_update(index_elements=["id"], set_={"began_at": latest})
    await writer.sql.execute(statement)


async def unpaid_among(reader: Reader, paid: Sequence[PaidOrder], before: datetime) -> list[str]:
    """Those of the orders paid at Stripe that are unpaid in our books, and held by nobody."""
    query = select(orders.c.id).where(
        orders.c.id.in_({order.order_id for order in paid}),
        orders.c.status.in_(UNPAID),
        ~IS_HELD,
        orders.c.created_at < before,
    )
    return list(await reader.sql.scalars(query))


async def unfulfilled(reader: Reader, before: datetime) -> list[str]:
    """Orders paid before then that have no files yet, and are held by nobody."""
    query = select(orders.c.id).where(delays.is_unfulfilled(before), ~IS_HELD)
    return list(await reader.sql.scalars(query))


async def overdue(reader: Reader, before: datetime) -> list[str]:
    """Orders that wait for a payment page which closed before then, with nothing paid on it."""
    query = select(orders.c.id).where(delays.is_overdue(before), ~IS_HELD)
    return list(await reader.sql.scalars(query))


async def unknown_returns(reader: Reader, returned: Sequence[Returned]) -> list[str]:
    """Orders of whose refunds and disputes Stripe says what we do not know."""
    query = select(orders.c.id, orders.c.payment_id, *standing_rows.KNOWN).where(
        orders.c.payment_id.in_({each.payment_id for each in returned})
    )
    rows = (await reader.sql.execute(query)).mappings()
    known = {row["payment_id"]: (row["id"], standing_rows.standing_of(row)) for row in rows}
    return [
        order_id
        for each in returned
        if each.payment_id in known
        for order_id, standing in [known[each.payment_id]]
        if not standing.knows(each.fact)
    ]
