"""The quote: what a cart costs, or every reason why it cannot be sold."""

from datetime import timedelta

import pytest

from domain.beat import ListedBeat
from domain.cart import Cart, CartLine, Quote, QuoteLine, quote
from domain.errors import CartProblem, CartReason, CartRefused
from domain.money import Money
from tests.making import NOW, TRACKOUT, UNLIMITED, WAV, listed, price_id, prices

DUSK_WAV = price_id("dusk", WAV)


def quoted(*lines: CartLine, beats: tuple[ListedBeat, ...] = (listed(),)) -> Quote:
    return quote(Cart(lines), beats, NOW)


def problems(*lines: CartLine, beats: tuple[ListedBeat, ...]) -> list[CartProblem]:
    with pytest.raises(CartRefused) as refused:
        quoted(*lines, beats=beats)
    return list(refused.value.problems)


BY_PRICE = CartLine(1, DUSK_WAV)
BY_BEAT = CartLine(1, beat_id="dusk", license_type=TRACKOUT)


@pytest.mark.parametrize(
    ("line", "beat", "reason", "subject"),
    [
        (CartLine(1, "price_x"), listed(), CartReason.UNKNOWN_PRICE, "price_x"),
        (CartLine(1, None, "dawn", WAV), listed(), CartReason.UNKNOWN_BEAT, "dawn"),
        (CartLine(1, None, "dusk"), listed(), CartReason.ITEM_UNIDENTIFIED, "Dusk"),
        (CartLine(1, None, None, WAV), listed(), CartReason.ITEM_UNIDENTIFIED, "this item"),
        (CartLine(1, DUSK_WAV, "dawn"), listed(), CartReason.BEAT_MISMATCH, "Dusk"),
        (CartLine(1, DUSK_WAV, None, UNLIMITED), listed(), CartReason.LICENSE_MISMATCH, "Dusk"),
        (BY_PRICE, listed(is_active=False), CartReason.BEAT_WITHDRAWN, "Dusk"),
        (
            BY_PRICE,
            listed(releases_at=NOW + timedelta(seconds=1)),
            CartReason.BEAT_NOT_RELEASED,
            "Dusk",
        ),
        (BY_BEAT, listed(prices=prices("dusk", WAV)), CartReason.LICENSE_NOT_OFFERED, "Dusk"),
        (BY_BEAT, listed(has_stems=False), CartReason.STEMS_UNAVAILABLE, "Dusk"),
    ],
)
def test_a_line_that_cannot_be_sold_says_why(
    line: CartLine, beat: ListedBeat, reason: CartReason, subject: str
) -> None:
    assert problems(line, beats=(beat,)) == [CartProblem(0, reason, subject)]


def test_the_same_license_of_a_beat_in_two_lines_is_refused_at_each_repeat() -> None:
    lines = [BY_PRICE, CartLine(2, None, "dusk", WAV), CartLine(1, DUSK_WAV, "dusk", WAV)]
    assert problems(*lines, beats=(listed(),)) == [
        CartProblem(1, CartReason.DUPLICATE_ITEM, "Dusk"),
        CartProblem(2, CartReason.DUPLICATE_ITEM, "Dusk"),
    ]


def test_a_cart_has_one_currency() -> None:
    dawn = listed("dawn", prices=prices("dawn", currency="USD"))
    lines = [BY_PRICE, CartLine(1, price_id("dawn", WAV)), BY_BEAT]
    assert problems(*lines, beats=(listed(), dawn)) == [
        CartProblem(1, CartReason.MIXED_CURRENCIES, "Dawn")
    ]


def test_every_line_at_fault_is_named_with_its_number() -> None:
    dawn = listed("dawn", is_active=False)
    lines = [CartLine(1, "price_x"), BY_PRICE, CartLine(1, None, "dawn", WAV), CartLine(1)]
    assert problems(*lines, beats=(listed(), dawn)) == [
        CartProblem(0, CartReason.UNKNOWN_PRICE, "price_x"),
        CartProblem(2, CartReason.BEAT_WITHDRAWN, "Dawn"),
        CartProblem(3, CartReason.ITEM_UNIDENTIFIED, "this item"),
    ]


def test_a_quote_names_price_license_and_total_of_each_line() -> None:
    found = quoted(CartLine(3, DUSK_WAV), CartLine(2, None, "dusk", UNLIMITED))
    assert found.lines == (
        QuoteLine("dusk", "Dusk", WAV, DUSK_WAV, 3, Money(1999, "EUR")),
        QuoteLine("dusk", "Dusk", UNLIMITED, price_id("dusk", UNLIMITED), 2, Money(7999, "EUR")),
    )
    assert [line.total for line in found.lines] == [Money(5997, "EUR"), Money(15998, "EUR")]
    assert found.total == Money(21995, "EUR")


def test_two_licenses_of_one_beat_stand_in_one_cart() -> None:
    found = quoted(BY_PRICE, BY_BEAT)
    assert [line.license_type for line in found.lines] == [WAV, TRACKOUT]


def test_all_that_names_a_line_may_be_given_when_it_agrees() -> None:
    assert quoted(CartLine(1, DUSK_WAV, "dusk", WAV)) == quoted(CartLine(1, DUSK_WAV))


def test_a_beat_is_sold_from_the_very_moment_of_its_release() -> None:
    assert quoted(BY_PRICE, beats=(listed(releases_at=NOW),)).total == Money(1999, "EUR")


@pytest.mark.parametrize("count", [0, 51])
def test_a_cart_has_one_to_fifty_lines(count: int) -> None:
    Cart((BY_PRICE,) * 50)
    with pytest.raises(ValueError, match="1 to 50 lines"):
        Cart((BY_PRICE,) * count)


@pytest.mark.parametrize("quantity", [-1, 0, 11])
def test_a_quantity_is_one_to_ten(quantity: int) -> None:
    Cart((CartLine(10, DUSK_WAV),))
    with pytest.raises(ValueError, match="1 to 10"):
        Cart((CartLine(quantity, DUSK_WAV),))
