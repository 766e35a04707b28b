"""The inspection itself: what differs from Stripe's document does not slip through."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.stripe.inspection import Call, Inspector, event_problems
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop, eventually

Json = dict[str, Any]


@pytest.fixture
async def opening(shop: Shop, inspector: Inspector) -> Call:
    """The call that opened a session."""
    await shop.session(expand=["line_items.data.price.product"])
    return inspector.calls[-1]


def test_a_true_call_is_left_in_peace(opening: Call) -> None:
    assert (opening.request_problems(), opening.answer_problems()) == ([], [])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda session: session.update(flavour="sweet"), "flavour"),
        (lambda session: session.pop("payment_intent"), "payment_intent"),
        (lambda session: session.update(status="half open"), "half open"),
        (lambda session: session.update(amount_total="3999"), "amount_total"),
        (lambda session: session["line_items"]["data"][0].pop("quantity"), "quantity"),
        (lambda session: session["line_items"]["data"][0]["price"].pop("active"), "active"),
    ],
)
def test_an_answer_that_differs_is_found(
    opening: Call, spoil: Callable[[Json], None], complaint: str
) -> None:
    session = json.loads(opening.body)
    spoil(session)
    found = replace(opening, body=json.dumps(session).encode()).answer_problems()
    assert any(complaint in each for each in found), found


@pytest.mark.parametrize(
    "wrong",
    [
        "flavour=sweet",
        "mode=gift",
        "expires_at=soon",
        "payment_intent_data[flavour]=sweet",
        "line_items[0][quantity]=many",
        "payment_method_types[0]=card",
    ],
)
def test_a_request_that_differs_is_found(opening: Call, wrong: str) -> None:
    assert replace(opening, form=f"{opening.form}&{wrong}").request_problems() != []


def test_an_operation_that_stripe_does_not_have_is_found(opening: Call) -> None:
    elsewhere = replace(opening, path="/v1/checkout/baskets")
    assert elsewhere.request_problems() != []
    assert elsewhere.answer_problems() != []


async def test_an_event_that_differs_is_found(shop: Shop, receiver: Receiver) -> None:
    await shop.price()
    await eventually(lambda: receiver.bodies)
    spoils: list[Callable[[Json], object]] = [
        lambda event: event.update(type="price.invented"),
        lambda event: event.pop("api_version"),
        lambda event: event["data"]["object"].pop("nickname"),
    ]
    for spoil in spoils:
        event = json.loads(receiver.bodies[0])
        assert event_problems(event) == []
        spoil(event)
        assert event_problems(event) != []
