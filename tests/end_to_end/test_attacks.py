"""What whoever attacks the shop tries, and what they meet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.end_to_end.shop import Shop

EMAIL = "private.buyer@beatline.example"
ODD = {
    "long": "x" * 10_000,
    "SQL": "'; DROP TABLE orders; --",
    "wildcards": "%_%' OR '1'='1",
    "a NUL": "a\x00b",
    "line breaks": "a\r\nSet-Cookie: b=c",
    "a template": "{{7*7}}${7*7}{0.__class__}",
    "right to left": "\u202ecs_test\u202c",
    "an emoji": "🥁" * 100,
    "a path": "../../etc/passwd",
    "nothing": "",
    "a space": " ",
}


@pytest.mark.parametrize("kind", ODD)
async def test_odd_strings_are_answered_as_what_they_are_not(shop: Shop, kind: str) -> None:
    odd = ODD[kind]
    before = await shop.traces()
    http = shop.http
    credentials = {"orderId": odd, "customerEmail": odd}
    answers = await asyncio.gather(
        http.get("/api/beats", params={"search": odd, "genre": odd, "key": odd}),
        http.get("/api/download/beat/terrazzo", params=credentials),
        http.get("/api/download/stems/terrazzo", params={"grant": odd}),
        http.post("/api/download/multi-order/ord_x", json={"customerEmail": odd}),
        shop.check_out({"priceId": odd, "beatTitle": odd}),
        shop.check_out({"beatId": odd, "licenseType": odd}),
        shop.check_out({"priceId": "price_x", "successUrl": shop.addresses.api + odd}),
        shop.check_out({"items": [{"priceId": odd, "quantity": 1}], "customerEmail": odd}),
        http.post("/api/stripe/webhook", content=odd.encode()),
    )
    for answer in answers:
        assert answer.status_code in (200, 400, 401, 403, 404), answer.text
        assert "set-cookie" not in answer.headers
    assert await shop.traces() == before


async def test_no_mix_of_names_buys_more_than_the_price_is_for(shop: Shop) -> None:
    beat, other, *_ = await shop.full_beats()
    cheap, dear = beat["stripeWavPriceId"], "UNLIMITED_LEASE"
    mixes: list[dict[str, Any]] = [
        {"priceId": cheap, "licenseType": dear},
        {"priceId": cheap, "licenseType": dear, "beatId": beat["id"]},
        {"priceId": cheap, "licenseType": "WAV_LEASE", "beatId": other["id"]},
        {"priceId": cheap, "beatId": other["id"]},
        {"priceId": cheap, "licenseType": "unlimited_lease"},
        {"priceId": f"{cheap} ", "licenseType": "WAV_LEASE"},
        {"priceId": None, "beatId": beat["id"]},
        {"priceId": [cheap, beat["stripeUnlimitedPriceId"]]},
    ]
    before = await shop.traces()
    for mix in mixes:
        assert (await shop.check_out(mix)).status_code == 400
        assert (await shop.check_out({"items": [mix | {"quantity": 1}]})).status_code == 400
    assert await shop.traces() == before
    session = (await shop.check_out({"beatId": beat["id"], "licenseType": dear})).json()
    order = await shop.order(session["sessionId"])
    assert order["totalAmount"] == beat["unlimitedLeasePrice"]


@pytest.fixture(scope="module")
async def bought(shop: Shop) -> dict[str, Any]:
    """A Trackout lease, paid by somebody whose address must stay private."""
    beat, *_ = await shop.full_beats()
    item = {"priceId": beat["stripeTrackoutPriceId"], "quantity": 1}
    answer = await shop.check_out({"items": [item], "customerEmail": EMAIL})
    session = answer.json()
    await shop.pay(session["url"], email=EMAIL)
    return await shop.order_in("COMPLETED", session["sessionId"])


@pytest.fixture
async def links(shop: Shop, bought: dict[str, Any]) -> dict[str, str]:
    answer = await shop.http.post(
        f"/api/download/multi-order/{bought['id']}", json={"customerEmail": EMAIL}
    )
    found: dict[str, str] = answer.json()["data"]["beats"][0]["downloadUrls"]
    return found


@pytest.fixture
async def later(shop: Shop) -> AsyncIterator[None]:
    """The delivery network's clock, half an hour ahead."""
    clock = f"{shop.addresses.cloudinary}/_emulator/clock"
    ahead = timedelta(minutes=31).total_seconds()
    await shop.http.post(clock, json={"offset_seconds": ahead})
    yield
    await shop.http.post(clock, json={"offset_seconds": 0})


async def test_a_signed_address_serves_ranges_and_no_other_file(
    shop: Shop, links: dict[str, str]
) -> None:
    address = (await shop.http.get(links["master"])).headers["location"]
    part = await shop.http.get(address, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    stems = (await shop.http.get(links["stems"])).headers["location"]
    for forged in (
        address.replace("master", "stems"),
        address.replace("expires_at=", "expires_at=9"),
        address.replace("attachment=true&", ""),
        stems.replace("stems.zip", "master.wav"),
    ):
        assert forged not in (address, stems)
        assert (await shop.http.get(forged)).status_code in (400, 401, 404)


async def test_a_signed_address_ends(shop: Shop, links: dict[str, str], later: None) -> None:
    address = (await shop.http.get(links["master"])).headers["location"]
    assert (await shop.http.get(address)).status_code == 401
