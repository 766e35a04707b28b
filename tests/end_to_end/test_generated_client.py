"""A typed client that a public generator makes of the document shops as a storefront would."""

import asyncio
import importlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.shop import Shop, new_key

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
# In an environment of its own, since it wants an older command-line library than we use.
GENERATOR = ["uv", "tool", "run", "--quiet", "--from", "openapi-python-client==0.29.1"]
Load = Callable[[str], Any]


@pytest.fixture
async def client(shop: Shop, generated: Load) -> AsyncIterator[Any]:
    async with generated("client").Client(base_url=shop.addresses.api) as opened:
        yield opened


@pytest.fixture(scope="module")
async def generated(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Imports a module of the generated client by its name."""
    folder = tmp_path_factory.mktemp("client")
    command = [*GENERATOR, "openapi-python-client", "generate", "--path", str(DOCUMENT)]
    command += ["--output-path", str(folder / "shop_client"), "--meta", "none"]
    program = Path(sys.executable).with_name(command[0])
    process = await asyncio.create_subprocess_exec(
        program, *command[1:], stderr=asyncio.subprocess.STDOUT, stdout=asyncio.subprocess.PIPE
    )
    told = (await process.communicate())[0].decode()
    if process.returncode != 0:
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip("the generator of clients cannot be had here")
    assert "WARNING" not in told, told
    sys.path.insert(0, str(folder))
    return lambda name: importlib.import_module(f"shop_client.{name}")


async def test_a_generated_client_buys_and_gets_its_files(
    shop: Shop, generated: Load, client: Any
) -> None:
    models: Any = generated("models")

    async def call(path: str, **arguments: Any) -> Any:
        return await generated(f"api.{path}").asyncio(client=client, **arguments)

    listed = await call("catalogue.list_beats", limit=100, has_stems=True)
    beat = next(each for each in listed.data if each.unlimited_lease_price)
    assert isinstance(beat, models.BeatView)
    item = models.CheckoutItem(quantity=2, price_id=beat.stripe_trackout_price_id)
    returns = shop.returns()
    wanted = models.MultiCheckout(
        items=[item], success_url=returns["successUrl"], cancel_url=returns["cancelUrl"]
    )
    key = new_key()
    first = await call("checkout.create_multi_checkout", body=wanted, idempotency_key=key)
    again = await call("checkout.create_multi_checkout", body=wanted, idempotency_key=key)
    assert first == again
    await shop.pay(first.url)
    await shop.order_in("COMPLETED", first.session_id)
    found = await call("orders.look_up_order", session_id=first.session_id)
    assert found.type_ == models.OrderLookupType.MULTI_ITEM
    assert found.data.status == models.OrderStatus.COMPLETED
    assert found.data.total_amount == round(2 * beat.trackout_lease_price, 2)
    email = models.DownloadRequest(customer_email="buyer@beatline.example")
    links = await call("downloads.grant_downloads", order_id=found.data.id, body=email)
    urls = links.data.beats[0].download_urls
    file = await shop.http.get(urls.stems, follow_redirects=True)
    assert file.content[:2] == b"PK"


async def test_a_generated_client_knows_a_refusal_from_an_answer(
    generated: Load, client: Any
) -> None:
    get_order = generated("api.orders.get_order")
    refused = await get_order.asyncio(client=client, session_id="cs_none")
    assert isinstance(refused, generated("models").Failure)
    assert refused.code == "order_not_found"
