"""Every page, by day and by night, on a desk and on a phone: open to everybody, and whole."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from cli.storefront import SOURCES
from tests.browser.buyer import Buyer
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.watching import Watch
from tests.end_to_end.shop import Shop

AXE = SOURCES / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = ["color-contrast"]  # all that the dark theme can have by itself
RUN = "async rules => (await axe.run(document, {runOnly: rules})).violations"
REST = """() => Promise.allSettled(
  document.getAnimations()
    .filter(each => each.effect.getComputedTiming().endTime !== Infinity)
    .map(each => each.finished)
)"""


async def barriers(page: Page) -> list[str]:
    """What axe objects to, in either theme, once everything that moves has come to rest.

    At the top of the page: further down the head, which stays in sight, covers half of this or
    that button, which axe holds to be too small then.
    """
    await page.evaluate("scrollTo(0, 0)")
    await page.evaluate(AXE.read_text("utf-8") + ";0")
    found: list[dict[str, Any]] = []
    for theme, rules in (("dark", COLORS), ("light", STANDARDS)):
        await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await page.evaluate(REST)
        found += [each | {"theme": theme} for each in await page.evaluate(RUN, rules)]
    return [
        f"{each['theme']}, {each['id']}: {node['target']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.fixture(scope="module")
async def session(shop: Shop, built: None) -> str:
    """The session of an order whose files are ready."""
    beat, *_ = await shop.full_beats()
    order = await shop.bought({"priceId": beat["stripeTrackoutPriceId"]})
    return str(order["sessionId"])


@pytest.mark.parametrize("device", ["desktop", "phone"])
async def test_axe_finds_nothing_on_any_page(
    browser: Browser, shop: Shop, session: str, device: str
) -> None:
    context = await browser.new_context(**PHONE if device == "phone" else DESKTOP)
    watch = Watch(context)
    buyer = Buyer(await context.new_page(), shop)
    found: dict[str, list[str]] = {}

    async def look(name: str) -> None:
        found[name] = await barriers(buyer.page)

    await buyer.go("/")
    await expect(buyer.beats.first).to_be_visible()
    await buyer.button("Play Terrazzo").first.click()
    await expect(buyer.page.locator(".deck")).to_be_visible()
    await look("start, playing")
    await buyer.browse()
    await look("beats")
    await buyer.choose("Overpass")
    await look("licenses")
    await buyer.page.keyboard.press("Escape")
    await buyer.add("Mango Season", "Trackout")
    await look("notice")
    await buyer.page.locator(".nav__cart").click()
    await expect(buyer.page.get_by_role("dialog")).to_be_visible()
    await look("drawer")
    await buyer.button(re.compile("^Remove")).click()
    await expect(buyer.button("Put it back")).to_be_visible()
    await look("drawer, emptied")
    await buyer.button("Put it back").click()
    await buyer.open_cart()
    await expect(buyer.items.first.get_by_role("combobox")).to_be_visible()
    await look("cart")
    await buyer.button("Empty the cart").click()
    await look("empty cart")
    for path, there in (
        (f"/success?session_id={session}", ".downloads__beat"),
        ("/success?session_id=cs_none", "h1"),
        ("/cart-test", ".bench"),
        ("/nowhere", "h1"),
    ):
        await buyer.go(path)
        await expect(buyer.page.locator(there).first).to_be_visible()
        await look(path)
    await context.close()
    assert {name: barrier for name, barrier in found.items() if barrier} == {}
    assert watch.complaints == []


async def test_nothing_is_wider_than_the_smallest_phone(
    browser: Browser, shop: Shop, session: str
) -> None:
    page = await browser.new_page(viewport={"width": 320, "height": 640})
    buyer = Buyer(page, shop)
    for path in (
        "/",
        "/beats",
        "/cart",
        "/cart-test",
        f"/success?session_id={session}",
        "/nowhere",
    ):
        await buyer.go(path)
        await expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
    await page.context.close()


async def test_a_phone_buys_a_beat(browser: Browser, shop: Shop, built: None) -> None:
    context = await browser.new_context(**PHONE)
    buyer = Buyer(await context.new_page(), shop)
    await buyer.buys("Velvet Hours", "Trackout")
    await expect(buyer.button("Stems, ZIP of Velvet Hours")).to_be_visible()
    await context.close()


async def test_filters_live_in_the_address(buyer: Buyer) -> None:
    await buyer.browse()
    everything = await buyer.beats.count()
    await buyer.button("House").click()
    await expect(buyer.beats).to_have_count(1)
    assert "genre=House" in buyer.page.url
    shared = await buyer.another_tab(buyer.page.url.removeprefix(buyer.shop.addresses.api))
    await expect(shared.beats).to_have_count(1)
    await buyer.page.go_back()
    await expect(buyer.beats).to_have_count(everything)


async def test_one_preview_plays_at_a_time(buyer: Buyer) -> None:
    playing = buyer.page.locator(".beat[data-playing]")
    await buyer.browse()
    for title in ("Terrazzo", "Slow Tide"):
        await buyer.button(f"Play {title}").click()
        await expect(playing).to_have_count(1)
        await expect(playing).to_contain_text(title)
    line = playing.locator(".waveform")
    await expect(line).to_have_css("--played", re.compile(r"^([1-9]|0\.[1-9])"))


async def test_a_lost_connection_is_said_and_its_return_noticed(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Terrazzo")
    await buyer.page.context.set_offline(True)
    await expect(buyer.says("You’re offline")).to_be_visible()
    await buyer.page.locator(".nav__cart").click()
    await expect(buyer.button("Check out")).to_be_disabled()
    await buyer.page.context.set_offline(False)
    await expect(buyer.button("Check out")).to_be_enabled()


async def test_a_page_that_breaks_offers_to_try_again(
    browser: Browser, shop: Shop, built: None
) -> None:
    page = await browser.new_page()
    buyer = Buyer(page, shop)
    await buyer.go("/cart-test")
    await buyer.button("Break this page").click()
    await expect(buyer.says("This page has stopped working.")).to_be_visible()
    await buyer.button("Try again").click()
    await expect(page.get_by_role("heading", name="Cart test")).to_be_visible()
    await page.context.close()
