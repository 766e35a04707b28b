"""What a payment's facts mean for an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.payment import PaymentOutcome, PaymentState, judge
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


@given(amounts, amounts, st.sampled_from(PaymentState))
def test_only_the_quotes_own_amount_ever_counts_as_paid(
    amount: Money, quoted: Money, state: PaymentState
) -> None:
    outcome = judge(payment("o", amount, state=state), quoted)
    paid_in_full = state is PaymentState.PAID and amount == quoted
    assert (outcome is PaymentOutcome.PAID) == paid_in_full
