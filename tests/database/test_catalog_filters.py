"""Filters where currencies and scripts differ from what most shops have."""

from typing import Any

from database import catalog_pages
from database.catalog_pages import BeatFilter, SortOrder
from database.editions import Editions
from database.engine import Database
from domain.beat import Price
from domain.money import ZERO_DECIMAL, Money
from tests.making import NOW, WAV, publication, publish


async def ids(database: Database, **wanted: Any) -> list[str]:
    by_title = SortOrder("title", descending=False)
    async with database.browsing() as reader:
        page = await catalog_pages.page(
            reader, Editions(), BeatFilter(**wanted), NOW, order=by_title, limit=100, offset=0
        )
    return [beat.id for beat in page.beats]


async def test_bounds_mean_units_whatever_the_currencys_minor_unit_is(database: Database) -> None:
    kinds = sorted(ZERO_DECIMAL)
    for currency in [*kinds, "EUR"]:
        beat_id = currency.lower()
        minor = 3000 if currency in ZERO_DECIMAL else 300_000
        offered = {WAV: Price(f"price_{beat_id}", Money(minor, currency))}
        await publish(database, publication(beat_id, prices=offered))
    every = sorted([*(kind.lower() for kind in kinds), "eur"])
    assert sorted(await ids(database, price_min=300_000, price_max=300_000)) == every
    assert await ids(database, price_max=299_999) == []


async def test_a_genre_is_found_by_its_own_name_in_any_script(database: Database) -> None:
    await publish(database, publication(genre="ΔΡΌΜΟΣ"))  # whose last letter has two small forms
    assert await ids(database, genre="ΔΡΌΜΟΣ") == ["dusk"]
    assert await ids(database, genre="δρόμοσ") == ["dusk"]
