"""Publishing at Stripe: one product a beat, one active price a license."""

from dataclasses import replace

import pytest
import stripe

from domain.errors import CheckoutRefused, Unavailable
from domain.money import Money
from gateways.stripe_catalog import CatalogEntry, StripeCatalog
from tests.making import TRACKOUT, WAV
from tests.sandbox.stripe.shop import Shop

ENTRY = CatalogEntry("dusk", "Dusk", "Slow and warm", "https://files.example/dusk.png")
PRICE = Money(1999, "EUR")


@pytest.fixture
def catalog(shop: Shop) -> StripeCatalog:
    return StripeCatalog(shop.client)


async def product(shop: Shop) -> stripe.Product:
    (found,) = (await shop.client.v1.products.list_async()).data
    return found


async def active_prices(shop: Shop) -> list[str]:
    found = await shop.client.v1.prices.list_async({"product": "beat_dusk", "active": True})
    return sorted(price.id for price in found.data)


async def test_a_beat_becomes_a_product_once(shop: Shop, catalog: StripeCatalog) -> None:
    assert await catalog.publish_product(ENTRY) == "beat_dusk"
    first = await product(shop)
    assert (first.id, first.name, first.description) == ("beat_dusk", "Dusk", "Slow and warm")
    assert list(first.images) == ["https://files.example/dusk.png"]
    assert first.metadata.to_dict() == {"beat_id": "dusk"}
    assert await catalog.publish_product(ENTRY) == "beat_dusk"
    assert (await product(shop)).to_dict() == first.to_dict()


async def test_a_product_follows_its_beat(shop: Shop, catalog: StripeCatalog) -> None:
    await catalog.publish_product(replace(ENTRY, description="", image_url=None))
    await catalog.publish_product(replace(ENTRY, title="Dusk II"))
    changed = await product(shop)
    assert (changed.name, changed.description) == ("Dusk II", "Slow and warm")
    await catalog.publish_product(replace(ENTRY, description="", image_url=None))
    emptied = await product(shop)
    assert (emptied.description or "", list(emptied.images)) == ("", [])


async def test_a_price_is_made_once(shop: Shop, catalog: StripeCatalog) -> None:
    await catalog.publish_product(ENTRY)
    price_id = await catalog.publish_price("dusk", WAV, PRICE)
    assert await catalog.publish_price("dusk", WAV, PRICE) == price_id
    price = await shop.client.v1.prices.retrieve_async(price_id)
    assert (price.unit_amount, price.currency, price.product) == (1999, "eur", "beat_dusk")
    assert price.nickname == "WAV Lease"
    assert price.metadata.to_dict() == {"beat_id": "dusk", "license_type": "WAV_LEASE"}
    assert await active_prices(shop) == [price_id]


async def test_each_license_has_a_price_of_its_own(shop: Shop, catalog: StripeCatalog) -> None:
    await catalog.publish_product(ENTRY)
    made = {await catalog.publish_price("dusk", kind, PRICE) for kind in (WAV, TRACKOUT)}
    assert await active_prices(shop) == sorted(made)
    assert len(made) == 2


@pytest.mark.parametrize("changed", [Money(2999, "EUR"), Money(1999, "USD")])
async def test_another_price_takes_the_place_of_the_old_one(
    shop: Shop, catalog: StripeCatalog, changed: Money
) -> None:
    await catalog.publish_product(ENTRY)
    old = await catalog.publish_price("dusk", WAV, PRICE)
    new = await catalog.publish_price("dusk", WAV, changed)
    assert await active_prices(shop) == sorted([old, new])  # until the catalogue sells by it
    await catalog.retire_prices("dusk", [new])
    assert await active_prices(shop) == [new]
    assert await catalog.publish_price("dusk", WAV, changed) == new
    back = await catalog.publish_price("dusk", WAV, PRICE)
    assert back not in (old, new)


async def test_only_the_beats_own_prices_are_retired(shop: Shop, catalog: StripeCatalog) -> None:
    for beat_id in ("dusk", "dawn"):
        await catalog.publish_product(replace(ENTRY, beat_id=beat_id))
    kept = await catalog.publish_price("dawn", WAV, PRICE)
    await catalog.publish_price("dusk", WAV, PRICE)
    await catalog.retire_prices("dusk", [])
    assert await active_prices(shop) == []
    assert await catalog.publish_price("dawn", WAV, PRICE) == kept


async def test_a_price_of_a_beat_that_is_no_product_is_refused(catalog: StripeCatalog) -> None:
    with pytest.raises(CheckoutRefused):
        await catalog.publish_price("unheard_of", WAV, PRICE)


async def test_a_stripe_that_is_away_is_unavailable(shop: Shop, catalog: StripeCatalog) -> None:
    await shop.switch("faults", on="api", status=503, times=2)
    with pytest.raises(Unavailable):
        await catalog.publish_product(ENTRY)
    with pytest.raises(Unavailable):
        await catalog.publish_price("dusk", WAV, PRICE)
