"""What our gateways ask of Stripe, held to Stripe's published document.

Every other test of the gateways holds its calls to the document too, when its shop closes.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from domain.license import LicenseType
from domain.money import Money
from gateways.stripe_catalog import CatalogEntry, StripeCatalog
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_events import StripeEvents
from gateways.stripe_payments import RefundWish, StripePayments
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
    await StripePayments(shop.client, "development").find(opened.id)
    assert [call.operation for call in stripe_inspector.calls] == [
        ("POST", "/v1/checkout/sessions"),
        ("GET", "/v1/checkout/sessions/{session}"),
    ]
    assert stripe_inspector.request_problems() == []
    assert {call.version for call in stripe_inspector.calls} == {stripe.api_version}


async def everything(pages: AsyncIterator[list[Any]]) -> list[Any]:
    """What there is on all pages of a list."""
    return [each async for page in pages for each in page]


async def test_payments_ask_what_stripe_documents(shop: Shop, stripe_inspector: Inspector) -> None:
    intent = await shop.paid_intent()
    session = await shop.session()
    since = datetime.now(UTC) - timedelta(minutes=1)
    payments = StripePayments(shop.client, "development")
    stripe_inspector.clear()
    wish = RefundWish("refund:1", "ord_1", intent, Money(100, "EUR"), is_duplicate=True)
    assert await payments.refund(wish)
    await payments.expire(session.id)
    await payments.order_of(intent)
    assert str(await payments.session_of(intent)).startswith("cs_")
    assert await payments.session_of("pi_unheard_of") is None
    assert await everything(payments.paid_orders(since)) == []
    assert len(await everything(payments.returns(since))) == 1
    assert len(await everything(StripeEvents(shop.client).since(since))) == 3
    assert {call.operation for call in stripe_inspector.calls} == {
        ("GET", "/v1/refunds"),
        ("POST", "/v1/refunds"),
        ("POST", "/v1/checkout/sessions/{session}/expire"),
        ("GET", "/v1/payment_intents/{intent}"),
        ("GET", "/v1/checkout/sessions"),
        ("GET", "/v1/disputes"),
        ("GET", "/v1/events"),
    }
    assert stripe_inspector.request_problems() == []


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
