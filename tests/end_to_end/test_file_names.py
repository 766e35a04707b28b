"""Files come under names that people can read, through the delivery network, whatever the title."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.end_to_end.shop import Shop

EMAIL = "buyer@beatline.example"

# Titles, and the names under which their WAV leases are saved.
TITLES = {
    "Größer als Nacht": "Größer als Nacht (WAV Lease).wav",
    "Señal Nocturna": "Señal Nocturna (WAV Lease).wav",
    "夜のドライブ": "夜のドライブ (WAV Lease).wav",
    "밤의 드라이브": "밤의 드라이브 (WAV Lease).wav",
    "قيادة ليلية": "قيادة ليلية (WAV Lease).wav",
    "נסיעת לילה": "נסיעת לילה (WAV Lease).wav",
    "Ночная поездка": "Ночная поездка (WAV Lease).wav",
    "Late 🌙 Night 🥁": "Late 🌙 Night 🥁 (WAV Lease).wav",
    "100% Real; a=b, c&d + #1!": "100% Real; a=b, c&d + #1! (WAV Lease).wav",
    "It's \"Loud\" 'n' Clear": "It's Loud 'n' Clear (WAV Lease).wav",
    "AC/DC\\Style: <Live>|What?*": "AC DC Style Live What (WAV Lease).wav",
    "../../../etc/passwd": "etc passwd (WAV Lease).wav",
    "..": "Beat (WAV Lease).wav",
    "line\r\nSet-Cookie: a=b": "line Set-Cookie a=b (WAV Lease).wav",
    "abc\u202egpj.exe": "abc gpj.exe (WAV Lease).wav",
    "zero\u200bwidth\ufeff": "zero width (WAV Lease).wav",
    "tab\tand\x1fcontrol": "tab and control (WAV Lease).wav",
    "&public_id=beats/other/master&type=upload": (
        "&public_id=beats other master&type=upload (WAV Lease).wav"
    ),
    "filename*=UTF-8''evil.exe": "filename =UTF-8''evil.exe (WAV Lease).wav",
}


@pytest.fixture(scope="module")
async def order(shop: Shop) -> dict[str, Any]:
    beat, *_ = await shop.full_beats()
    return await shop.bought({"priceId": beat["stripeWavPriceId"]})


@pytest.fixture
async def retitled(
    shop: Shop, order: dict[str, Any], title: str
) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The beat under another title, and what its buyer knows."""
    beat = order["items"][0]["beat"]
    query = "UPDATE beats SET title = %s WHERE id = %s"
    await shop.database.execute(query, (title, beat["id"]))
    yield beat["id"], {"orderId": order["id"], "customerEmail": EMAIL}
    await shop.database.execute(query, (beat["title"], beat["id"]))


def saved_as(disposition: str) -> str:
    """The name under which a browser saves an attachment (RFC 6266: the extended one wins)."""
    assert disposition.startswith("attachment; ")
    assert disposition.isascii()
    extended = re.search(r"filename\*=UTF-8''([^;]+)$", disposition)
    if extended:
        return unquote(extended[1])
    plain = re.search(r'filename="([^"]*)"$', disposition)
    assert plain is not None
    return plain[1]


@pytest.mark.parametrize("title", TITLES)
async def test_a_file_comes_under_a_name_that_a_person_can_read(
    shop: Shop, retitled: tuple[str, dict[str, str]], title: str
) -> None:
    beat_id, known = retitled
    redirect = await shop.http.get(f"/api/download/beat/{beat_id}", params=known)
    location = redirect.headers["location"]
    assert redirect.status_code == 307
    assert location.isascii()
    assert parse_qs(urlsplit(location).query)["public_id"] == [f"beats/{beat_id}/master"]
    file = await shop.http.get(location)
    assert (file.status_code, file.content[:4]) == (200, b"RIFF")
    assert saved_as(file.headers["content-disposition"]) == TITLES[title]
    assert "set-cookie" not in file.headers
    preview = await shop.http.get(
        f"/api/download/beat/{beat_id}?type=preview", follow_redirects=True
    )
    expected = TITLES[title].replace("(WAV Lease)", "(Preview)")
    assert saved_as(preview.headers["content-disposition"]) == expected


@pytest.mark.parametrize("title", ["夜" * 300, "x" * 5_000, "🥁" * 200])
async def test_no_name_is_longer_than_a_disk_can_bear(
    shop: Shop, retitled: tuple[str, dict[str, str]], title: str
) -> None:
    beat_id, known = retitled
    file = await shop.http.get(f"/api/download/beat/{beat_id}", params=known, follow_redirects=True)
    name = saved_as(file.headers["content-disposition"])
    assert len(name.encode()) <= 255
    assert name.startswith(title[:40])
    assert name.endswith(" (WAV Lease).wav")


@pytest.mark.parametrize("title", ["Größer als Nacht 🌙"])
async def test_a_title_is_shown_as_its_producer_wrote_it(
    shop: Shop, retitled: tuple[str, dict[str, str]], order: dict[str, Any], title: str
) -> None:
    beat_id, known = retitled
    links = await shop.http.post(
        f"/api/download/multi-order/{known['orderId']}", json={"customerEmail": EMAIL}
    )
    looked_up = await shop.order(order["sessionId"])
    shown = (await shop.http.get(f"/api/beats/{beat_id}")).json()["data"]
    found = (await shop.http.get("/api/beats", params={"search": "größer 🌙"})).json()["data"]
    assert links.json()["data"]["beats"][0]["beatTitle"] == title
    assert looked_up["items"][0]["beat"]["title"] == shown["title"] == title
    assert [beat["id"] for beat in found] == [beat_id]


@pytest.mark.parametrize("title", ["Größer als Nacht"])
@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=100-199", 206, slice(100, 200)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=999999999-", 416, None),
    ],
)
async def test_a_download_can_be_taken_up_again(
    shop: Shop,
    retitled: tuple[str, dict[str, str]],
    title: str,
    asked: str,
    status: int,
    span: slice | None,
) -> None:
    beat_id, known = retitled
    location = (await shop.http.get(f"/api/download/beat/{beat_id}", params=known)).headers[
        "location"
    ]
    whole = (await shop.http.get(location)).content
    part = await shop.http.get(location, headers={"Range": asked})
    assert part.status_code == status
    if span is not None:
        assert part.content == whole[span]
        assert part.headers["content-range"].endswith(f"/{len(whole)}")
