"""The catalogue: what a visitor finds, and what a cart's lines mean."""

from datetime import timedelta
from typing import Any

import pytest

from database import catalog, catalog_pages
from database.catalog_pages import BeatFilter, BeatPage, SortOrder
from database.editions import Editions
from database.engine import Database
from domain.beat import AssetKind
from domain.cart import Cart, CartLine
from tests.making import (
    NOW,
    TRACKOUT,
    WAV,
    asset,
    assets,
    empty,
    listed,
    price_id,
    prices,
    publication,
    publish,
)

MASTER = AssetKind.MASTER

BEATS = [
    publication("cedar", genre="House", bpm=124, key="a", prices=prices("cedar", times=2)),
    publication("Birch", genre="drill", bpm=140, key="F#", is_exclusive=True),
    publication("amber", genre="Trap", bpm=90, key="A", featured=True),
    publication(
        "delta", genre="Trap", bpm=100, prices={}, assets=assets("delta", MASTER), tags=("lo_fi",)
    ),
    publication("ember", genre="Trap", description="100% hand-made, don't \\ resell", tags=()),
    publication("fjord", genre="Secret", is_active=False),
    publication("gorge", genre="Secret", scheduled_release_at=NOW + timedelta(seconds=1)),
    publication("heath", genre="Soul", scheduled_release_at=NOW, bpm=80, tags=("Été", "soul")),
]


@pytest.fixture(scope="module")
async def shop(session_database: Database) -> Database:
    """A catalogue for all tests here, which only look at it."""
    database = await empty(session_database)
    for beat in BEATS:  # one by one, so that each has a time of its own
        await publish(database, beat)
    return database


async def page(
    database: Database,
    sort_field: str = "title",
    *,
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
    **wanted: Any,
) -> BeatPage:
    async with database.browsing() as reader:
        return await catalog_pages.page(
            reader,
            Editions(),
            BeatFilter(**wanted),
            NOW,
            order=SortOrder(sort_field, descending),
            limit=limit,
            offset=offset,
        )


async def ids(database: Database, sort_field: str = "title", **wanted: Any) -> list[str]:
    found = await page(database, sort_field, **wanted)
    assert found.total == len(found.beats)
    return [beat.id for beat in found.beats]


async def test_only_beats_on_sale_are_shown(shop: Database) -> None:
    assert await ids(shop) == ["amber", "Birch", "cedar", "delta", "ember", "heath"]
    async with shop.browsing() as reader:
        assert await catalog_pages.genres(reader, Editions(), NOW) == [
            "House",
            "Soul",
            "Trap",
            "drill",
        ]
        assert "Secret" in await catalog_pages.genres(
            reader, Editions(), NOW + timedelta(seconds=1)
        )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"genre": "trap"}, ["amber", "delta", "ember"]),
        ({"genre": "DRILL"}, ["Birch"]),
        ({"genre": "Tra"}, []),
        ({"key": "f#"}, ["Birch"]),
        ({"bpm_min": 120}, ["Birch", "cedar", "ember"]),
        ({"bpm_max": 90}, ["amber", "heath"]),
        ({"bpm_min": 124, "bpm_max": 124}, ["cedar"]),
        ({"bpm_min": 1000}, []),
        ({"price_min": 2000}, ["cedar"]),
        ({"price_max": 1999}, ["amber", "Birch", "ember", "heath"]),
        ({"has_stems": False}, ["delta"]),
        ({"is_exclusive": True}, ["Birch"]),
        ({"featured": True}, ["amber"]),
        ({"featured": False, "is_exclusive": False, "genre": "Trap"}, ["delta", "ember"]),
        ({"genre": "Trap", "has_stems": True, "bpm_max": 100, "price_max": 5000}, ["amber"]),
        ({"genre": "Trap", "featured": True, "search": "amber", "key": "C"}, []),
        (
            {
                "search": "birch warm",
                "genre": "drill",
                "bpm_min": 139,
                "bpm_max": 141,
                "key": "F#",
                "price_min": 1999,
                "price_max": 1999,
                "has_stems": True,
                "is_exclusive": True,
                "featured": False,
            },
            ["Birch"],
        ),
    ],
)
async def test_filters_narrow_what_is_shown(
    shop: Database, wanted: dict[str, Any], found: list[str]
) -> None:
    assert await ids(shop, **wanted) == found


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("AMBER", ["amber"]),
        ("mber", ["amber", "ember"]),
        ("warm trap", ["amber", "delta"]),
        ("808 delta", []),
        ("été", ["heath"]),
        ("100%", ["ember"]),
        ("%", ["ember"]),
        ("_", ["delta"]),
        ("lo_fi", ["delta"]),
        ("lo-fi", []),
        ("don't", ["ember"]),
        ("'; DROP TABLE beats; --", []),
        ("\\", ["ember"]),
        ("/", []),
        ('"', []),
        ("   ", ["amber", "Birch", "cedar", "delta", "ember", "heath"]),
    ],
)
async def test_a_search_finds_every_word_and_takes_each_letter_literally(
    shop: Database, search: str, found: list[str]
) -> None:
    assert await ids(shop, search=search) == found


@pytest.mark.parametrize(
    ("field", "rising"),
    [
        ("title", ["amber", "Birch", "cedar", "delta", "ember", "heath"]),
        ("genre", ["Birch", "cedar", "heath", "amber", "delta", "ember"]),
        ("bpm", ["heath", "amber", "delta", "ember", "cedar", "Birch"]),
        ("createdAt", ["cedar", "Birch", "amber", "delta", "ember", "heath"]),
    ],
)
async def test_a_page_is_sorted_as_asked(shop: Database, field: str, rising: list[str]) -> None:
    assert await ids(shop, field) == rising


async def test_a_beat_without_a_price_comes_last_either_way(shop: Database) -> None:
    assert await ids(shop, "price") == ["Birch", "amber", "ember", "heath", "cedar", "delta"]
    falling = await ids(shop, "price", descending=True)
    assert falling == ["cedar", "Birch", "amber", "ember", "heath", "delta"]


async def test_pages_follow_each_other_without_a_gap(shop: Database) -> None:
    everything = await page(shop, "genre", descending=True)
    pages = [
        await page(shop, "genre", descending=True, limit=2, offset=offset)
        for offset in range(0, 8, 2)
    ]
    assert [found.total for found in pages] == [6] * 4
    assert [len(found.beats) for found in pages] == [2, 2, 2, 0]
    assert tuple(beat for found in pages for beat in found.beats) == everything.beats


async def test_a_beat_is_found_whether_or_not_it_is_on_sale(shop: Database) -> None:
    async with shop.browsing() as reader:
        for beat_id in ("amber", "fjord", "gorge"):
            beat = await catalog.find(reader, beat_id)
            assert beat is not None
            assert beat.id == beat_id
        assert await catalog.find(reader, "unheard_of") is None


async def test_a_file_of_a_beat_is_found_with_its_title(shop: Database) -> None:
    async with shop.browsing() as reader:
        preview = asset("Birch", AssetKind.PREVIEW)
        assert await catalog.find_asset(reader, "Birch", AssetKind.PREVIEW) == ("Birch", preview)
        assert await catalog.find_asset(reader, "delta", AssetKind.PREVIEW) == ("Delta", None)
        assert await catalog.find_asset(reader, "unheard_of", AssetKind.PREVIEW) is None


async def test_a_carts_beats_are_found_by_price_and_by_id_each_once(shop: Database) -> None:
    lines = [
        CartLine(1, price_id("amber", WAV)),
        CartLine(1, None, "amber", TRACKOUT),
        CartLine(1, None, "fjord", WAV),
        CartLine(1, None, "gorge", WAV),
        CartLine(1, None, "delta"),
        CartLine(1, "price_unheard_of", "unheard_of"),
    ]
    async with shop.reading() as reader:
        found = await catalog.listed_for(reader, Cart(tuple(lines)))
    assert sorted(found, key=lambda beat: beat.id) == [
        listed("amber"),
        listed("delta", has_stems=False, prices={}),
        listed("fjord", is_active=False),
        listed("gorge", releases_at=NOW + timedelta(seconds=1)),
    ]


async def test_a_cart_that_names_nothing_finds_nothing(shop: Database) -> None:
    async with shop.reading() as reader:
        assert await catalog.listed_for(reader, Cart((CartLine(1),))) == []
