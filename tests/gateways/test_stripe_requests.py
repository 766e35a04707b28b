"""What our gateways ask of Stripe, held to Stripe's published document.

Every other test of the gateways holds its calls to the document too, when its shop closes.
"""

from datetime import timedelta

import stripe

from domain.license import LicenseType
from domain.money import Money
from gateways.stripe_catalog import CatalogEntry, StripeCatalog
from gateways.stripe_checkout import StripeCheckout
from tests.making import order
from tests.sandbox.stripe.inspection import Inspector
from tests.sandbox.stripe.shop import Shop

ENTRY = CatalogEntry("dusk", "Dusk", "Slow and warm.", "https://shop.example/dusk.png")
PRICE = Money(1999, "EUR")


async def test_checkouts_ask_what_stripe_documents(shop: Shop, stripe_inspector: Inspector) -> None:
    checkout = StripeCheckout(shop.client, "development", timedelta(hours=12))
    ours = order(await shop.price(), customer_email="payer@example.com")
    stripe_inspector.clear()
    opened = await checkout.open_session(ours)
    await checkout.find_payment(opened.id)
    assert [call.operation for call in stripe_inspector.calls] == [
        ("POST", "/v1/checkout/sessions"),
        ("GET", "/v1/checkout/sessions/{session}"),
    ]
    assert stripe_inspector.request_problems() == []
    assert {call.version for call in stripe_inspector.calls} == {stripe.api_version}


async def test_the_catalogue_asks_what_stripe_documents(
    shop: Shop, stripe_inspector: Inspector
) -> None:
    catalog = StripeCatalog(shop.client)
    await catalog.publish_product(ENTRY)
    price = await catalog.publish_price("dusk", LicenseType.WAV_LEASE, PRICE)
    await catalog.publish_price("dusk", LicenseType.WAV_LEASE, Money(2999, "EUR"))
    await catalog.retire_prices("dusk", [price])
    assert {call.operation for call in stripe_inspector.calls} == {
        ("GET", "/v1/products/{id}"),
        ("POST", "/v1/products"),
        ("POST", "/v1/products/{id}"),
        ("GET", "/v1/prices"),
        ("POST", "/v1/prices"),
        ("POST", "/v1/prices/{price}"),
    }
    assert stripe_inspector.request_problems() == []
