"""Whatever cannot be sold is refused in the contract's shape, and leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.shop import Shop, new_key

Beat = dict[str, Any]
Item = dict[str, Any]


def wav(beat: Beat, **changes: Any) -> Item:
    item = {
        "priceId": beat["stripeWavPriceId"],
        "quantity": 1,
        "beatTitle": beat["title"],
        "licenseType": "WAV_LEASE",
    }
    return item | changes


# What is refused: how to make the cart's second item, the code, the field and a word of the
# sentence. The cart's first item is always sound.
REFUSED_ITEMS: dict[str, tuple[Callable[[dict[str, Beat]], Item], str, str, str]] = {
    "an unknown price": (
        lambda beats: wav(beats["full"], priceId="price_none"),
        "unknown_price",
        "items.1.priceId",
        "price_none",
    ),
    "an unknown beat": (
        lambda beats: {"beatId": "no-such", "licenseType": "WAV_LEASE", "quantity": 1},
        "unknown_beat",
        "items.1.beatId",
        "no-such",
    ),
    "an item that names nothing": (
        lambda beats: {"beatTitle": "Something", "quantity": 1},
        "item_unidentified",
        "items.1.priceId",
        "priceId",
    ),
    "a withdrawn beat": (
        lambda beats: wav(beats["withdrawn"]),
        "beat_withdrawn",
        "items.1.beatId",
        "no longer for sale",
    ),
    "a beat not yet released": (
        lambda beats: wav(beats["unreleased"]),
        "beat_not_released",
        "items.1.beatId",
        "not released yet",
    ),
    "a license that is not offered": (
        lambda beats: {
            "beatId": beats["limited"]["id"],
            "licenseType": "UNLIMITED_LEASE",
            "quantity": 1,
        },
        "license_not_offered",
        "items.1.licenseType",
        "not sold with this license",
    ),
    "stems of a beat without stems": (
        lambda beats: {
            "beatId": beats["stemless"]["id"],
            "licenseType": "TRACKOUT_LEASE",
            "quantity": 1,
        },
        "stems_unavailable",
        "items.1.licenseType",
        "no stems",
    ),
    "Unlimited at the price of WAV": (
        lambda beats: wav(beats["full"], licenseType="UNLIMITED_LEASE"),
        "license_mismatch",
        "items.1.licenseType",
        "another license",
    ),
    "another beat's price": (
        lambda beats: wav(beats["full"], beatId=beats["other"]["id"]),
        "beat_mismatch",
        "items.1.beatId",
        "another beat",
    ),
    "the same beat and license twice": (
        lambda beats: wav(beats["other"]),
        "duplicate_item",
        "items.1.licenseType",
        "twice",
    ),
}


@pytest.fixture(scope="session")
async def beats(shop: Shop) -> dict[str, Beat]:
    """One beat of each kind that the refusals are about."""
    full, other, *_ = await shop.full_beats()
    shown = {beat["id"] for beat in await shop.beats()}
    async with shop.database.cursor() as cursor:
        await cursor.execute("SELECT id, is_active FROM beats")
        hidden = [row for row in await cursor.fetchall() if row[0] not in shown]
    by_state = {"unreleased" if active else "withdrawn": beat_id for beat_id, active in hidden}
    found = {
        name: (await shop.http.get(f"/api/beats/{beat_id}")).json()["data"]
        for name, beat_id in by_state.items()
    }
    everything = await shop.beats()
    found["limited"] = next(
        beat for beat in everything if beat["hasStems"] and beat["unlimitedLeasePrice"] is None
    )
    found["stemless"] = next(beat for beat in everything if not beat["hasStems"])
    return found | {"full": full, "other": other}


@pytest.mark.parametrize("kind", REFUSED_ITEMS)
async def test_a_cart_with_one_bad_item_is_refused_whole(
    shop: Shop, beats: dict[str, Beat], kind: str
) -> None:
    make_item, code, field, word = REFUSED_ITEMS[kind]
    before = await shop.traces()
    answer = await shop.check_out({"items": [wav(beats["other"]), make_item(beats)]}, new_key())
    body = answer.json()
    assert answer.status_code == 400
    assert set(body) == {"success", "error", "code", "details"}
    assert body["success"] is False
    assert body["code"] == code
    assert word in body["error"]
    assert [problem["field"] for problem in body["details"]] == [field]
    assert await shop.traces() == before


BAD_SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "no items": ({"items": []}, "items"),
    "quantity zero": ({"quantity": 0}, "items.0.quantity"),
    "quantity eleven": ({"quantity": 11}, "items.0.quantity"),
    "a fraction": ({"quantity": 1.5}, "items.0.quantity"),
    "eleven as a double": ({"quantity": 11.0}, "items.0.quantity"),
    "text for a quantity": ({"quantity": "1"}, "items.0.quantity"),
    "true for a quantity": ({"quantity": True}, "items.0.quantity"),
    "no quantity": ({"quantity": None}, "items.0.quantity"),
    "a license of another shop": ({"licenseType": "GOLD"}, "items.0.licenseType"),
    "a script for an address": ({"successUrl": "javascript:alert(1)"}, "successUrl"),
    "another site": ({"successUrl": "https://elsewhere.example/"}, "successUrl"),
    "a look-alike": ({"cancelUrl": "http://127.0.0.1.elsewhere.example/"}, "cancelUrl"),
    "no scheme": ({"cancelUrl": "//elsewhere.example/"}, "cancelUrl"),
    "an e-mail address without an at": ({"customerEmail": "buyer"}, "customerEmail"),
}


@pytest.mark.parametrize("kind", BAD_SHAPES)
async def test_a_malformed_checkout_is_refused_by_its_field(
    shop: Shop, beats: dict[str, Beat], kind: str
) -> None:
    changes, field = BAD_SHAPES[kind]
    item = wav(beats["full"])
    item |= {name: value for name, value in changes.items() if name in item}
    body = {"items": [item]} | {name: value for name, value in changes.items() if name not in item}
    before = await shop.traces()
    answer = await shop.check_out(body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert answer.json()["details"][0]["field"] == field
    assert await shop.traces() == before


async def test_51_items_are_too_many(shop: Shop, beats: dict[str, Beat]) -> None:
    answer = await shop.check_out({"items": [wav(beats["full"])] * 51})
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "items"


async def test_a_cart_of_two_currencies_is_refused_by_the_item_that_differs(
    shop: Shop, beats: dict[str, Beat]
) -> None:
    change = "UPDATE beat_prices SET currency = %s WHERE beat_id = %s"
    before = await shop.traces()
    await shop.database.execute(change, ("USD", beats["other"]["id"]))
    try:
        answer = await shop.check_out({"items": [wav(beats["full"]), wav(beats["other"])]})
    finally:
        await shop.database.execute(change, ("EUR", beats["other"]["id"]))
    assert (answer.status_code, answer.json()["code"]) == (400, "mixed_currencies")
    assert [problem["field"] for problem in answer.json()["details"]] == ["items.1.priceId"]
    assert beats["other"]["title"] in answer.json()["error"]
    assert await shop.traces() == before


async def test_every_bad_item_is_told_at_once(shop: Shop, beats: dict[str, Beat]) -> None:
    items = [wav(beats["withdrawn"]), wav(beats["full"]), wav(beats["full"], priceId="price_x")]
    answer = await shop.check_out({"items": items})
    fields = [problem["field"] for problem in answer.json()["details"]]
    assert fields == ["items.0.beatId", "items.2.priceId"]


async def test_a_single_checkout_names_its_own_fields(shop: Shop, beats: dict[str, Beat]) -> None:
    before = await shop.traces()
    body = {
        "priceId": beats["full"]["stripeWavPriceId"],
        "beatTitle": "",
        "licenseType": "UNLIMITED_LEASE",
    }
    answer = await shop.check_out(body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "license_mismatch"
    assert [problem["field"] for problem in answer.json()["details"]] == ["licenseType"]
    assert await shop.traces() == before


async def test_a_refused_key_is_free_for_a_better_cart(shop: Shop, beats: dict[str, Beat]) -> None:
    key = new_key()
    assert (await shop.check_out({"items": [wav(beats["withdrawn"])]}, key)).status_code == 400
    assert (await shop.check_out({"items": [wav(beats["full"])]}, key)).status_code == 200


async def test_no_amount_is_read_from_the_request(shop: Shop, beats: dict[str, Beat]) -> None:
    item = wav(beats["full"], price=0.01, unitPrice=0.01, amount=1, totalPrice=0.01)
    session = (await shop.check_out({"items": [item], "totalAmount": 0.01})).json()
    order = await shop.order(session["sessionId"])
    assert order["totalAmount"] == beats["full"]["wavLeasePrice"]
    asked = await shop.stripe.v1.checkout.sessions.retrieve_async(session["sessionId"])
    assert asked.amount_total == round(beats["full"]["wavLeasePrice"] * 100)
