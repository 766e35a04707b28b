"""Orders: their ids, and the states that lead to each other."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order import (
    OrderStatus,
    is_order_id,
    new_order_id,
    normalized_email,
    order_id_for,
    order_item_id,
)

ORDER_ID = re.compile(r"ord_[a-z2-7]{26}")
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=255)


@given(keys, keys)
def test_a_key_always_gives_its_own_order_id(one: str, other: str) -> None:
    assert ORDER_ID.fullmatch(order_id_for(one))
    assert order_id_for(one) == order_id_for(one)
    assert (order_id_for(one) == order_id_for(other)) == (one == other)


def test_order_ids_stay_the_same_from_release_to_release() -> None:
    assert order_id_for("0f8fad5b-d9cb-469f") == "ord_wuqd2b3in4z5vvr6op5jvj4jl2"


def test_fresh_order_ids_do_not_repeat_and_use_every_letter_in_every_place() -> None:
    made = {new_order_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(ORDER_ID.fullmatch(order_id) for order_id in made)
    letters = [{order_id[place] for order_id in made} for place in range(4, 30)]
    assert [len(found) for found in letters] == [32] * 26


def test_what_is_no_order_id_is_told_from_one() -> None:
    assert all(is_order_id(made) for made in (new_order_id(), order_id_for("a key")))
    for other in ("", "ord_", "jane@example.com", f"{new_order_id()}x", new_order_id().upper()):
        assert not is_order_id(other)


def test_an_item_has_its_orders_id_and_line() -> None:
    assert order_item_id("ord_abc", 0) == "itm_abc_0"
    assert order_item_id("ord_abc", 12) == "itm_abc_12"


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_is_unpaid_until_money_is_known_of(status: OrderStatus) -> None:
    assert status.is_unpaid == (status in ("PENDING", "CANCELLED", "FAILED"))


@pytest.mark.parametrize("email", [" A@Example.COM ", "a@example.com\n", "\ta@EXAMPLE.com"])
def test_an_address_is_compared_without_case_and_surrounding_space(email: str) -> None:
    assert normalized_email(email) == "a@example.com"
