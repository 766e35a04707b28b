"""Who gets which file, and who does not."""

from typing import Any

import pytest

from tests.end_to_end.shop import Shop

EMAIL = "buyer@beatline.example"


@pytest.fixture(scope="module")
async def order(shop: Shop) -> dict[str, Any]:
    """A WAV lease of one beat, a Trackout lease of another."""
    wav, trackout, *_ = await shop.full_beats()
    items = [
        {"priceId": wav["stripeWavPriceId"], "quantity": 1},
        {"priceId": trackout["stripeTrackoutPriceId"], "quantity": 1},
    ]
    return await shop.bought({"items": items})


async def ask(shop: Shop, beat_id: str, route: str = "beat", **query: Any) -> tuple[int, str]:
    """The status, and the code of the error or the address that it leads to."""
    answer = await shop.http.get(f"/api/download/{route}/{beat_id}", params=query)
    if answer.status_code == 307:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        return 307, answer.headers["location"]
    return answer.status_code, answer.json()["code"]


async def test_the_links_of_an_order_bear_no_address_of_the_buyer(
    shop: Shop, order: dict[str, Any]
) -> None:
    answer = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": f"  {EMAIL.upper()} "}
    )
    data = answer.json()["data"]
    wav, trackout = data["beats"]
    assert answer.status_code == 200
    assert data["orderId"] == order["id"]
    assert set(wav["downloadUrls"]) == {"master", "expiresAt"}
    assert set(trackout["downloadUrls"]) == {"master", "stems", "expiresAt"}
    assert (wav["hasStems"], trackout["hasStems"]) == (False, True)
    urls = [beat["downloadUrls"]["master"] for beat in data["beats"]]
    assert not any("buyer" in url.lower() or "%40" in url for url in urls)
    assert [(await shop.http.get(url)).status_code for url in urls] == [307, 307]


async def test_an_order_and_its_email_give_its_files(shop: Shop, order: dict[str, Any]) -> None:
    wav, trackout = (item["beatId"] for item in order["items"])
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    status, url = await ask(shop, wav, **known)
    assert status == 307
    file = await shop.http.get(url)
    title = order["items"][0]["beat"]["title"]
    assert file.content[:4] == b"RIFF"
    assert f"{title} (WAV Lease).wav" in file.headers["content-disposition"]
    assert (await ask(shop, trackout, "stems", **known))[0] == 307
    assert (await ask(shop, trackout, type="stems", **known))[0] == 307


async def test_stems_are_for_the_very_beat_that_they_were_licensed_for(
    shop: Shop, order: dict[str, Any]
) -> None:
    wav, _ = (item["beatId"] for item in order["items"])
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    assert await ask(shop, wav, "stems", **known) == (403, "stems_not_licensed")
    assert await ask(shop, wav, type="stems", **known) == (403, "stems_not_licensed")


async def test_what_is_not_yours_is_not_given(shop: Shop, order: dict[str, Any]) -> None:
    bought = {item["beatId"] for item in order["items"]}
    other = next(beat["id"] for beat in await shop.beats() if beat["id"] not in bought)
    mine, *_ = bought
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    assert await ask(shop, other, **known) == (403, "beat_not_in_order")
    assert await ask(shop, "none", **known) == (404, "beat_not_found")
    assert await ask(shop, mine) == (401, "credentials_missing")
    assert await ask(shop, mine, orderId=order["id"]) == (401, "credentials_missing")
    blank = {"orderId": order["id"], "customerEmail": " "}
    assert await ask(shop, mine, **blank) == (401, "credentials_missing")
    wrong = {"orderId": order["id"], "customerEmail": "someone@else.example"}
    assert await ask(shop, mine, **wrong) == (403, "email_mismatch")
    unknown = {"orderId": "ord_none", "customerEmail": EMAIL}
    assert await ask(shop, mine, **unknown) == (404, "order_not_found")
    assert await ask(shop, mine, type="secrets", **known) == (400, "invalid_input")


async def test_a_grant_opens_its_own_file_alone(shop: Shop, order: dict[str, Any]) -> None:
    answer = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": EMAIL}
    )
    wav, trackout = answer.json()["data"]["beats"]
    grant = wav["downloadUrls"]["master"].rpartition("grant=")[2]
    assert (await ask(shop, wav["beatId"], grant=grant))[0] == 307
    assert await ask(shop, trackout["beatId"], grant=grant) == (403, "grant_mismatch")
    assert await ask(shop, wav["beatId"], "stems", grant=grant) == (403, "grant_mismatch")
    assert await ask(shop, wav["beatId"], grant=f"{grant[:-2]}xx") == (401, "grant_invalid")
    assert await ask(shop, wav["beatId"], grant="") == (401, "grant_invalid")


async def test_each_address_handed_out_is_recorded(shop: Shop, order: dict[str, Any]) -> None:
    query = (
        "SELECT count(*) FROM download_links JOIN download_grants g ON g.id = grant_id "
        "JOIN order_items i ON i.id = g.order_item_id WHERE i.order_id = %s AND asset = 'master'"
    )
    before = await shop.count(query, order["id"])
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    await ask(shop, order["items"][0]["beatId"], **known)
    assert await shop.count(query, order["id"]) == before + 1


@pytest.mark.parametrize(
    ("order_id", "body", "status", "code"),
    [
        ("the order's", {}, 400, "invalid_input"),
        ("the order's", {"customerEmail": ""}, 400, "invalid_input"),
        ("the order's", {"customerEmail": " \t "}, 400, "invalid_input"),
        ("the order's", {"customerEmail": "someone@else.example"}, 403, "email_mismatch"),
        ("ord_none", {"customerEmail": EMAIL}, 404, "order_not_found"),
    ],
)
async def test_an_orders_downloads_are_refused_for_a_reason(
    shop: Shop, order: dict[str, Any], order_id: str, body: dict[str, str], status: int, code: str
) -> None:
    wanted = order["id"] if order_id == "the order's" else order_id
    answer = await shop.http.post(f"/api/download/multi-order/{wanted}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("PENDING", (403, "file_unpaid")),
        ("PAID", (403, "file_unpaid")),
        ("CANCELLED", (403, "order_closed")),
        ("FAILED", (403, "order_closed")),
        ("REFUNDED", (403, "order_closed")),
        ("DISPUTED", (403, "order_closed")),
    ],
)
async def test_only_an_order_in_good_standing_gives_files(
    shop: Shop, status: str, answer: tuple[int, str]
) -> None:
    beat, *_ = await shop.full_beats()
    bought = await shop.bought({"priceId": beat["stripeWavPriceId"]})
    links = await shop.http.post(
        f"/api/download/multi-order/{bought['id']}", json={"customerEmail": EMAIL}
    )
    grant = links.json()["data"]["beats"][0]["downloadUrls"]["master"].rpartition("grant=")[2]
    await shop.database.execute(
        "UPDATE orders SET status = %s WHERE id = %s", (status, bought["id"])
    )
    refused = await shop.http.post(
        f"/api/download/multi-order/{bought['id']}", json={"customerEmail": EMAIL}
    )
    known = {"orderId": bought["id"], "customerEmail": EMAIL}
    is_unpaid = status in ("PENDING", "PAID")
    of_all = (409, "order_unpaid") if is_unpaid else answer
    assert (refused.status_code, refused.json()["code"]) == of_all
    assert await ask(shop, beat["id"], **known) == answer
    assert await ask(shop, beat["id"], grant=grant) == answer
