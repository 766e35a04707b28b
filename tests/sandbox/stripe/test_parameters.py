"""Every parameter that Stripe documents is taken, or refused as one that is not emulated."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.stripe.operations import OPERATIONS
from tests.sandbox.stripe import document
from tests.sandbox.stripe.amendments import UNPUBLISHED
from tests.sandbox.stripe.shop import Shop

Json = dict[str, Any]
Form = dict[str, str]
UNKNOWN = "Received unknown parameter"

Maker = Callable[[Shop], Awaitable[tuple[str, Form]]]
"""Gives the id that a call is about, and a form with which it succeeds."""


async def _nothing(shop: Shop) -> tuple[str, Form]:
    return "", {}


async def _product(shop: Shop) -> tuple[str, Form]:
    return (await shop.client.v1.products.create_async({"name": "A"})).id, {}


async def _new_product(shop: Shop) -> tuple[str, Form]:
    return "", {"name": "A"}


async def _price(shop: Shop) -> tuple[str, Form]:
    return await shop.price(), {}


async def _new_price(shop: Shop) -> tuple[str, Form]:
    return "", {"currency": "eur", "unit_amount": "1999", "product": (await _product(shop))[0]}


async def _session(shop: Shop) -> tuple[str, Form]:
    return (await shop.session()).id, {}


async def _new_session(shop: Shop) -> tuple[str, Form]:
    line = {"line_items[0][price]": await shop.price(), "line_items[0][quantity]": "1"}
    return "", {"mode": "payment", "success_url": "https://shop.example", **line}


async def _intent(shop: Shop) -> tuple[str, Form]:
    return (await shop.intent()).id, {}


async def _new_intent(shop: Shop) -> tuple[str, Form]:
    return "", {"amount": "1999", "currency": "eur"}


async def _payable_intent(shop: Shop) -> tuple[str, Form]:
    return (await shop.intent()).id, {"payment_method": "pm_card_visa"}


async def _held_intent(shop: Shop) -> tuple[str, Form]:
    return (await shop.intent("pm_card_visa", capture_method="manual")).id, {}


async def _new_method(shop: Shop) -> tuple[str, Form]:
    return "", {"type": "card", "card[token]": "tok_visa"}


async def _method(shop: Shop) -> tuple[str, Form]:
    charge = await shop.charge_of((await shop.intent("pm_card_visa")).id)
    return str(charge.payment_method), {}


async def _charge(shop: Shop) -> tuple[str, Form]:
    return (await shop.charge_of((await shop.intent("pm_card_visa")).id)).id, {}


async def _new_refund(shop: Shop) -> tuple[str, Form]:
    return "", {"payment_intent": (await shop.intent("pm_card_visa")).id}


async def _refund(shop: Shop) -> tuple[str, Form]:
    _, given = await _new_refund(shop)
    intent = given["payment_intent"]
    return (await shop.client.v1.refunds.create_async({"payment_intent": intent})).id, {}


async def _dispute(shop: Shop) -> tuple[str, Form]:
    return (await shop.dispute_of(await shop.intent("pm_card_createDispute"))).id, {}


async def _event(shop: Shop) -> tuple[str, Form]:
    await _product(shop)
    return (await shop.client.v1.events.list_async()).data[0].id, {}


MAKERS: dict[str, Maker] = {
    "POST /v1/products": _new_product,
    "POST /v1/prices": _new_price,
    "POST /v1/checkout/sessions": _new_session,
    "POST /v1/payment_intents": _new_intent,
    "POST /v1/payment_intents/{id}/confirm": _payable_intent,
    "POST /v1/payment_intents/{id}/capture": _held_intent,
    "POST /v1/payment_methods": _new_method,
    "POST /v1/refunds": _new_refund,
    "/v1/products/{": _product,
    "/v1/prices/{": _price,
    "/v1/checkout/sessions/{": _session,
    "/v1/payment_intents/{": _intent,
    "/v1/payment_methods/{": _method,
    "/v1/charges/{": _charge,
    "/v1/refunds/{": _refund,
    "/v1/disputes/{": _dispute,
    "/v1/events/{": _event,
}
CALLS = [call for call in OPERATIONS if call not in UNPUBLISHED]


@dataclass
class Asker:
    """Makes one call again and again, each time with one more parameter than it needs."""

    shop: Shop
    method: str
    path: str
    thing: str = ""
    form: Form = field(default_factory=dict)
    fresh: bool = False
    not_understood: list[str] = field(default_factory=list)

    async def try_all(self, properties: Json, prefix: str = "") -> None:
        for key, schema in properties.items():
            name = f"{prefix}[{key}]" if prefix else key
            for choice in schema.get("anyOf", [schema]):
                await self.try_one(name, choice)

    async def try_one(self, name: str, schema: Json) -> None:
        message = await self.ask(dict(_sample(name, schema)))
        if message.startswith(UNKNOWN):
            self.not_understood.append(message)
        if not message.endswith(f": {name}"):  # refused, with all that may be in it
            await self.try_all(schema.get("properties", {}), name)
            await self.try_all(schema.get("items", {}).get("properties", {}), f"{name}[0]")

    async def ask(self, more: Form) -> str:
        """The refusal's message; empty where the call succeeds."""
        if not self.fresh:
            self.thing, self.form = await _maker(self.method, self.path)(self.shop)
        path = self.path.replace("{id}", self.thing)
        answer = await self.shop.ask(self.method, path, {**self.form, **more})
        self.fresh = answer.status_code != 200  # what was refused has changed nothing
        return "" if answer.status_code == 200 else str(answer.json()["error"]["message"])


@pytest.mark.parametrize(("method", "path"), CALLS, ids=[" ".join(call) for call in CALLS])
async def test_no_documented_parameter_is_unknown(shop: Shop, method: str, path: str) -> None:
    published = document.template(path.replace("{id}", "x"))
    assert published is not None
    asker = Asker(shop, method, path)
    await asker.try_all(document.parameters(method, published).get("properties", {}))
    assert asker.not_understood == []


def _maker(method: str, path: str) -> Maker:
    found = [make for key, make in MAKERS.items() if path.startswith(key)]
    return MAKERS.get(f"{method} {path}") or (found[0] if found else _nothing)


def _sample(name: str, schema: Json) -> Iterator[tuple[str, str]]:
    """Form fields for a parameter: some value of its type, its first field where it is a hash."""
    match schema.get("anyOf", [schema])[0]:
        case {"type": "object", "properties": properties}:
            key, inner = next(iter(properties.items()))
            yield from _sample(f"{name}[{key}]", inner)
        case {"type": "object"}:
            yield f"{name}[key]", "value"
        case {"type": "array", "items": items}:
            yield from _sample(f"{name}[0]", items)
        case {"enum": [first, *_]}:
            yield name, first
        case {"type": "integer" | "number"}:
            yield name, "1"
        case {"type": "boolean"}:
            yield name, "true"
        case _:
            yield name, "x"
