"""Stripe's products and prices: one product a beat, one price a license of it."""

from collections.abc import Collection
from dataclasses import dataclass

import stripe
from stripe.params import ProductUpdateParams

from domain.license import LicenseType
from domain.money import Money
from gateways.stripe_client import translated


@dataclass(frozen=True)
class CatalogEntry:
    """What Stripe shows a buyer of a beat."""

    beat_id: str
    title: str
    description: str
    image_url: str | None


class StripeCatalog:
    """Products and prices. Publishing the same thing again changes nothing.

    Every method raises CheckoutRefused where Stripe says no, Unavailable where it cannot answer.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._products = client.v1.products
        self._prices = client.v1.prices

    async def publish_product(self, entry: CatalogEntry) -> str:
        """Makes the beat's product, or brings it up to date where it differs; returns its id."""
        product_id = f"beat_{entry.beat_id}"
        with translated():
            product = await self._find_or_create(product_id, entry)
            changes = _changes(product, entry)
            if changes:
                await self._products.update_async(product_id, changes)
        return product_id

    async def publish_price(self, beat_id: str, license_type: LicenseType, amount: Money) -> str:
        """The id of an active price of this amount: the one there is, or a new one."""
        lookup_key = f"{beat_id}:{license_type.lower()}"
        with translated():
            found = await self._prices.list_async(
                {"lookup_keys": [lookup_key], "active": True, "limit": 1}
            )
            current = found.data[0] if found.data else None
            if current is not None and _costs(current, amount):
                return current.id
            price = await self._prices.create_async(
                {
                    "product": f"beat_{beat_id}",
                    "unit_amount": amount.minor,
                    "currency": amount.currency.lower(),
                    "nickname": license_type.terms.name,
                    "lookup_key": lookup_key,
                    "transfer_lookup_key": True,
                    "metadata": {"beat_id": beat_id, "license_type": license_type.value},
                }
            )
        return price.id

    async def retire_prices(self, beat_id: str, kept: Collection[str]) -> None:
        """Closes every price of the beat but those `kept`, once the catalogue sells by these."""
        with translated():
            page = await self._prices.list_async(
                {"product": f"beat_{beat_id}", "active": True, "limit": 100}
            )
            async for price in page.auto_paging_iter():
                if price.id not in kept:
                    await self._prices.update_async(price.id, {"active": False})

    async def _find_or_create(self, product_id: str, entry: CatalogEntry) -> stripe.Product:
        try:
            return await self._products.retrieve_async(product_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            metadata = {"beat_id": entry.beat_id}
            return await self._products.create_async(
                {"id": product_id, "name": entry.title, "metadata": metadata}
            )


def _changes(product: stripe.Product, entry: CatalogEntry) -> ProductUpdateParams:
    """What of a product is not as the entry has it."""
    changes: ProductUpdateParams = {}
    if product.name != entry.title:
        changes["name"] = entry.title
    if (product.description or "") != entry.description:
        changes["description"] = entry.description
    images = [entry.image_url] if entry.image_url else []
    if list(product.images) != images:
        changes["images"] = images or ""  # an empty list would not be sent at all
    return changes


def _costs(price: stripe.Price, amount: Money) -> bool:
    return price.unit_amount == amount.minor and price.currency.upper() == amount.currency
