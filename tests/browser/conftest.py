"""A real browser: Debian's Chromium, or whatever CHROMIUM names; and the shop, built and served."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from cli import storefront
from tests.browser.buyer import Buyer
from tests.browser.watching import Watch
from tests.end_to_end.shop import Shop

FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


def unavailable(reason: str) -> None:
    """Skips what cannot run on this machine; CI has all that is needed, so there it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        unavailable("no Chromium on this machine; name one with CHROMIUM")
    return str(found)


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, chromium_sandbox=os.getuid() != 0
        )
        yield launched
        await launched.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_page(viewport={"width": 390, "height": 844})
    yield opened
    await opened.context.close()


@pytest.fixture(scope="session")
def built() -> None:
    """The shop's pages; the running system serves them from the moment that they are there."""
    obstacle = storefront.obstacle()
    if obstacle is not None:
        unavailable(f"no shop to look at: {obstacle}")
    storefront.build()


@pytest.fixture
async def visit(browser: Browser, shop: Shop, built: None) -> AsyncIterator[BrowserContext]:
    """A visitor's browser, which may complain of nothing."""
    context = await browser.new_context(**DESKTOP)
    watch = Watch(context)
    yield context
    await context.close()
    assert watch.complaints == []


@pytest.fixture
async def buyer(visit: BrowserContext, shop: Shop) -> Buyer:
    return Buyer(await visit.new_page(), shop)
