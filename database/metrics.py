"""What visitors did, in counts of a day: nothing in them leads to anybody."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Integer, Text, column, func, literal, or_, select, values
from sqlalchemy.dialects.postgresql import insert

from database.catalog_tables import beats
from database.engine import Reader, Recorder
from database.tables import metrics_daily, orders
from domain.license import LicenseType
from domain.shop_event import ShopEvent, ShopEventType

_NONE = ""  # the id of no beat, and the type of no license
_KEY = ("type", "beat_id", "license_type")


@dataclass(frozen=True)
class Count:
    """How often something was done with a license (None: with none in particular)."""

    type: ShopEventType
    license_type: LicenseType | None
    count: int


async def count(recorder: Recorder, day: date, events: Sequence[ShopEvent]) -> None:
    """Adds the events to the day's counts, but for those about beats that there are not.

    Rows are locked in one order, whatever the events' is.
    """
    told = values(
        *(column(name, Text) for name in _KEY), column("count", Integer), name="told"
    ).data(
        [
            (event.type.value, event.beat_id or _NONE, event.license_type or _NONE, times)
            for event, times in Counter(events).items()
        ]
    )
    is_known = or_(told.c.beat_id == _NONE, told.c.beat_id.in_(select(beats.c.id)))
    rows = select(literal(day), *told.c).where(is_known).order_by(*(told.c[name] for name in _KEY))
    statement = insert(metrics_daily).from_select(["day", *_KEY, "count"], rows)
    more = {"count": metrics_daily.c.count + statement.excluded.count}
    await recorder.sql.execute(
        statement.on_conflict_do_update(index_elements=["day", *_KEY], set_=more)
    )


async def since(reader: Reader, day: date) -> list[Count]:
    """The counts from that day on, of all beats together."""
    kind, license_type = metrics_daily.c.type, metrics_daily.c.license_type
    query = (
        select(kind, license_type, func.sum(metrics_daily.c.count))
        .where(metrics_daily.c.day >= day)
        .group_by(kind, license_type)
    )
    return [
        Count(ShopEventType(event), LicenseType(lease) if lease else None, int(times))
        for event, lease, times in await reader.sql.execute(query)
    ]


async def orders_placed_and_paid(reader: Reader, day: date) -> int:
    """How many of the orders placed from that day on were paid, whenever that was."""
    is_paid = orders.c.paid_at.is_not(None)
    query = select(func.count()).where(orders.c.created_at >= day, is_paid)
    return await reader.sql.scalar(query) or 0
