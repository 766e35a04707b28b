"""The emulated Stripe, which the gateways are held against."""

import pytest

from tests.sandbox.stripe.shop import Shop


@pytest.fixture
def shop(stripe_shop: Shop) -> Shop:
    return stripe_shop
