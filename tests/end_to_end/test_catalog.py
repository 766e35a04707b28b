"""The catalogue, as a storefront reads it."""

from typing import Any

from tests.end_to_end.shop import Shop

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


async def test_filters_and_sorting_do_what_they_say(shop: Shop) -> None:
    everything = await listed(shop)
    by_price = await listed(shop, sortField="price", sortOrder="desc")
    prices = [beat["wavLeasePrice"] for beat in by_price]
    assert prices == sorted(prices, reverse=True)
    fast = await listed(shop, bpmMin=120)
    assert {beat["id"] for beat in fast} == {b["id"] for b in everything if b["bpm"] >= 120}
    dear = await listed(shop, priceMin=20)
    assert {beat["id"] for beat in dear} == {
        b["id"] for b in everything if b["wavLeasePrice"] >= 20
    }
    stemless = await listed(shop, hasStems="false")
    assert stemless
    assert not any(beat["hasStems"] for beat in stemless)
    assert [b["title"] for b in await listed(shop, search="midnight")] == ["Midnight Drive"]
    assert await listed(shop, search="100%_'\";--") == []


async def test_genres_and_licenses_are_what_the_shop_has(shop: Shop) -> None:
    genres = (await shop.http.get("/api/beats/genres")).json()["data"]
    assert genres == sorted({beat["genre"] for beat in await listed(shop)})
    licenses = (await shop.http.get("/api/licenses")).json()["data"]
    assert [(each["licenseType"], each["defaultPrice"]) for each in licenses] == [
        ("WAV_LEASE", 19.99),
        ("TRACKOUT_LEASE", 39.99),
        ("UNLIMITED_LEASE", 79.99),
    ]
