"""Nested forms, as Stripe's clients write them."""

import pytest

from sandbox.stripe.errors import StripeError
from sandbox.stripe.forms import parse_form


def test_numbered_lists_and_hashes_nest() -> None:
    form = "items[0][price]=p1&items[1][price]=p2&metadata[order_id]=o&mode=payment"
    assert parse_form(form) == {
        "items": {"0": {"price": "p1"}, "1": {"price": "p2"}},
        "metadata": {"order_id": "o"},
        "mode": "payment",
    }


def test_empty_brackets_append() -> None:
    assert parse_form("expand[]=a&expand[]=b") == {"expand": {"0": "a", "1": "b"}}


def test_empty_brackets_begin_a_new_hash_when_a_key_comes_again() -> None:
    form = "items[][price]=p1&items[][quantity]=1&items[][price]=p2&items[][quantity]=2"
    assert parse_form(form) == {
        "items": {"0": {"price": "p1", "quantity": "1"}, "1": {"price": "p2", "quantity": "2"}}
    }


def test_percent_signs_and_plus_signs_are_decoded() -> None:
    assert parse_form("a%5Bb%5D=x+y%26z") == {"a": {"b": "x y&z"}}


@pytest.mark.parametrize("form", ["a=1&a[b]=2", "a" + "[b]" * 40 + "=1", "a=%ff"])
def test_what_can_not_be_a_tree_is_refused(form: str) -> None:
    with pytest.raises(StripeError):
        parse_form(form)
