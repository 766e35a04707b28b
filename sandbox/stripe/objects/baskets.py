"""What a checkout session is for: its line items, and the data of the payment to come."""

from sandbox.stripe import money
from sandbox.stripe.errors import Json, StripeError, invalid_parameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.objects import addresses, prices
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work

KIND = "sandbox.basket"  # our own: no answer shows it
_MOST_ITEMS, _MOST_PIECES = 100, 999_999


def create(work: Work, parameters: Parameters, session: str) -> Json:
    lines = parameters.children("line_items")
    if not lines:
        raise missing("line_items")
    if len(lines) > _MOST_ITEMS:
        message = f"You may only specify up to {_MOST_ITEMS} line items."
        raise invalid_parameter(message, "line_items")
    items = [_item(work, line) for line in lines]
    basket = {
        "id": session,
        "object": KIND,
        "created": work.now,
        "currency": items[0]["currency"],
        "items": items,
        "total": sum(item["amount_total"] for item in items),
        "payment_intent_data": _payment_intent_data(parameters),
    }
    _check_currencies(lines, items, parameters.text("currency"))
    _check_total(basket["total"], basket["currency"])
    return work.save(basket)


def of_session(work: Work, session: str) -> Json:
    return work.get(KIND, session)


def shown_items(work: Work, session: str) -> list[Json]:
    """Line items as the API shows them, each with its price as it is now."""
    items: list[Json] = of_session(work, session)["items"]
    return [item | {"price": work.get("price", item["price"])} for item in items]


def _item(work: Work, line: Parameters) -> Json:
    price = _price(work, line)
    quantity = line.integer("quantity", least=1, most=_MOST_PIECES)
    if quantity is None:
        raise missing(line.name("quantity"))
    product = work.get("product", price["product"])
    total = price["unit_amount"] * quantity
    return {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": line.metadata(),
        "price": price["id"],
        "quantity": quantity,
    }


def _price(work: Work, line: Parameters) -> Json:
    identifier = line.text("price")
    data = line.child("price_data")
    param = line.name("price")
    if (identifier is None) == (data is None):
        message = f"You must specify exactly one of {param} and price_data."
        raise invalid_parameter(message, param, "parameter_missing")
    if data is not None:
        price = prices.new_price(work, data, inline=True)
    else:
        price = _active_price(work, identifier or "", param)
    if price["recurring"] is not None:
        raise StripeError(
            "You specified `payment` mode but passed a recurring price. Either switch to "
            "`subscription` mode or use only one-time prices.",
            param=param,
        )
    return price


def _active_price(work: Work, identifier: str, param: str) -> Json:
    price = work.get("price", identifier, param, 400)
    product = work.get("product", price["product"])
    if not (price["active"] and product["active"]):
        culprit = "price" if not price["active"] else "product of the price"
        message = f"The {culprit} specified is inactive. This field only accepts active prices."
        raise StripeError(message, param=param)
    return price


def _payment_intent_data(parameters: Parameters) -> Json:
    data = parameters.child("payment_intent_data") or Parameters({})
    return {
        "metadata": data.metadata(),
        "description": data.text("description", longest=1000),
        "receipt_email": data.text("receipt_email", longest=800),
        "setup_future_usage": data.choice("setup_future_usage", ("off_session", "on_session")),
        "shipping": addresses.shipping(data.child("shipping")),
        "statement_descriptor": data.text("statement_descriptor", longest=22),
        "statement_descriptor_suffix": data.text("statement_descriptor_suffix", longest=22),
        "transfer_group": data.text("transfer_group"),
    }


def _check_currencies(lines: list[Parameters], items: list[Json], asked: str | None) -> None:
    expected = (asked or items[0]["currency"]).lower()
    for line, item in zip(lines, items, strict=True):
        if item["currency"] != expected:
            raise StripeError(
                f"The price specified only supports `{item['currency']}`. This doesn't match the "
                f"expected currency: `{expected}`.",
                param=line.name("price"),
            )


def _check_total(total: int, currency: str) -> None:
    if 0 < total < money.least(currency):
        least = money.formatted(money.least(currency), currency)
        message = f"The Checkout Session's total amount must be at least {least}."
        raise StripeError(message, code="amount_too_small", param="line_items")
    if total > money.MOST:
        most = money.formatted(money.MOST, currency)
        message = f"The Checkout Session's total amount must be no more than {most}."
        raise StripeError(message, code="amount_too_large", param="line_items")
