"""What a sound checkout gives, and what Stripe is told of it."""

import httpx
import pytest
import stripe

from tests.end_to_end.shop import Shop


async def session_of(shop: Shop, answer: httpx.Response) -> stripe.checkout.Session:
    """What Stripe has of the session that a checkout answered with."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"url", "sessionId"}
    found = await shop.stripe.v1.checkout.sessions.retrieve_async(body["sessionId"])
    assert found.url == body["url"]
    return found


async def bought(shop: Shop, session: stripe.checkout.Session) -> list[tuple[str, int]]:
    """The prices and quantities on a session's page."""
    lines = await shop.stripe.v1.checkout.sessions.line_items.list_async(session.id, {"limit": 100})
    return [(line.price.id, line.quantity or 0) for line in lines.data if line.price]


async def test_one_beat_is_bought_by_the_price_that_its_page_shows(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    answer = await shop.check_out(
        {"priceId": beat["stripeTrackoutPriceId"], "beatTitle": beat["title"]}
    )
    session = await session_of(shop, answer)
    assert await bought(shop, session) == [(beat["stripeTrackoutPriceId"], 1)]
    assert session.amount_total == round(beat["trackoutLeasePrice"] * 100)
    assert (session.currency or "").upper() == beat["currency"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("license_type", "price"),
    [
        ("WAV_LEASE", "stripeWavPriceId"),
        ("TRACKOUT_LEASE", "stripeTrackoutPriceId"),
        ("UNLIMITED_LEASE", "stripeUnlimitedPriceId"),
    ],
)
async def test_an_item_is_named_by_its_price_or_by_beat_and_license(
    shop: Shop, license_type: str, price: str
) -> None:
    beat, *_ = await shop.full_beats()
    by_beat = {"beatId": beat["id"], "licenseType": license_type}
    by_price = {"priceId": beat[price]}
    for wanted in (by_price, by_beat, by_price | by_beat):
        single = await session_of(shop, await shop.check_out(wanted))
        multi = await session_of(shop, await shop.check_out({"items": [wanted | {"quantity": 3}]}))
        assert await bought(shop, single) == [(beat[price], 1)]
        assert await bought(shop, multi) == [(beat[price], 3)]


async def test_a_cart_keeps_its_lines_in_their_order_and_its_title_changes_nothing(
    shop: Shop,
) -> None:
    first, second, *_ = await shop.full_beats()
    items = [
        {"priceId": second["stripeWavPriceId"], "quantity": 10, "beatTitle": first["title"]},
        {"priceId": first["stripeUnlimitedPriceId"], "quantity": 1, "beatTitle": "<b>Free</b>"},
        {"priceId": second["stripeUnlimitedPriceId"], "quantity": 2, "beatTitle": None},
        {"priceId": first["stripeTrackoutPriceId"], "quantity": 1.0, "beatTitle": 808},
        {"priceId": second["stripeTrackoutPriceId"], "quantity": 1, "beatTitle": "x" * 5000},
    ]
    answer = await shop.check_out({"items": items})
    session = await session_of(shop, answer)
    order = await shop.order(session.id)
    assert await bought(shop, session) == [(item["priceId"], item["quantity"]) for item in items]
    assert [item["beat"]["title"] for item in order["items"]] == [
        second["title"],
        first["title"],
        second["title"],
        first["title"],
        second["title"],
    ]
    total = (
        10 * second["wavLeasePrice"]
        + first["unlimitedLeasePrice"]
        + 2 * second["unlimitedLeasePrice"]
        + first["trackoutLeasePrice"]
        + second["trackoutLeasePrice"]
    )
    assert order["totalAmount"] == round(total, 2)
    assert session.amount_total == round(total * 100)


async def test_every_license_on_sale_fits_into_one_cart(shop: Shop) -> None:
    names = ("stripeWavPriceId", "stripeTrackoutPriceId", "stripeUnlimitedPriceId")
    prices = [beat[name] for beat in await shop.beats() for name in names if beat[name]]
    items = [{"priceId": price, "quantity": 1} for price in prices]
    assert len(items) > 20
    session = await session_of(shop, await shop.check_out({"items": items}))
    assert [price for price, _ in await bought(shop, session)] == prices


async def test_return_addresses_reach_stripe_untouched(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    api = shop.addresses.api
    returns = {
        "successUrl": f"{api}/ok?a=%20b&session={{CHECKOUT_SESSION_ID}}&c=größe#done",
        "cancelUrl": f"{api.upper().replace('HTTP', 'http')}/cart?x=1&x=2",
    }
    answer = await shop.check_out({"priceId": beat["stripeWavPriceId"]} | returns)
    session = await session_of(shop, answer)
    assert session.success_url == returns["successUrl"]
    assert session.cancel_url == returns["cancelUrl"]


async def test_a_buyers_address_is_passed_on_and_needs_not_be_given(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    item = {"priceId": beat["stripeWavPriceId"], "quantity": 1}
    known = {"items": [item], "customerEmail": " Buyer@beatline.example "}
    session = await session_of(shop, await shop.check_out(known))
    assert session.customer_email == "Buyer@beatline.example"
    for wanted in ({"items": [item]}, {"items": [item], "customerEmail": None}):
        session = await session_of(shop, await shop.check_out(wanted))
        assert session.customer_email is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "https://elsewhere.example/",
        "{api}@elsewhere.example/",
        "{api}.elsewhere.example/",
        "http://user:secret@{host}/",
        "http://{host}\\@elsewhere.example/",
        "http://{host}\t/",
        "http://{host}/\r\nSet-Cookie: a=b",
        "http://{host}/\x00",
        "http://127.0.0.1:0/",
        "http://2130706433/",
        "http://[::ffff:127.0.0.1]/",
        "ftp://{host}/",
        "http://{host}/" + "x" * 2048,
        "",
        " ",
    ],
)
@pytest.mark.parametrize("field", ["successUrl", "cancelUrl"])
async def test_a_buyer_is_sent_back_to_no_other_site(shop: Shop, field: str, url: str) -> None:
    beat, *_ = await shop.full_beats()
    api = shop.addresses.api
    tried = url.replace("{api}", api).replace("{host}", api.removeprefix("http://"))
    before = await shop.traces()
    answer = await shop.check_out({"priceId": beat["stripeWavPriceId"], field: tried})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert [problem["field"] for problem in answer.json()["details"]] == [field]
    assert await shop.traces() == before


@pytest.mark.parametrize("field", ["successUrl", "cancelUrl"])
async def test_return_addresses_are_needed(shop: Shop, field: str) -> None:
    beat, *_ = await shop.full_beats()
    returns = {name: url for name, url in shop.returns().items() if name != field}
    item = {"priceId": beat["stripeWavPriceId"], "quantity": 1}
    for path, wanted in (("create-checkout", item), ("create-multi-checkout", {"items": [item]})):
        answer = await shop.http.post(f"/api/stripe/{path}", json=returns | wanted)
        assert answer.status_code == 400
        assert [problem["field"] for problem in answer.json()["details"]] == [field]
