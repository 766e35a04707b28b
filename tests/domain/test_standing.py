"""Facts of money and files, in any order and any number of times, and the status they give."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.order import OrderStatus
from domain.standing import (
    NEVER,
    UNNAMED,
    DisputeSeen,
    DisputeState,
    DownloadsGranted,
    Fact,
    GivenUp,
    PaymentReceived,
    RefundSeen,
    RefundState,
    Standing,
)

TOTAL = Money(3999, "EUR")
NOTHING = Standing(TOTAL)
PENDING, PAID, COMPLETED, CANCELLED, FAILED, REFUNDED, DISPUTED = OrderStatus
OPEN, WON, LOST = DisputeState

PAYMENT, GRANT = PaymentReceived(TOTAL, None), DownloadsGranted()
EXPIRY, FAILURE = GivenUp(CANCELLED), GivenUp(FAILED)
SENT, FAILED_AGAIN = RefundState


def dispute(state: DisputeState, dispute_id: str = "du_1", day: int | None = None) -> DisputeSeen:
    seen_at = NEVER if day is None else datetime(2026, 11, day, tzinfo=UTC)
    return DisputeSeen(dispute_id, state, seen_at)


def refund(
    minor: int = TOTAL.minor,
    state: RefundState = SENT,
    refund_id: str = "re_1",
    wish: str | None = None,
) -> RefundSeen:
    return RefundSeen(refund_id, minor, TOTAL.minor, state, wish)


PART, WHOLE = refund(1000), refund(refund_id="re_9")


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
        ((PAYMENT, GRANT, dispute(OPEN, day=1), dispute(WON, day=2)), COMPLETED),
        ((PAYMENT, GRANT, dispute(LOST, day=1), dispute(WON, day=2)), COMPLETED),  # withdrawn
        ((PAYMENT, GRANT, dispute(WON, day=1), dispute(OPEN, day=2)), DISPUTED),  # an appeal
        ((PAYMENT, GRANT, dispute(WON, day=1), dispute(LOST, day=2)), DISPUTED),
        ((PAYMENT, GRANT, dispute(LOST), dispute(WON, day=2)), COMPLETED),
        ((PAYMENT, GRANT, WHOLE, dispute(OPEN)), REFUNDED),
        ((PAYMENT, GRANT, refund(1000), refund(2999, SENT, "re_2")), REFUNDED),
        ((PAYMENT, GRANT, refund(), refund(state=FAILED_AGAIN)), COMPLETED),
        ((PAYMENT, refund(state=FAILED_AGAIN)), PAID),
        ((PAYMENT, GRANT, refund(state=FAILED_AGAIN), refund(refund_id="re_2")), REFUNDED),
        ((PAYMENT, GRANT, refund(), refund(state=FAILED_AGAIN), dispute(OPEN)), DISPUTED),
        # What was paid is not what was quoted, and so not received.
        ((dispute(OPEN),), DISPUTED),
        ((dispute(OPEN), dispute(WON)), PENDING),
        ((dispute(LOST), GRANT), DISPUTED),
        ((refund(), refund(state=FAILED_AGAIN)), PENDING),
    ],
)
def test_these_facts_give_this_status_whichever_came_first(
    facts: tuple[Fact, ...], status: OrderStatus
) -> None:
    assert {standing_of(each).status for each in permutations(facts)} == {status}


# A refund's amount, and what it was made for, never change at Stripe.
REFUNDS = {"re_1": (1000, None), "re_2": (1000, "w"), "re_3": (999, "w"), "re_4": (3999, None)}
refunds = st.builds(
    lambda refund_id, state: refund(REFUNDS[refund_id][0], state, refund_id, REFUNDS[refund_id][1]),
    st.sampled_from(sorted(REFUNDS)),
    st.sampled_from(RefundState),
)
facts = st.one_of(
    st.just(PAYMENT),
    st.just(GRANT),
    st.sampled_from([EXPIRY, FAILURE]),
    refunds,
    st.builds(
        dispute,
        st.sampled_from(DisputeState),
        st.sampled_from(["du_1", "du_2"]),
        st.none() | st.integers(1, 3),
    ),
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
def test_paid_is_never_unpaid_again_and_only_a_failed_refund_brings_money_back(
    told: list[Fact], fact: Fact
) -> None:
    before, after = standing_of(told), standing_of([*told, fact])
    assert after.is_paid >= before.is_paid
    assert after.is_granted >= before.is_granted
    if isinstance(fact, RefundSeen) and fact.state is FAILED_AGAIN:
        assert after.refunded.minor <= before.refunded.minor
    else:
        assert after.refunded.minor >= before.refunded.minor
        assert before.status is not REFUNDED or after.status is REFUNDED
    if before.is_paid:
        assert not after.status.is_unpaid


@given(st.lists(refunds, max_size=8))
def test_what_has_gone_back_is_the_sum_of_the_refunds_that_did_not_fail(
    told: list[RefundSeen],
) -> None:
    failed = {seen.refund_id for seen in told if seen.state is FAILED_AGAIN}
    sent = {seen.refund_id: seen.minor for seen in told if seen.refund_id not in failed}
    standing = standing_of([PAYMENT, *told])
    assert standing.refunded.minor == min(sum(sent.values()), TOTAL.minor)
    assert standing.is_refunded_in_full == (standing.refunded == TOTAL)


def test_a_share_of_another_amount_is_the_same_share_of_the_orders() -> None:
    dearer = RefundSeen("re_1", 2000, 4000, SENT)
    rest = RefundSeen("re_2", 2000, 4000, SENT)
    assert standing_of([PAYMENT, dearer]).refunded == Money(1999, "EUR")
    assert standing_of([PAYMENT, dearer, rest]).refunded == TOTAL


@pytest.mark.parametrize(
    ("told", "unmet"),
    [
        ([], set()),
        ([refund(1000)], set()),
        ([refund(1000, FAILED_AGAIN)], {"re_1"}),
        ([refund(1000, FAILED_AGAIN, wish="w"), refund(1000, SENT, "re_2", "w")], set()),
        ([refund(1000, FAILED_AGAIN, wish="w"), refund(500, SENT, "re_2", "v")], {"re_1"}),
        ([refund(1000, FAILED_AGAIN), refund(1000, SENT, "re_2")], {"re_1"}),  # for another reason
        ([refund(1000, FAILED_AGAIN), refund(3999, SENT, "re_2")], set()),
    ],
)
def test_a_failed_refund_is_unmet_until_its_wish_is_granted(
    told: list[RefundSeen], unmet: set[str]
) -> None:
    for order in permutations(told):
        assert standing_of([PAYMENT, *order]).unmet == unmet


def test_a_refund_with_a_name_stands_for_what_was_known_by_its_sum() -> None:
    before = Standing(TOTAL, is_paid=True, is_granted=True, refunds={UNNAMED: PART})
    assert (before.refunded, before.status) == (Money(1000, "EUR"), COMPLETED)
    named = before.after(PART)
    assert named.refunded == Money(1000, "EUR")
    assert named.after(refund(1000, FAILED_AGAIN)).refunded == Money(0, "EUR")


@given(st.lists(facts, max_size=8))
def test_files_are_open_only_for_money_that_came_and_stayed(told: list[Fact]) -> None:
    standing = standing_of(told)
    if standing.status is COMPLETED:
        assert standing.is_paid
        assert standing.is_granted
        assert not standing.is_refunded_in_full
        assert {each.state for each in standing.disputes.values()} <= {WON}


def test_a_standing_is_not_changed_in_place() -> None:
    before = standing_of([PAYMENT, dispute(OPEN)])
    copy = replace(before, disputes=dict(before.disputes))
    before.after(dispute(LOST))
    assert before == copy
