"""An order as its success page shows it, from the first moment to the last."""

import re
from typing import Any

import pytest

from tests.end_to_end.shop import Shop

ORDER_FIELDS = set(
    "id customerEmail customerName customerPhone totalAmount refundedAmount currency status "
    "paymentMethod paymentId paidAt usageRights createdAt updatedAt sessionId items".split()
)
ITEM_FIELDS = set(
    "id orderId beatId beat quantity unitPrice totalPrice licenseType usageRights hasStems "
    "createdAt updatedAt".split()
)
BEAT_FIELDS = set("id title genre bpm key mode duration artworkUrl isExclusive featured".split())
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BASIC = ["Non-exclusive rights", "Commercial use", "Streaming"]

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def beats(shop: Shop) -> tuple[Json, Json]:
    first, second, *_ = await shop.full_beats()
    return first, second


@pytest.fixture(scope="module")
async def session(shop: Shop, beats: tuple[Json, Json]) -> Json:
    """A checkout of two WAV leases of one beat and an Unlimited lease of another."""
    items = [
        {"priceId": beats[0]["stripeWavPriceId"], "quantity": 2},
        {"priceId": beats[1]["stripeUnlimitedPriceId"], "quantity": 1},
    ]
    answer: Json = (await shop.check_out({"items": items})).json()
    return answer


def check_shape(order: Json, beats: tuple[Json, Json]) -> None:
    """What an order has in every state."""
    wav, unlimited = order["items"]
    assert set(order) == ORDER_FIELDS
    for item, beat in zip(order["items"], beats, strict=True):
        assert set(item) == ITEM_FIELDS
        assert set(item["beat"]) == BEAT_FIELDS
        assert item["orderId"] == order["id"]
        assert item["beatId"] == item["beat"]["id"]
        assert item["beat"] == {name: beat[name] for name in BEAT_FIELDS}
        assert INSTANT.fullmatch(item["createdAt"])
        assert INSTANT.fullmatch(item["updatedAt"])
    assert INSTANT.fullmatch(order["createdAt"])
    assert INSTANT.fullmatch(order["updatedAt"])
    assert (wav["quantity"], wav["unitPrice"]) == (2, beats[0]["wavLeasePrice"])
    assert wav["totalPrice"] == round(2 * beats[0]["wavLeasePrice"], 2)
    assert unlimited["totalPrice"] == unlimited["unitPrice"] == beats[1]["unlimitedLeasePrice"]
    assert order["totalAmount"] == round(wav["totalPrice"] + unlimited["totalPrice"], 2)
    assert (order["currency"], order["refundedAmount"]) == ("EUR", 0)
    assert [item["licenseType"] for item in order["items"]] == ["WAV_LEASE", "UNLIMITED_LEASE"]
    assert [item["hasStems"] for item in order["items"]] == [False, True]
    assert wav["usageRights"] == BASIC
    assert unlimited["usageRights"] == [*BASIC, "Unlimited distribution"]
    assert order["usageRights"] == [*BASIC, "Unlimited distribution"]


async def test_an_order_has_every_field_before_it_is_paid_and_after(
    shop: Shop, beats: tuple[Json, Json], session: Json
) -> None:
    pending = await shop.order(session["sessionId"])
    check_shape(pending, beats)
    unknown = ("customerEmail", "customerName", "customerPhone", "paymentMethod", "paymentId")
    assert [pending[name] for name in (*unknown, "paidAt")] == [None] * 6
    assert (pending["status"], pending["sessionId"]) == ("PENDING", session["sessionId"])
    await shop.pay(session["url"], email="Buyer@Beatline.example", name="A Buyer")
    order = await shop.order_in("COMPLETED", session["sessionId"])
    check_shape(order, beats)
    assert (order["customerEmail"], order["customerName"]) == ("Buyer@Beatline.example", "A Buyer")
    assert order["paymentMethod"] == "card"
    assert order["paymentId"].startswith("pi_")
    assert INSTANT.fullmatch(order["paidAt"])
    assert order["updatedAt"] > pending["updatedAt"]
    assert [order[name] for name in ("id", "items", "createdAt")] == [
        pending[name] for name in ("id", "items", "createdAt")
    ]


@pytest.mark.parametrize(("is_single", "kind"), [(True, "single"), (False, "multi-item")])
async def test_a_lookup_says_the_same_and_the_orders_kind(
    shop: Shop, beats: tuple[Json, Json], is_single: bool, kind: str
) -> None:
    item = {"priceId": beats[0]["stripeWavPriceId"]}
    wanted = item if is_single else {"items": [item | {"quantity": 1}]}
    session = (await shop.check_out(wanted)).json()
    seen = await shop.http.get(f"/api/orders/multi-payment/{session['sessionId']}")
    looked_up = await shop.http.get(f"/api/orders/lookup/{session['sessionId']}")
    assert (seen.status_code, looked_up.status_code) == (200, 200)
    assert set(seen.json()) == {"success", "data"}
    assert looked_up.json() == seen.json() | {"type": kind}
    assert seen.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("route", ["multi-payment", "lookup"])
@pytest.mark.parametrize(
    "session_id",
    [
        "cs_test_none",
        "ord_none",
        "%00",
        "%FF%FE",
        "'%20OR%201=1--",
        "%25",
        "_",
        "cs_test_%2A",
        "null",
        "..",
        "x" * 10_000,
        "%F0%9F%A5%81",
        "cs_test_none%0d%0aSet-Cookie:%20a=b",
    ],
)
async def test_a_session_that_is_unknown_is_an_order_that_is_not_there(
    shop: Shop, route: str, session_id: str
) -> None:
    escaped = session_id.replace("..", "%2e%2e")
    answer = await shop.http.get(f"/api/orders/{route}/{escaped}")
    assert answer.status_code == 404
    assert answer.json()["success"] is False
    assert answer.json()["code"] in ("order_not_found", "not_found")
    assert "set-cookie" not in answer.headers


async def test_nobody_but_the_holder_of_the_session_sees_an_order(
    shop: Shop, session: Json
) -> None:
    order = await shop.order(session["sessionId"])
    half = session["sessionId"][: len(session["sessionId"]) // 2]
    others = (order["id"], half, session["sessionId"].upper(), session["sessionId"] + "%20", "%25")
    for other in others:
        assert (await shop.http.get(f"/api/orders/multi-payment/{other}")).status_code == 404


async def test_what_was_sold_stays_as_it_was_sold(shop: Shop, beats: tuple[Json, Json]) -> None:
    """The price and the title of a beat change after the sale; the sale does not."""
    beat = beats[1]
    order = await shop.bought({"priceId": beat["stripeWavPriceId"]})
    dearer = "UPDATE beat_prices SET amount_minor = amount_minor * 2 WHERE stripe_price_id = %s"
    cheaper = "UPDATE beat_prices SET amount_minor = amount_minor / 2 WHERE stripe_price_id = %s"
    await shop.database.execute(dearer, (beat["stripeWavPriceId"],))
    try:
        assert await shop.order(order["sessionId"]) == order
        shown = (await shop.http.get(f"/api/beats/{beat['id']}")).json()["data"]
        assert shown["wavLeasePrice"] == round(2 * beat["wavLeasePrice"], 2)
    finally:
        await shop.database.execute(cheaper, (beat["stripeWavPriceId"],))
