"""Orders: their ids, and the states that lead to each other."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order import (
    OrderStatus,
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


def test_an_item_has_its_orders_id_and_line() -> None:
    assert order_item_id("ord_abc", 0) == "itm_abc_0"
    assert order_item_id("ord_abc", 12) == "itm_abc_12"


PENDING, PAID, COMPLETED, CANCELLED, FAILED, REFUNDED, DISPUTED = OrderStatus
STEPS = {
    (PENDING, PAID),
    (PENDING, CANCELLED),
    (PENDING, FAILED),
    (CANCELLED, PAID),
    (FAILED, PAID),
    (PAID, COMPLETED),
    (PAID, REFUNDED),
    (PAID, DISPUTED),
    (COMPLETED, REFUNDED),
    (COMPLETED, DISPUTED),
    (DISPUTED, REFUNDED),
}


def test_an_order_takes_these_steps_and_no_others() -> None:
    taken = {(old, new) for old, new in product(OrderStatus, repeat=2) if old in new.predecessors}
    assert taken == STEPS


def _reachable(start: OrderStatus) -> set[OrderStatus]:
    found: set[OrderStatus] = set()
    edge = {start}
    while edge:
        edge = {new for old, new in STEPS if old in edge} - found
        found |= edge
    return found


def test_nothing_leads_back_to_pending() -> None:
    assert PENDING not in set().union(*map(_reachable, OrderStatus))


@pytest.mark.parametrize("status", [PAID, COMPLETED, REFUNDED, DISPUTED])
def test_money_that_came_is_never_forgotten(status: OrderStatus) -> None:
    assert not _reachable(status) & {PENDING, CANCELLED, FAILED}


def test_a_refund_is_the_last_word() -> None:
    assert _reachable(REFUNDED) == set()


@pytest.mark.parametrize("email", [" A@Example.COM ", "a@example.com\n", "\ta@EXAMPLE.com"])
def test_an_address_is_compared_without_case_and_surrounding_space(email: str) -> None:
    assert normalized_email(email) == "a@example.com"
