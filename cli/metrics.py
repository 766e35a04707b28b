"""`beatline metrics`: what visitors of the storefront did, and what came of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from database import metrics
from database.engine import Database
from domain.license import TERMS, LicenseType
from domain.shop_event import ShopEventType

_TITLES = {
    ShopEventType.ADD_TO_CART: "Added to a cart",
    ShopEventType.REMOVE_FROM_CART: "Removed from a cart",
    ShopEventType.CHECKOUT_STARTED: "Checkouts started",
    ShopEventType.DOWNLOAD_FINISHED: "Downloads",
}


async def show(database_url: str, days: int, console: Console) -> None:
    """Prints the counts of the last `days` days, today's among them; raises Unavailable."""
    first = datetime.now(UTC).date() - timedelta(days=days - 1)
    database = Database(database_url)
    try:
        async with database.browsing() as reader:
            counts = await metrics.since(reader, first)
            paid = await metrics.orders_placed_and_paid(reader, first)
    finally:
        await database.aclose()
    console.print(_table(counts, days))
    console.print(f"Orders placed and paid: {paid}{_share(counts, paid)}")


def _table(counts: list[metrics.Count], days: int) -> Table:
    table = Table("", "all", *(TERMS[each].name for each in LicenseType))
    table.title = f"The last {days} days"
    for kind, title in _TITLES.items():
        times = Counter({each.license_type: each.count for each in counts if each.type == kind})
        table.add_row(title, str(times.total()), *(str(times[each] or "") for each in LicenseType))
    return table


def _share(counts: list[metrics.Count], paid: int) -> str:
    """How many of the checkouts that were started came to a payment."""
    started = sum(each.count for each in counts if each.type == ShopEventType.CHECKOUT_STARTED)
    return f", {paid / started:.0%} of the checkouts started" if started else ""
