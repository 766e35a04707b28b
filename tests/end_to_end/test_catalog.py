"""The catalogue, as a storefront reads it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.shop import Shop

Beat = dict[str, Any]

BEAT_FIELDS = set(
    "id title description genre bpm key mode duration wavLeasePrice trackoutLeasePrice "
    "unlimitedLeasePrice currency stripeWavPriceId stripeTrackoutPriceId stripeUnlimitedPriceId "
    "tags previewUrl artworkUrl hasStems isExclusive isActive featured scheduledReleaseAt "
    "createdAt updatedAt".split()
)


async def listed(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    answer = await shop.http.get("/api/beats", params={"limit": 100} | query)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_beat_has_every_field_and_no_address_of_what_is_sold(shop: Shop) -> None:
    for beat in await listed(shop):
        assert set(beat) == BEAT_FIELDS
        assert "master" not in str(beat)
        assert "stems.zip" not in str(beat)
    async with shop.database.cursor() as cursor:
        await cursor.execute("SELECT public_id FROM beat_assets WHERE kind IN ('master', 'stems')")
        private = [row[0] for row in await cursor.fetchall()]
    text = (await shop.http.get("/api/beats", params={"limit": 100})).text
    assert private
    assert not any(public_id in text for public_id in private)


async def test_previews_and_artwork_can_be_fetched_by_anybody(shop: Shop) -> None:
    beat = (await listed(shop))[0]
    for url in (beat["previewUrl"], beat["artworkUrl"]):
        assert (await shop.http.get(url)).status_code == 200
    preview = await shop.http.get(
        f"/api/download/beat/{beat['id']}", params={"type": "preview"}, follow_redirects=True
    )
    assert preview.status_code == 200
    assert preview.content[:4] == b"RIFF"


async def test_pages_do_not_overlap_and_add_up(shop: Shop) -> None:
    first = (await shop.http.get("/api/beats", params={"limit": 5})).json()
    second = (await shop.http.get("/api/beats", params={"limit": 5, "page": 2})).json()
    last = (await shop.http.get("/api/beats", params={"limit": 5, "page": 3})).json()
    ids = [beat["id"] for page in (first, second, last) for beat in page["data"]]
    assert len(ids) == len(set(ids)) == first["pagination"]["total"]
    assert first["pagination"] == {
        "page": 1,
        "limit": 5,
        "total": len(ids),
        "totalPages": 3,
        "hasNext": True,
        "hasPrev": False,
    }
    assert last["pagination"]["hasNext"] is False
    assert last["pagination"]["hasPrev"] is True


# A filter and what it leaves of all beats.
FILTERS: dict[str, Callable[[Beat], bool]] = {
    "bpmMin=124": lambda beat: beat["bpm"] >= 124,
    "bpmMax=124": lambda beat: beat["bpm"] <= 124,
    "bpmMin=90&bpmMax=124": lambda beat: 90 <= beat["bpm"] <= 124,
    "bpmMin=124&bpmMax=90": lambda beat: False,
    "priceMin=20": lambda beat: beat["wavLeasePrice"] >= 20,
    "priceMin=19.99&priceMax=19.99": lambda beat: beat["wavLeasePrice"] == 19.99,
    "priceMax=19.98": lambda beat: False,
    "priceMax=24.99": lambda beat: beat["wavLeasePrice"] <= 24.99,
    "genre=trap": lambda beat: beat["genre"] == "Trap",
    "genre=Drum %26 Bass": lambda beat: beat["genre"] == "Drum & Bass",
    "genre=Tra": lambda beat: False,
    "key=f%23": lambda beat: beat["key"] == "F#",
    "key=E": lambda beat: beat["key"] == "E",
    "hasStems=true": lambda beat: beat["hasStems"],
    "hasStems=false": lambda beat: not beat["hasStems"],
    "isExclusive=true": lambda beat: beat["isExclusive"],
    "isExclusive=false": lambda beat: not beat["isExclusive"],
    "featured=true": lambda beat: beat["featured"],
    "featured=false": lambda beat: not beat["featured"],
    "search=midnight": lambda beat: beat["title"] == "Midnight Drive",
    "search=DRIVE midNIGHT": lambda beat: beat["title"] == "Midnight Drive",
    "search=808": lambda beat: any("808" in tag for tag in beat["tags"]),
    "search=seventh chords": lambda beat: "Seventh chords" in beat["description"],
    "search=house": lambda beat: beat["genre"] == "House",
    "search=100%25_'\";--": lambda beat: False,
    "search=%25": lambda beat: False,
    "search=_": lambda beat: False,
    "search=\\": lambda beat: False,
    "search&genre&bpmMin&bpmMax&key&priceMin&hasStems&featured&sortField": lambda beat: True,
    "page=&search=&genre=&key=&priceMax=&isExclusive=&sortOrder=": lambda beat: True,
    "genre=trap&hasStems=true&bpmMin=140&search=dark": lambda beat: beat["id"] == "midnight-drive",
    "unknown=1&hasStems[]=true": lambda beat: True,
}


@pytest.mark.parametrize("query", FILTERS)
async def test_a_filter_leaves_what_it_says(shop: Shop, query: str) -> None:
    everything = await listed(shop)
    answer = await shop.http.get(f"/api/beats?limit=100&{query}")
    left = {beat["id"] for beat in everything if FILTERS[query](beat)}
    assert answer.status_code == 200
    assert {beat["id"] for beat in answer.json()["data"]} == left
    assert answer.json()["pagination"]["total"] == len(left)


SORTED_BY: dict[str, Callable[[Beat], Any]] = {
    "title": lambda beat: beat["title"].lower(),
    "genre": lambda beat: beat["genre"].lower(),
    "bpm": lambda beat: beat["bpm"],
    "price": lambda beat: beat["wavLeasePrice"],
    "createdAt": lambda beat: beat["createdAt"],
}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", SORTED_BY)
async def test_beats_come_in_the_order_asked_for(shop: Shop, field: str, order: str) -> None:
    found = await listed(shop, sortField=field, sortOrder=order)
    values = [SORTED_BY[field](beat) for beat in found]
    assert values == sorted(values, reverse=order == "desc")
    # The same page by page: beats that are equal keep their places.
    pages = [
        await listed(shop, sortField=field, sortOrder=order, limit=1, page=page)
        for page in range(1, len(found) + 1)
    ]
    assert [beat["id"] for (beat,) in pages] == [beat["id"] for beat in found]


async def test_without_a_wish_the_newest_twelve_come_first(shop: Shop) -> None:
    answer = (await shop.http.get("/api/beats")).json()
    newest = await listed(shop, sortField="createdAt", sortOrder="desc")
    assert answer["success"] is True
    assert answer["data"] == newest[:12]
    assert (answer["pagination"]["page"], answer["pagination"]["limit"]) == (1, 12)


@pytest.mark.parametrize(
    ("page", "limit", "beats", "has_next", "has_prev"),
    [
        (1, 100, 12, False, False),
        (1, 12, 12, False, False),
        (1, 11, 11, True, False),
        (2, 11, 1, False, True),
        (2, 12, 0, False, True),
        (12, 1, 1, False, True),
        (11, 1, 1, True, True),
        (1_000_000, 100, 0, False, True),
    ],
)
async def test_pages_have_edges(
    shop: Shop, page: int, limit: int, beats: int, has_next: bool, has_prev: bool
) -> None:
    answer = (await shop.http.get("/api/beats", params={"page": page, "limit": limit})).json()
    assert set(answer) == {"success", "data", "pagination"}
    assert len(answer["data"]) == beats
    assert answer["pagination"] == {
        "page": page,
        "limit": limit,
        "total": 12,
        "totalPages": -(-12 // limit),
        "hasNext": has_next,
        "hasPrev": has_prev,
    }


async def test_a_search_that_finds_nothing_has_no_pages(shop: Shop) -> None:
    answer = (await shop.http.get("/api/beats?search=nothing-like-it")).json()
    assert answer["data"] == []
    assert (answer["pagination"]["total"], answer["pagination"]["totalPages"]) == (0, 0)
    assert answer["pagination"]["hasNext"] is False


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=1e3", "page"),
        ("page=one", "page"),
        ("page=%D9%A1", "page"),
        ("page=9223372036854775808", "page"),
        ("page=" + "9" * 5000, "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-9223372036854775809", "limit"),
        ("bpmMin=-1", "bpmMin"),
        ("bpmMax=2147483648", "bpmMax"),
        ("bpmMin=NaN", "bpmMin"),
        ("priceMin=-0.01", "priceMin"),
        ("priceMin=NaN", "priceMin"),
        ("priceMax=Infinity", "priceMax"),
        ("priceMax=1e7", "priceMax"),
        ("priceMin=1e-99999999999999999999", "priceMin"),
        ("priceMin=dear", "priceMin"),
        ("hasStems=maybe", "hasStems"),
        ("isExclusive=2", "isExclusive"),
        ("sortField=secret", "sortField"),
        ("sortField=title;DROP TABLE beats", "sortField"),
        ("sortField=wavLeasePrice", "sortField"),
        ("sortOrder=ASC", "sortOrder"),
        ("sortOrder=random()", "sortOrder"),
        ("search=" + "a" * 201, "search"),
        ("search=" + "a+" * 13, "search"),
        ("search=%00", "search"),
        ("genre=a%00", "genre"),
        ("key=" + "a" * 201, "key"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused_by_its_field(
    shop: Shop, query: str, field: str
) -> None:
    answer = await shop.http.get(f"/api/beats?{query}")
    body = answer.json()
    assert answer.status_code == 400
    assert body["code"] == "invalid_input"
    assert [problem["field"] for problem in body["details"]] == [field]
    assert body["error"].startswith(f"{field}: ")


async def test_every_senseless_wish_is_told_at_once(shop: Shop) -> None:
    answer = await shop.http.get("/api/beats?page=0&limit=0&sortOrder=up")
    fields = {problem["field"] for problem in answer.json()["details"]}
    assert fields == {"page", "limit", "sortOrder"}


@pytest.mark.parametrize(
    "query",
    ["priceMin=0E%2B999999999", "priceMax=1e-999999", "page=1&page=1", "priceMin=0." + "1" * 5000],
)
async def test_odd_numbers_are_numbers(shop: Shop, query: str) -> None:
    assert (await shop.http.get(f"/api/beats?{query}")).status_code == 200


async def test_one_beat_is_shown_as_in_the_list_and_an_unknown_one_is_not_there(
    shop: Shop,
) -> None:
    for beat in await listed(shop):
        answer = await shop.http.get(f"/api/beats/{beat['id']}")
        assert answer.json() == {"success": True, "data": beat}
        assert re.fullmatch(r"\d+:[0-5]\d", beat["duration"])
        assert beat["currency"] == "EUR"
        assert (beat["stripeWavPriceId"] is None) == (beat["wavLeasePrice"] is None)
        assert (beat["stripeUnlimitedPriceId"] is None) == (beat["unlimitedLeasePrice"] is None)
    for unknown in ("none", "%00", "MIDNIGHT-DRIVE", "midnight-drive%20", "%25", "x" * 10_000):
        answer = await shop.http.get(f"/api/beats/{unknown}")
        assert answer.status_code == 404
        assert answer.json() == {
            "success": False,
            "error": "There is no such beat.",
            "code": "beat_not_found",
        }


async def test_genres_are_those_of_the_beats_on_sale(shop: Shop) -> None:
    genres = (await shop.http.get("/api/beats/genres")).json()["data"]
    assert genres == sorted({beat["genre"] for beat in await listed(shop)})


BASIC = ["Non-exclusive rights", "Commercial use", "Streaming"]
COLUMNS = (
    "licenseType name defaultPrice includesStems copies streams musicVideos paidLive radioAndTv "
    "sync usageRights"
).split()
LICENSES = [
    ("WAV_LEASE", "WAV Lease", 19.99, False, 5_000, 100_000, 1, False, False, False, BASIC),
    (
        *("TRACKOUT_LEASE", "Trackout Lease", 39.99, True, 10_000, 250_000, 3),
        *(False, False, False, [*BASIC, "Limited distribution"]),
    ),
    (
        *("UNLIMITED_LEASE", "Unlimited Lease", 79.99, True, None, None, None),
        *(True, True, True, [*BASIC, "Unlimited distribution"]),
    ),
]
OF_ALL = {"currency": "EUR", "isExclusive": False, "durationYears": 10, "territory": "Worldwide"}


async def test_licenses_allow_what_the_table_says(shop: Shop) -> None:
    answer = (await shop.http.get("/api/licenses")).json()
    expected = [dict(zip(COLUMNS, row, strict=True)) | OF_ALL for row in LICENSES]
    assert answer == {"success": True, "data": expected}
