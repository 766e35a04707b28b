"""What was counted in the catalogue: never counted twice, and never told once it is wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from database import catalog_pages
from database.catalog_pages import BeatFilter, SortOrder
from database.editions import KEPT, Editions
from database.engine import Database, count_statements
from domain.license import LicenseType
from tests.making import NOW, WAV, prices, publication, publish

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def shop(database: Database) -> Database:
    await publish(database, publication("amber"), publication("birch", bpm=90))
    return database


@pytest.fixture
def editions() -> Editions:
    return Editions()


async def total(
    shop: Database, editions: Editions, now: datetime = NOW, offset: int = 0, **wanted: Any
) -> int:
    async with shop.browsing() as reader:
        found = await catalog_pages.page(
            reader,
            editions,
            BeatFilter(**wanted),
            now,
            order=SortOrder("title", descending=False),
            limit=10,
            offset=offset,
        )
    assert len(found.beats) == max(found.total - offset, 0)
    return found.total


async def test_a_beat_counts_from_the_moment_it_is_published(
    shop: Database, editions: Editions
) -> None:
    assert await total(shop, editions) == 2
    await publish(shop, publication("cedar"))
    assert await total(shop, editions) == 3
    await publish(shop, publication("cedar", is_active=False))
    assert await total(shop, editions) == 2


async def test_a_beat_counts_from_the_hour_of_its_release(
    shop: Database, editions: Editions
) -> None:
    await publish(shop, publication("cedar", scheduled_release_at=LATER))
    moment = timedelta(microseconds=1)
    assert await total(shop, editions, LATER - moment) == 2
    assert await total(shop, editions, LATER) == 3
    assert await total(shop, editions, LATER - moment) == 2


async def test_a_new_price_counts_at_once(shop: Database, editions: Editions) -> None:
    assert await total(shop, editions, price_min=3000) == 0
    await publish(shop, publication("amber", prices=prices("amber", times=2)))
    assert await total(shop, editions, price_min=3000) == 1
    await publish(shop, publication("amber", prices=prices("amber", LicenseType.TRACKOUT_LEASE)))
    assert await total(shop, editions, price_min=3000) == 0
    await publish(shop, publication("amber", prices=prices("amber", WAV, times=3)))
    assert await total(shop, editions, price_min=3000) == 1


async def test_new_words_are_found_at_once(shop: Database, editions: Editions) -> None:
    assert await total(shop, editions, search="rain") == 0
    await publish(shop, publication("amber", tags=("Rainy",)))
    assert await total(shop, editions, search="rain") == 1
    async with shop.writing() as writer:
        await writer.sql.execute(text("UPDATE beats SET description = 'all RAIN'"))
    assert await total(shop, editions, search="rain") == 2


async def test_a_genre_is_listed_from_its_first_beat_on(shop: Database, editions: Editions) -> None:
    async with shop.browsing() as reader:
        assert await catalog_pages.genres(reader, editions, NOW) == ["Trap"]
    await publish(shop, publication("cedar", genre="House"))
    async with shop.browsing() as reader:
        assert await catalog_pages.genres(reader, editions, NOW) == ["House", "Trap"]


async def test_what_another_transaction_has_not_committed_is_not_kept(
    shop: Database, editions: Editions
) -> None:
    async with shop.writing() as writer:
        await writer.sql.execute(text("UPDATE beats SET is_active = false WHERE id = 'amber'"))
        assert await total(shop, editions) == 2
    assert await total(shop, editions) == 1


async def test_as_long_as_nothing_changes_nothing_is_counted_again(
    shop: Database, editions: Editions
) -> None:
    async def statements(**wanted: Any) -> int:
        count = count_statements()
        await total(shop, editions, **wanted)
        return count.statements

    assert [await statements() for _ in range(2)] == [2, 2]  # the edition alone, the second time
    assert await statements(offset=50) == 1  # a page past the end is not looked for
    assert await statements(search="nowhere") == 1
    await publish(shop, publication("cedar"))
    assert [await statements() for _ in range(2)] == [3, 2]


async def test_answers_that_nobody_asks_for_are_forgotten(
    shop: Database, editions: Editions
) -> None:
    for bpm in range(KEPT + 10):
        await total(shop, editions, bpm_min=bpm)
    assert len(editions._kept) == KEPT
