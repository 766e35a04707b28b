"""Prices: what a product costs."""

import re

from sandbox.stripe import money
from sandbox.stripe.errors import Json, StripeError, invalid_parameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.ledger import Condition
from sandbox.stripe.listing import among, created_within, equal, page_of
from sandbox.stripe.objects import products
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work

_CURRENCY = re.compile("[a-z]{3}")
_LONGEST_LOOKUP_KEY = 200
_TAX_BEHAVIORS = ("exclusive", "inclusive", "unspecified")

# Fields of parts of Stripe that are not emulated: their resting state.
_AT_REST: Json = {
    "billing_scheme": "per_unit",
    "custom_unit_amount": None,
    "livemode": False,
    "lookup_key": None,
    "tiers_mode": None,
    "transform_quantity": None,
}


def create(work: Work, parameters: Parameters) -> Json:
    price = new_price(work, parameters)
    work.emit("price.created", price)
    return price


def new_price(work: Work, parameters: Parameters, *, inline: bool = False) -> Json:
    """Save a price, without an event; an inline one serves one checkout session and is inactive."""
    active = parameters.flag("active")
    recurring = _recurring(parameters.child("recurring"))
    behavior = parameters.choice("tax_behavior", _TAX_BEHAVIORS)
    price: Json = {
        "id": new_id("price_1"),
        "object": "price",
        **_AT_REST,
        "active": active is not False and not inline,
        "created": work.now,
        "currency": currency_of(parameters),
        "metadata": parameters.metadata(),
        "nickname": parameters.text("nickname"),
        "product": _product(work, parameters, inline=inline),
        "recurring": recurring,
        "tax_behavior": behavior or "unspecified",
        "type": "recurring" if recurring else "one_time",
        **_unit_amount(parameters),
    }
    if not inline:
        price["lookup_key"] = _claim_lookup_key(work, parameters, price["id"])
    return work.save(price)


def currency_of(parameters: Parameters) -> str:
    currency = parameters.required_text("currency").lower()
    if not _CURRENCY.fullmatch(currency):
        raise invalid_parameter(f"Invalid currency: {currency}", parameters.name("currency"))
    return currency


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get("price", identifier, "price")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    before = work.get("price", identifier, "price")
    price = dict(before)
    if (active := parameters.flag("active")) is not None:
        price["active"] = active
    if "nickname" in parameters:
        price["nickname"] = parameters.text("nickname", clearable=True)
    if (behavior := parameters.choice("tax_behavior", _TAX_BEHAVIORS)) is not None:
        price["tax_behavior"] = behavior
    claimed = _claim_lookup_key(work, parameters, identifier)
    if "lookup_key" in parameters:
        price["lookup_key"] = claimed
    price["metadata"] = parameters.metadata(price["metadata"])
    work.save(price)
    work.emit("price.updated", price, before)
    return price


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions: list[Condition] = [
        *created_within(parameters),
        *among("lookup_key", parameters.texts("lookup_keys")),
        *equal("active", parameters.flag("active")),
        *equal("product", parameters.text("product")),
        *equal("type", parameters.choice("type", ("one_time", "recurring"))),
    ]
    if (currency := parameters.text("currency")) is not None:
        conditions.append(("json_extract(body, '$.currency') = ?", currency.lower()))
    return page_of(work, "price", parameters, conditions, "/v1/prices")


def _product(work: Work, parameters: Parameters, *, inline: bool) -> str:
    identifier = parameters.text("product")
    data = parameters.child("product_data")
    if identifier is not None and data is not None:
        message = "You may only specify one of these parameters: product, product_data."
        raise invalid_parameter(message, parameters.name("product"))
    if data is not None:
        made = new_id("prod_") if inline else data.text("id") or new_id("prod_")
        product = products.new_product(work, made, data)
        if inline:
            product["active"] = False
            work.save(product)
        return made
    if identifier is None:
        raise missing(parameters.name("product"))
    return str(work.get("product", identifier, parameters.name("product"), 400)["id"])


def _recurring(parameters: Parameters | None) -> Json | None:
    if parameters is None:
        return None
    interval = parameters.choice("interval", ("day", "week", "month", "year"))
    if interval is None:
        raise missing(parameters.name("interval"))
    usage = parameters.choice("usage_type", ("licensed", "metered"))
    return {
        "interval": interval,
        "interval_count": parameters.integer("interval_count", least=1) or 1,
        "meter": parameters.text("meter"),
        "usage_type": usage or "licensed",
    }


def _unit_amount(parameters: Parameters) -> Json:
    amount = parameters.integer("unit_amount", least=0)
    if amount is None:
        raise missing(parameters.name("unit_amount"))
    if amount > money.MOST:
        message = f"Invalid integer: {amount}; must be no more than {money.MOST}"
        raise invalid_parameter(message, parameters.name("unit_amount"), "amount_too_large")
    return {"unit_amount": amount, "unit_amount_decimal": str(amount)}


def _claim_lookup_key(work: Work, parameters: Parameters, price: str) -> str | None:
    """Take the key from the price that holds it, if the call says that it may."""
    key = parameters.text("lookup_key", clearable=True, longest=_LONGEST_LOOKUP_KEY)
    transferred = parameters.flag("transfer_lookup_key")
    if key is None:
        return None
    for holder in work.select("price", [("lookup_key = ?", key)]):
        if holder["id"] == price:
            continue
        if not transferred:
            message = f"A price (`{holder['id']}`) already uses that lookup key."
            raise StripeError(message, param=parameters.name("lookup_key"))
        work.save({**holder, "lookup_key": None})
    return key
