"""The real Temporal UI, which has the codec server decrypt what it shows."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Page, Route, expect
from temporalio.client import Client

from api.codec.app import create_app
from domain.order import new_order_id
from sandbox import temporal
from sandbox.process import free_port
from settings import CodecSettings, load
from temporal.encryption import data_converter
from tests.rings import NEW, entries, ring
from tests.sandbox.serving import served
from workflows.checkout import Checkout

TOKEN = "t" * 40
SUMMARY = "Told in the summary"


async def with_credentials(route: Route) -> None:
    """What TEMPORAL_CODEC_INCLUDE_CREDENTIALS does; the dev server has no option for it."""
    answer = await route.fetch()
    settings = await answer.json()
    settings["Codec"]["IncludeCredentials"] = True
    await route.fulfill(response=answer, json=settings)


@pytest.fixture
async def operators_page(page: Page, codec_url: str) -> AsyncIterator[Page]:
    """A page in the browser of somebody who has signed in to the codec server."""
    assert page.context.browser is not None
    context = await page.context.browser.new_context(
        http_credentials={"username": "one", "password": TOKEN, "origin": codec_url}
    )
    signed_in = await context.new_page()
    await signed_in.route("**/api/v1/settings*", with_credentials)
    yield signed_in
    await context.close()


@pytest.fixture
def ui_port() -> int:
    return free_port()


@pytest.fixture
def codec_url(ui_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PAYLOAD_KEYS", entries(NEW))
    monkeypatch.setenv("CODEC_TOKENS", f"one:{TOKEN}")
    monkeypatch.setenv("CODEC_ORIGINS", f"http://127.0.0.1:{ui_port}")
    with served(create_app(load(CodecSettings))) as url:
        yield url


@pytest.fixture
async def order_page(ui_port: int, codec_url: str) -> AsyncIterator[str]:
    """Where the UI shows an order whose workflow was begun encrypted."""
    order_id = new_order_id()
    with temporal.running(ui_port=ui_port, codec_url=codec_url) as address:
        client = await Client.connect(address, data_converter=data_converter(ring(NEW)))
        await client.start_workflow(
            "Checkout",
            Checkout.of(order_id),
            id=order_id,
            task_queue=order_id,
            static_summary=SUMMARY,
        )
        yield f"http://127.0.0.1:{ui_port}/namespaces/default/workflows/{order_id}"


async def test_the_ui_shows_an_operator_what_is_encrypted(
    operators_page: Page, order_page: str
) -> None:
    await operators_page.goto(order_page)
    await expect(operators_page.get_by_text("order_id").first).to_be_visible(timeout=30_000)
    await operators_page.get_by_text("User Metadata").click()
    summary = operators_page.frame_locator("#user-metadata-summary").get_by_text(SUMMARY)
    await expect(summary.first).to_be_visible(timeout=20_000)


async def test_the_ui_shows_others_nothing_of_it(page: Page, order_page: str) -> None:
    await page.goto(order_page)
    complaint = page.get_by_text("Codec Server could not connect")
    await expect(complaint.first).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("order_id")).to_have_count(0)
