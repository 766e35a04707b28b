"""The emulator against Stripe's published OpenAPI document, and against its official library."""

import re
from pathlib import Path
from typing import Any

import pytest
from stripe import StripeObject

from sandbox import stripe as emulator
from sandbox.stripe.operations import OPERATIONS
from tests.sandbox.stripe import document, tour
from tests.sandbox.stripe.amendments import AMENDMENTS, PARAMETER_CHANGES, UNPUBLISHED
from tests.sandbox.stripe.inspection import Inspector
from tests.sandbox.stripe.receiver import Receiver, object_of
from tests.sandbox.stripe.shop import Shop, eventually

SOURCES = Path(emulator.__file__).parent.rglob("*.py")
# Event types in the emulator's code: "noun.verb", with one or two dots.
EMITTED = re.compile(
    r'"((?:charge|checkout|payment_intent|price|product|refund)(?:\.[a-z_]+){1,2})"'
)
NO_EVENTS = {"checkout.session"}


@pytest.fixture
async def toured(shop: Shop) -> Shop:
    await tour.take(shop)
    return shop


async def test_every_operation_answers_as_stripe_documents(
    toured: Shop, inspector: Inspector
) -> None:
    answered = {call.operation for call in inspector.calls if call.status == 200}
    refusing = {("POST", "/v1/refunds/{refund}/cancel")}  # nothing here can be cancelled
    published = {
        (method, document.template(path.replace("{id}", "x")))
        for method, path in OPERATIONS
        if (method, path) not in UNPUBLISHED
    }
    assert answered - {None} == published - refusing
    assert inspector.request_problems() == [
        f"{call.method} {call.path} is no operation of Stripe's"
        for call in inspector.calls
        if call.path.startswith("/v1/payment_pages/")
    ]


async def test_every_event_tells_what_stripe_documents(toured: Shop, receiver: Receiver) -> None:
    expected = {name for source in SOURCES for name in EMITTED.findall(source.read_text())}
    await eventually(lambda: expected - NO_EVENTS <= set(receiver.types))
    assert set(receiver.types) == expected - NO_EVENTS


async def test_every_object_has_only_fields_that_the_official_library_knows(
    toured: Shop, receiver: Receiver
) -> None:
    await eventually(lambda: "charge.dispute.closed" in receiver.types)
    for event in receiver.events:
        thing: Any = object_of(event)
        assert set(thing.to_dict(recursive=False)) - _fields(type(thing)) == set(), event.type


async def test_every_reference_that_stripe_documents_can_be_expanded(toured: Shop) -> None:
    v1 = toured.client.v1
    services: list[Any] = [
        *(v1.checkout.sessions, v1.payment_intents, v1.charges, v1.refunds, v1.disputes),
        *(v1.products, v1.prices),
    ]
    for service in services:
        thing = (await service.list_async({"limit": 1})).data[0]
        properties = document.published()["components"]["schemas"][thing.object]["properties"]
        references = [key for key in properties if "x-expansionResources" in properties[key]]
        expanded = await service.retrieve_async(thing.id, {"expand": references})
        named, whole = thing.to_dict(recursive=False), expanded.to_dict(recursive=False)
        held = {key for key in references if named.get(key) is not None}
        assert held == {key for key in references if isinstance(whole.get(key), StripeObject)}


def test_every_amendment_is_one_and_the_official_library_has_it() -> None:
    for amendment in AMENDMENTS:
        published = document.published()["components"]["schemas"][amendment.schema]
        assert amendment.fields.keys() & published["properties"].keys() == set()
        assert amendment.fields.keys() - _fields(amendment.kind) == set()
    for change in PARAMETER_CHANGES:
        form = document.operation(*change.operation)["requestBody"]["content"][document.FORM]
        assert (change.name in form["schema"]["properties"]) == (change.schema is None)


def _fields(kind: type) -> set[str]:
    """What a class of the official library declares; a name that Python keeps ends in _ there."""
    names = {name for each in kind.__mro__ for name in vars(each).get("__annotations__", {})}
    return {name.removesuffix("_") for name in names}
