"""The sandbox's payment page, paid on by hand, on a phone."""

from playwright.async_api import Page, expect

from tests.end_to_end.shop import Shop


async def checkout(shop: Shop) -> dict[str, str]:
    beat, *_ = await shop.full_beats()
    item = {"priceId": beat["stripeTrackoutPriceId"], "quantity": 2}
    answer = await shop.check_out({"items": [item], "customerEmail": "buyer@beatline.example"})
    found: dict[str, str] = answer.json()
    return found


async def fill_in(page: Page, card: str) -> None:
    await page.get_by_label("Full name").fill("A Buyer")
    await page.get_by_label("Card number").press_sequentially(card)
    await page.get_by_label("Expiry").fill("12 / 40")
    await page.get_by_label("Security code").fill("123")


async def test_a_buyer_pays_and_is_sent_back_to_the_shop(page: Page, shop: Shop) -> None:
    session = await checkout(shop)
    await page.goto(session["url"])
    await expect(page.get_by_label("Email")).to_have_value("buyer@beatline.example")
    await fill_in(page, "4242424242424242")
    await page.get_by_role("button", name="Pay €79.98").click()
    await page.wait_for_url(f"{shop.addresses.api}/success?session_id={session['sessionId']}")
    order = await shop.order_in("COMPLETED", session["sessionId"])
    assert order["customerName"] == "A Buyer"


async def test_a_declined_card_is_told_and_another_one_pays(page: Page, shop: Shop) -> None:
    session = await checkout(shop)
    await page.goto(session["url"])
    await fill_in(page, "4000000000000002")
    await page.get_by_role("button", name="Pay").click()
    await expect(page.get_by_role("alert").first).to_contain_text("declined")
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"
    await expect(page.get_by_label("Full name")).to_have_value("A Buyer")
    await expect(page.get_by_label("Card number")).to_have_value("")
    await fill_in(page, "4242424242424242")
    await page.get_by_role("button", name="Pay").click()
    await page.wait_for_url(f"{shop.addresses.api}/success?*")


async def test_going_back_leads_to_the_shop_unpaid(page: Page, shop: Shop) -> None:
    session = await checkout(shop)
    await page.goto(session["url"])
    await page.get_by_role("link", name="Cancel and go back").click()
    await page.wait_for_url(f"{shop.addresses.api}/cart")
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"
