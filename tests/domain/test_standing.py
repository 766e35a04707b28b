"""Facts of money and files, in any order and any number of times, and the status they give."""

from dataclasses import replace
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.order import OrderStatus
from domain.standing import (
    DisputeSeen,
    DisputeState,
    DownloadsGranted,
    Fact,
    GivenUp,
    MoneyReturned,
    PaymentReceived,
    Standing,
)

TOTAL = Money(3999, "EUR")
NOTHING = Standing(refunded=Money(0, "EUR"))
PENDING, PAID, COMPLETED, CANCELLED, FAILED, REFUNDED, DISPUTED = OrderStatus
OPEN, WON, LOST = DisputeState

PAYMENT, GRANT = PaymentReceived(TOTAL, None), DownloadsGranted()
EXPIRY, FAILURE = GivenUp(CANCELLED), GivenUp(FAILED)
PART, WHOLE = MoneyReturned(Money(1000, "EUR"), False), MoneyReturned(TOTAL, True)


def dispute(state: DisputeState, dispute_id: str = "du_1") -> DisputeSeen:
    return DisputeSeen(dispute_id, state)


def standing_of(facts: tuple[Fact, ...] | list[Fact]) -> Standing:
    return reduce(Standing.after, facts, NOTHING)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ((), PENDING),
        ((EXPIRY,), CANCELLED),
        ((FAILURE,), FAILED),
        ((FAILURE, EXPIRY), FAILED),
        ((PAYMENT,), PAID),
        ((EXPIRY, PAYMENT), PAID),
        ((FAILURE, PAYMENT, GRANT), COMPLETED),
        ((PAYMENT, GRANT), COMPLETED),
        ((PAYMENT, GRANT, PART), COMPLETED),
        ((PAYMENT, GRANT, PART, WHOLE), REFUNDED),
        ((PAYMENT, WHOLE), REFUNDED),
        ((PAYMENT, GRANT, dispute(OPEN)), DISPUTED),
        ((PAYMENT, GRANT, dispute(OPEN), dispute(WON)), COMPLETED),
        ((PAYMENT, dispute(OPEN), dispute(WON)), PAID),
        ((PAYMENT, GRANT, dispute(OPEN), dispute(LOST)), DISPUTED),
        ((PAYMENT, GRANT, dispute(WON), dispute(OPEN, "du_2")), DISPUTED),
        ((PAYMENT, GRANT, WHOLE, dispute(OPEN)), REFUNDED),
    ],
)
def test_these_facts_give_this_status_whichever_came_first(
    facts: tuple[Fact, ...], status: OrderStatus
) -> None:
    assert {standing_of(each).status for each in permutations(facts)} == {status}


money = st.integers(0, TOTAL.minor).map(lambda minor: Money(minor, "EUR"))
facts = st.one_of(
    st.just(PAYMENT),
    st.just(GRANT),
    st.sampled_from([EXPIRY, FAILURE]),
    st.builds(MoneyReturned, money, st.just(False)),
    st.just(WHOLE),
    st.builds(DisputeSeen, st.sampled_from(["du_1", "du_2"]), st.sampled_from(DisputeState)),
)


@given(st.data(), st.lists(facts, max_size=8))
def test_the_set_of_facts_alone_decides(data: st.DataObject, told: list[Fact]) -> None:
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=8)) if told else []
    shuffled = data.draw(st.permutations([*told, *repeats]))
    assert standing_of(shuffled) == standing_of(told)


@given(st.lists(facts, max_size=8), facts)
def test_a_fact_that_is_known_changes_nothing(told: list[Fact], fact: Fact) -> None:
    known = standing_of([*told, fact])
    assert known.after(fact) == known


@given(st.lists(facts, max_size=8), facts)
def test_paid_is_never_unpaid_again_and_refunded_stays_so(told: list[Fact], fact: Fact) -> None:
    before, after = standing_of(told), standing_of([*told, fact])
    assert after.is_paid >= before.is_paid
    assert after.is_granted >= before.is_granted
    assert after.refunded.minor >= before.refunded.minor
    if before.status is REFUNDED:
        assert after.status is REFUNDED
    if not before.status.is_unpaid:
        assert not after.status.is_unpaid


@given(st.lists(facts, max_size=8))
def test_files_are_open_only_for_money_that_came_and_stayed(told: list[Fact]) -> None:
    standing = standing_of(told)
    if standing.status is COMPLETED:
        assert standing.is_paid
        assert standing.is_granted
        assert not standing.is_refunded_in_full
        assert set(standing.disputes.values()) <= {WON}


def test_a_standing_is_not_changed_in_place() -> None:
    before = standing_of([PAYMENT, dispute(OPEN)])
    copy = replace(before, disputes=dict(before.disputes))
    before.after(dispute(LOST))
    assert before == copy
