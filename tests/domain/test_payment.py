"""What a payment's facts mean for an order."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.payment import PaymentOutcome, PaymentState, facts_of, judge
from domain.standing import (
    DisputeSeen,
    DisputeState,
    PaymentReceived,
    RefundSeen,
    RefundState,
)
from tests.making import payment

QUOTED = Money(3999, "EUR")
amounts = st.builds(Money, st.integers(0, 10**6), st.sampled_from(["EUR", "USD"]))


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (PaymentState.AWAITED, PaymentOutcome.WAITING),
        (PaymentState.SETTLING, PaymentOutcome.SETTLING),
        (PaymentState.PAID, PaymentOutcome.PAID),
        (PaymentState.FAILED, PaymentOutcome.FAILED),
        (PaymentState.EXPIRED, PaymentOutcome.EXPIRED),
    ],
)
def test_every_state_has_its_outcome(state: PaymentState, outcome: PaymentOutcome) -> None:
    assert judge(payment("o", QUOTED, state=state), QUOTED) is outcome


@pytest.mark.parametrize(
    "amount", [Money(3998, "EUR"), Money(4000, "EUR"), Money(0, "EUR"), Money(3999, "USD")]
)
def test_money_that_is_not_the_quotes_is_held(amount: Money) -> None:
    assert judge(payment("o", amount), QUOTED) is PaymentOutcome.HELD


OPEN, WON, LOST = (DisputeSeen("du_1", state) for state in DisputeState)
SENT_BACK = RefundSeen("re_1", 4000, 4000, RefundState.SENT)
CAME_BACK = replace(SENT_BACK, state=RefundState.FAILED)
HELD, PAID = PaymentOutcome.HELD, PaymentOutcome.PAID
REFUNDED, DISPUTED = PaymentOutcome.REFUNDED, PaymentOutcome.DISPUTED


@pytest.mark.parametrize(
    ("facts", "held", "approved"),
    [
        ({}, HELD, PAID),
        ({"disputes": (OPEN,)}, PaymentOutcome.HELD_DISPUTED, DISPUTED),
        ({"disputes": (WON,)}, HELD, PAID),
        ({"disputes": (LOST,)}, DISPUTED, DISPUTED),
        ({"refunds": (SENT_BACK,)}, REFUNDED, REFUNDED),
        ({"refunds": (SENT_BACK,), "disputes": (OPEN,)}, REFUNDED, REFUNDED),
        ({"refunds": (CAME_BACK,)}, HELD, PAID),
    ],
)
def test_what_became_of_a_payment_that_is_not_the_quotes(
    facts: dict[str, Any], held: PaymentOutcome, approved: PaymentOutcome
) -> None:
    paid = payment("o", Money(4000, "EUR"), **facts)
    assert judge(paid, QUOTED) is held
    assert judge(paid, QUOTED, paid.payment_intent_id) is approved
    received = PaymentReceived(paid.amount, paid.paid_at)
    assert received not in facts_of(paid, QUOTED)
    assert received in facts_of(paid, QUOTED, paid.payment_intent_id)
    assert set(facts_of(paid, QUOTED)) == {each for kind in facts.values() for each in kind}


@given(amounts, amounts, st.sampled_from(PaymentState))
def test_only_the_quotes_own_amount_ever_counts_as_paid(
    amount: Money, quoted: Money, state: PaymentState
) -> None:
    outcome = judge(payment("o", amount, state=state), quoted)
    paid_in_full = state is PaymentState.PAID and amount == quoted
    assert (outcome is PaymentOutcome.PAID) == paid_in_full
