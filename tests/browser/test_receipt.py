"""The receipt, as a mail program on a phone shows it."""

import pytest
from playwright.async_api import Page, expect

from gateways.receipt_letter import compose
from tests.gateways.test_receipt_letter import PAGE, sold
from tests.making import TRACKOUT, UNLIMITED, WAV

LONG = "Midnight" * 20


@pytest.mark.parametrize(
    ("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(31, 31, 30)")]
)
async def test_a_receipt_fits_a_small_screen_by_day_and_by_night(
    page: Page, scheme: str, ground: str
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    letter = compose(sold(WAV, TRACKOUT, UNLIMITED, title=LONG), "Beat Shop")
    await page.set_content(letter.html)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await expect(page.locator(".card")).to_have_css("background-color", ground)
    await expect(page.get_by_role("link", name="Get your files")).to_have_attribute("href", PAGE)
