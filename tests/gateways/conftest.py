"""The emulated Stripe, which the gateways are held against."""

from datetime import timedelta

import pytest

from domain.payment import CheckoutSession
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_payments import StripePayments
from tests.making import order
from tests.sandbox.stripe.shop import PAYS, Shop


@pytest.fixture
def shop(stripe_shop: Shop) -> Shop:
    return stripe_shop


@pytest.fixture
def checkout(shop: Shop) -> StripeCheckout:
    return StripeCheckout(shop.client, "development", timedelta(hours=12))


@pytest.fixture
def payments(shop: Shop) -> StripePayments:
    return StripePayments(shop.client, "development")


@pytest.fixture
async def opened(shop: Shop, checkout: StripeCheckout) -> CheckoutSession:
    return await checkout.open_session(order(await shop.price(3999)))


async def paid(shop: Shop, opened: CheckoutSession, number: str = PAYS) -> str:
    """Pays on the page; the payment intent."""
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_card(session, number)
    again = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    return str(again.payment_intent)
