"""What `beatline metrics` makes of the counts."""

from datetime import UTC, date, datetime, timedelta

from rich.console import Console

from cli.metrics import show
from database import metrics
from database.engine import Database
from domain.license import LicenseType
from domain.shop_event import ShopEvent, ShopEventType
from tests.making import WAV, publication, publish, sell

ADDED = ShopEvent(ShopEventType.ADD_TO_CART, "dusk", LicenseType.TRACKOUT_LEASE)
STARTED = ShopEvent(ShopEventType.CHECKOUT_STARTED)


async def count(database: Database, day: date, *events: ShopEvent) -> None:
    async with database.writing() as writer:
        await metrics.count(writer, day, events)


async def shown(url: str, days: int) -> list[list[str]]:
    """The words of each line that the command prints."""
    console = Console(width=120)
    with console.capture() as captured:
        await show(url, days, console)
    return [line.replace("│", " ").split() for line in captured.get().splitlines()]


async def test_counts_add_up_over_the_days_asked_for(database: Database, postgres_url: str) -> None:
    await publish(database, publication())
    await sell(database, ("dusk", WAV))
    today = datetime.now(UTC).date()
    await count(database, today, ADDED, ADDED, STARTED, STARTED)
    await count(database, today - timedelta(days=6), ADDED)
    await count(database, today - timedelta(days=7), ADDED, STARTED)
    week, all_of_it = await shown(postgres_url, 7), await shown(postgres_url, 30)
    assert "Added to a cart 3 3".split() in week
    assert "Checkouts started 2".split() in week
    assert "Downloads 0".split() in week
    assert "Orders placed and paid: 1, 50% of the checkouts started".split() in week
    assert "Added to a cart 4 4".split() in all_of_it


async def test_a_shop_that_nobody_has_visited_is_shown_too(
    database: Database, postgres_url: str
) -> None:
    assert "Orders placed and paid: 0".split() in await shown(postgres_url, 1)
