"""Who tries to get files that are not theirs, and what they meet."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.end_to_end.shop import Shop

EMAIL = "buyer@beatline.example"
Json = dict[str, Any]


@pytest.fixture(scope="module")
async def beats(shop: Shop) -> list[Json]:
    return await shop.full_beats()


@pytest.fixture(scope="module")
async def order(shop: Shop, beats: list[Json]) -> Json:
    """A WAV lease of one beat and a Trackout lease of another."""
    items = [
        {"priceId": beats[0]["stripeWavPriceId"], "quantity": 1},
        {"priceId": beats[1]["stripeTrackoutPriceId"], "quantity": 1},
    ]
    return await shop.bought({"items": items})


@pytest.fixture(scope="module")
async def another(shop: Shop, beats: list[Json]) -> Json:
    """Somebody else's Unlimited lease of the first beat."""
    session = (await shop.check_out({"priceId": beats[0]["stripeUnlimitedPriceId"]})).json()
    await shop.pay(session["url"], email="another@beatline.example")
    return await shop.order_in("COMPLETED", session["sessionId"])


async def code_of(shop: Shop, path: str, **query: str) -> tuple[int, str]:
    answer = await shop.http.get(f"/api/download/{path}", params=query)
    return answer.status_code, "" if answer.status_code == 307 else answer.json()["code"]


async def links_of(shop: Shop, order: Json, email: str = EMAIL) -> Json:
    answer = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": email}
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def grant_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["grant"][0]


async def test_an_orders_downloads_have_the_shape_that_storefronts_know(
    shop: Shop, beats: list[Json], order: Json
) -> None:
    data = await links_of(shop, order)
    assert set(data) == {"orderId", "customerEmail", "expiresAt", "beats"}
    assert (data["orderId"], data["customerEmail"]) == (order["id"], EMAIL)
    for item, beat in zip(data["beats"], beats, strict=False):
        assert set(item) == {"beatId", "beatTitle", "licenseType", "hasStems", "downloadUrls"}
        assert (item["beatId"], item["beatTitle"]) == (beat["id"], beat["title"])
        assert item["downloadUrls"]["expiresAt"] == data["expiresAt"]
    assert [item["licenseType"] for item in data["beats"]] == ["WAV_LEASE", "TRACKOUT_LEASE"]
    again = await links_of(shop, order)
    assert [item["beatId"] for item in again["beats"]] == [item["beatId"] for item in data["beats"]]


@pytest.mark.parametrize(
    "given",
    [EMAIL.upper(), f"  {EMAIL}\t", f"{EMAIL}\n", "Buyer@Beatline.Example", f"\u3000{EMAIL}"],
)
async def test_a_buyers_address_is_known_in_any_case_and_with_any_space(
    shop: Shop, order: Json, beats: list[Json], given: str
) -> None:
    await links_of(shop, order, given)
    known = {"orderId": order["id"], "customerEmail": given}
    assert await code_of(shop, f"beat/{beats[0]['id']}", **known) == (307, "")


@pytest.mark.parametrize(
    "given",
    [
        "buyer@beatline.exampl",
        "buyer@beatline.example.",
        "buyer+x@beatline.example",
        "buуer@beatline.example",  # a Cyrillic letter
        "buyer@beatline.example\x00",
        "buyer\u200b@beatline.example",
        "%",
        "*",
        "' OR '1'='1",
        "x" * 320,
        "🥁",
    ],
)
async def test_nearly_is_not_enough(shop: Shop, beats: list[Json], order: Json, given: str) -> None:
    known = {"orderId": order["id"], "customerEmail": given}
    refusal = (403, "email_mismatch")
    assert await code_of(shop, f"beat/{beats[0]['id']}", **known) == refusal


async def test_stems_of_a_wav_lease_are_to_be_had_by_no_way_round(
    shop: Shop, beats: list[Json], order: Json
) -> None:
    leased, stems_of_other = beats[0]["id"], beats[1]["id"]
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    data = await links_of(shop, order)
    master, stems = (
        grant_in(data["beats"][0]["downloadUrls"]["master"]),
        grant_in(data["beats"][1]["downloadUrls"]["stems"]),
    )
    ways: list[tuple[str, Json]] = [
        (f"stems/{leased}", known),
        (f"beat/{leased}", known | {"type": "stems"}),
        (f"stems/{leased}", {"grant": master}),
        (f"beat/{leased}", {"grant": master, "type": "stems"}),
        (f"stems/{leased}", {"grant": stems}),
        (f"beat/{leased}", {"grant": stems, "type": "stems"}),
        (f"stems/{leased}", known | {"grant": stems}),
        (f"stems/{leased}", known | {"type": "master"}),
        (f"stems/{leased}", known | {"licenseType": "UNLIMITED_LEASE"}),
        (f"stems/{leased}", known | {"beatId": stems_of_other}),
    ]
    for path, query in ways:
        status, code = await code_of(shop, path, **query)
        assert status == 403
        assert code in ("stems_not_licensed", "grant_mismatch")
    assert await code_of(shop, f"stems/{stems_of_other}", grant=stems) == (307, "")


async def test_two_credentials_open_no_more_than_one(
    shop: Shop, beats: list[Json], order: Json, another: Json
) -> None:
    """A forged grant is not saved by a sound order, nor one order by another's."""
    path = f"beat/{beats[0]['id']}"
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    assert await code_of(shop, path, **known, grant="forged") == (401, "grant_invalid")
    swapped = {"orderId": another["id"], "customerEmail": EMAIL}
    assert await code_of(shop, path, **swapped) == (403, "email_mismatch")
    theirs = await links_of(shop, another, "another@beatline.example")
    grant = grant_in(theirs["beats"][0]["downloadUrls"]["stems"])
    # A grant is its bearer's: it opens the file that it was made for, whoever is named beside it.
    assert await code_of(shop, f"stems/{beats[0]['id']}", **known, grant=grant) == (307, "")
    assert await code_of(shop, f"stems/{beats[1]['id']}", **known, grant=grant) == (
        403,
        "grant_mismatch",
    )


async def test_no_grant_can_be_made_up_or_altered(
    shop: Shop, beats: list[Json], order: Json
) -> None:
    data = await links_of(shop, order)
    path = f"beat/{beats[0]['id']}"
    grant = grant_in(data["beats"][0]["downloadUrls"]["master"])
    body, stamp, signature = grant.split(".")
    another = "Mg" if body == "MQ" else "MQ"  # the second grant, or the first
    altered = [
        "",
        ".",
        "..",
        "1",
        f"{body}.{stamp}",
        f"{body}.{stamp}.",
        f"{body}.{signature}.{stamp}",
        f"{body}.zzzzzz.{signature}",
        f"{another}.{stamp}.{signature}",
        f"{body}.{stamp}.{signature}=",
        f"{body}.{stamp}.{signature} ",
        f"{body}.{stamp}.{signature.swapcase()}",
        f"{grant}.{signature}",
        f".eJwDAAAAAAE.{stamp}.{signature}",
        f"{grant}\x00",
        f"{grant}é",
        "x" * 1024,
    ]
    for forged in altered:
        assert await code_of(shop, path, grant=forged) == (401, "grant_invalid"), forged
    assert await code_of(shop, path, grant="x" * 1025) == (400, "invalid_input")
    assert await code_of(shop, path, grant=grant) == (307, "")


async def test_wrong_addresses_close_an_order_to_further_guesses(
    shop: Shop, beats: list[Json]
) -> None:
    """20 in 15 minutes by default; links already given go on working."""
    order = await shop.bought({"priceId": beats[0]["stripeWavPriceId"]})
    grant = grant_in((await links_of(shop, order))["beats"][0]["downloadUrls"]["master"])
    path = f"/api/download/multi-order/{order['id']}"
    ways = itertools.cycle(["multi-order", "beat", "stems"])
    for number, way in zip(range(20), ways, strict=False):
        email = f"guess{number}@beatline.example"
        if way == "multi-order":
            refused = await shop.http.post(path, json={"customerEmail": email})
        else:
            query = {"orderId": order["id"], "customerEmail": email}
            refused = await shop.http.get(f"/api/download/{way}/{beats[0]['id']}", params=query)
        assert refused.status_code == 403
    closed = await shop.http.post(path, json={"customerEmail": EMAIL})
    limit = closed.json()["rateLimit"]
    assert closed.status_code == 429
    assert set(closed.json()) == {"success", "error", "code", "rateLimit"}
    assert closed.json()["code"] == "too_many_requests"
    assert set(limit) == {"limit", "remaining", "resetTime", "retryAfter"}
    assert (limit["limit"], limit["remaining"]) == (20, 0)
    assert closed.headers["retry-after"] == str(limit["retryAfter"])
    assert 0 < limit["retryAfter"] <= 900
    assert await code_of(shop, f"beat/{beats[0]['id']}", grant=grant) == (307, "")
    assert (await shop.order(order["sessionId"]))["status"] == "COMPLETED"


# What the order's buyer knows; `{order}` is its id.
KNOWN = {"orderId": "{order}", "customerEmail": EMAIL}


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("beat/{beat}", {}, (401, "credentials_missing")),
        ("stems/{beat}", {}, (401, "credentials_missing")),
        ("stems/{beat}", {"orderId": "{order}"}, (401, "credentials_missing")),
        ("beat/{beat}", {"customerEmail": EMAIL}, (401, "credentials_missing")),
        ("beat/{beat}", {"orderId": "", "customerEmail": ""}, (401, "credentials_missing")),
        ("beat/{beat}", {"type": "artwork"}, (400, "invalid_input")),
        ("beat/{beat}", {"type": "Master"}, (400, "invalid_input")),
        ("beat/{beat}", {"type": ""}, (400, "invalid_input")),
        ("beat/{beat}", {"orderId": "x" * 256}, (400, "invalid_input")),
        ("beat/{beat}", {"customerEmail": "x" * 321}, (400, "invalid_input")),
        ("beat/none", {"type": "preview"}, (404, "beat_not_found")),
        ("stems/none", KNOWN, (404, "beat_not_found")),
        ("beat/%00", KNOWN, (404, "beat_not_found")),
        ("beat/{beat}", {"orderId": "ord_\x00", "customerEmail": EMAIL}, (404, "order_not_found")),
        ("beat/{beat}", {"orderId": "%", "customerEmail": EMAIL}, (404, "order_not_found")),
        ("stems/{stemless}", KNOWN, (403, "beat_not_in_order")),
        ("beat/{beat}", {"type": "preview"}, (307, "")),
        ("beat/{stemless}", {"type": "preview", "orderId": "none"}, (307, "")),
    ],
)
async def test_every_refusal_of_a_file_has_its_status_and_its_word(
    shop: Shop, beats: list[Json], order: Json, path: str, query: Json, expected: tuple[int, str]
) -> None:
    stemless = next(beat for beat in await shop.beats() if not beat["hasStems"])
    names = {"beat": beats[0]["id"], "order": order["id"], "stemless": stemless["id"]}
    asked = {name: value.format(**names) for name, value in query.items()}
    assert await code_of(shop, path.format(**names), **asked) == expected


@pytest.fixture
async def later(shop: Shop) -> AsyncIterator[None]:
    """The delivery network's clock, half an hour ahead."""
    clock = f"{shop.addresses.cloudinary}/_emulator/clock"
    await shop.http.post(clock, json={"offset_seconds": timedelta(minutes=31).total_seconds()})
    yield
    await shop.http.post(clock, json={"offset_seconds": 0})


async def test_an_address_that_was_passed_on_opens_nothing_after_its_time(
    shop: Shop, beats: list[Json], order: Json, later: None
) -> None:
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    for path in (f"beat/{beats[0]['id']}", f"stems/{beats[1]['id']}"):
        answer = await shop.http.get(f"/api/download/{path}", params=known)
        late = await shop.http.get(answer.headers["location"])
        part = await shop.http.get(answer.headers["location"], headers={"Range": "bytes=0-3"})
        assert (late.status_code, part.status_code) == (401, 401)


async def test_each_address_handed_out_is_recorded_with_its_time(
    shop: Shop, beats: list[Json], order: Json
) -> None:
    query = (
        "SELECT count(*) FROM download_links l JOIN download_grants g ON g.id = l.grant_id "
        "JOIN order_items i ON i.id = g.order_item_id WHERE i.order_id = %s AND g.asset = %s "
        "AND l.expires_at BETWEEN now() + interval '29 minutes' AND now() + interval '31 minutes'"
    )
    before = [await shop.count(query, order["id"], asset) for asset in ("master", "stems")]
    data = await links_of(shop, order)
    await shop.http.get(data["beats"][0]["downloadUrls"]["master"])
    await shop.http.get(data["beats"][1]["downloadUrls"]["stems"])
    await shop.http.get(f"/api/download/beat/{beats[0]['id']}?type=preview")  # of no order
    after = [await shop.count(query, order["id"], asset) for asset in ("master", "stems")]
    assert after == [count + 1 for count in before]
