"""Money: whole minor units, of one currency at a time."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import ZERO_DECIMAL, CurrencyMismatch, Money

minor_units = st.integers(min_value=-(10**12) + 1, max_value=10**12 - 1)
currencies = st.sampled_from(["EUR", "USD", "GBP", *sorted(ZERO_DECIMAL)])


@given(minor_units, currencies)
def test_an_amount_survives_the_way_to_major_units_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert type(money.major) is Decimal
    back = Money.from_major(money.major, currency)
    assert back == money
    assert type(back.minor) is int


@given(st.decimals(-(10**11), 10**11, places=3), currencies)
def test_an_amount_finer_than_the_currency_is_refused(amount: Decimal, currency: str) -> None:
    decimals = 0 if currency in ZERO_DECIMAL else 2
    if amount == round(amount, decimals):
        assert Money.from_major(amount, currency).major == amount
    else:
        with pytest.raises(ValueError, match="minor units"):
            Money.from_major(amount, currency)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+12", "1E+999999"])
def test_what_no_price_can_be_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match="no amount of money"):
        Money.from_major(Decimal(amount), "EUR")


@pytest.mark.parametrize("currency", ["KWD", "UGX"])
def test_what_stripe_counts_in_thousandths_or_both_ways_is_not_sold_in(currency: str) -> None:
    with pytest.raises(ValueError, match=currency):
        Money.from_major(Decimal(5), currency)


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(3999, "EUR"), "39.99 EUR"),
        (Money(5, "USD"), "0.05 USD"),
        (Money(4000, "EUR"), "40.00 EUR"),
        (Money(3999, "JPY"), "3999 JPY"),
    ],
)
def test_an_amount_is_told_in_major_units(money: Money, words: str) -> None:
    assert str(money) == words


@given(minor_units, minor_units, st.integers(1, 10), currencies)
def test_sums_and_multiples_are_exact(one: int, other: int, times: int, currency: str) -> None:
    assert Money(one, currency) + Money(other, currency) == Money(one + other, currency)
    assert Money(one, currency) * times == Money(one * times, currency)


def test_two_currencies_never_meet_in_a_sum() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
    assert Money(1, "EUR") != Money(1, "USD")


@pytest.mark.parametrize("code", ["", "eur", "EU", "EURO", "E1R", "ÄÖÜ", "EU "])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)
