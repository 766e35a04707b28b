"""A buyer in the shop: what they press and read, in their own words."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.shop import Shop

PAYING, DECLINED = "4242424242424242", "4000000000000002"


class Buyer:
    """One tab of the shop."""

    def __init__(self, page: Page, shop: Shop) -> None:
        self.page = page
        self.shop = shop
        self.page.set_default_timeout(15_000)

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.shop.addresses.api}{path}")

    async def browse(self) -> None:
        await self.go("/beats")
        await expect(self.beats.first).to_be_visible()

    async def another_tab(self, path: str) -> "Buyer":
        other = Buyer(await self.page.context.new_page(), self.shop)
        await other.go(path)
        return other

    @property
    def beats(self) -> Locator:
        return self.page.locator(".beat:not(.beat--skeleton)")

    # --- the cart ---

    async def choose(self, title: str) -> None:
        """Opens the licenses of a beat."""
        await self.page.get_by_role("button", name=f"License {title}", exact=True).click()
        await expect(self.page.locator(".pad__right").first).to_be_visible()

    async def add(self, title: str, license_name: str = "WAV") -> None:
        await self.choose(title)
        await self.page.get_by_role("radio", name=re.compile(license_name)).check()
        await self.page.get_by_role("button", name=re.compile("^Add (to cart|another)")).click()
        await expect(self.page.get_by_role("dialog")).to_have_count(0)

    async def open_cart(self) -> None:
        await self.go("/cart")
        await expect(self.page.get_by_role("heading", name="Cart", level=1)).to_be_visible()

    @property
    def items(self) -> Locator:
        return self.page.locator(".track")

    async def sees_count(self, count: int) -> None:
        await expect(self.page.locator(".nav__count")).to_have_text(re.compile(rf"^{count}\b"))

    async def sees_total(self, amount: str) -> None:
        await expect(self.page.locator(".summary__total dd")).to_have_text(amount)

    def says(self, words: str) -> Locator:
        return self.page.get_by_text(words).first

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def item(self, title: str) -> Locator:
        """One line of the cart."""
        return self.items.filter(has=self.page.get_by_role("heading", name=title, exact=True))

    # --- paying ---

    async def check_out(self) -> str:
        """Goes to the payment page; the session's id."""
        await self.button("Check out").click()
        await self.page.wait_for_url("**/c/pay/**")
        return self.session

    @property
    def session(self) -> str:
        """The id in the address of a payment page or of an order."""
        found = re.search(r"cs_test_\w+", self.page.url)
        assert found is not None, self.page.url
        return found[0]

    async def pay(self, card: str = PAYING) -> None:
        """Fills in the payment page and sends it."""
        await self.page.get_by_label("Email").fill("buyer@beatline.example")
        await self.page.get_by_label("Full name").fill("A Buyer")
        await self.page.get_by_label("Card number").press_sequentially(card)
        await self.page.get_by_label("Expiry").fill("12 / 40")
        await self.page.get_by_label("Security code").fill("123")
        await self.page.get_by_role("button", name="Pay").click()

    async def sees_order(self, headline: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(
            headline, timeout=30_000
        )

    async def buys(self, title: str, license_name: str = "WAV") -> dict[str, Any]:
        """Buys one license, and waits for its files; the order."""
        await self.browse()
        await self.add(title, license_name)
        await self.open_cart()
        session = await self.check_out()
        await self.pay()
        await self.sees_order("It’s yours.")
        await expect(self.page.locator(".downloads__beat").first).to_be_visible()
        return await self.shop.order(session)
