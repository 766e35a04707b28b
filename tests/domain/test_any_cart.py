"""What holds for every cart and every catalogue."""

from datetime import timedelta
from random import Random
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from domain.beat import ListedBeat, Price
from domain.cart import Cart, CartLine, Quote, quote
from domain.errors import CartRefused
from domain.license import LicenseType
from domain.money import Money
from tests.making import NOW, WAV, price_id

BEAT_IDS = ["dusk", "dawn", "noon"]
license_types = st.sampled_from(LicenseType)
Value = TypeVar("Value")


def rarely(draw: st.DrawFn, usual: Value, *others: Value) -> Value:
    """Something else than usual once in ten times, so that most carts have at most one fault."""
    return draw(st.sampled_from(others)) if draw(st.integers(0, 9)) == 9 else usual


@st.composite
def catalogues(draw: st.DrawFn) -> list[ListedBeat]:
    amounts = st.integers(min_value=1, max_value=10**6)
    return [
        ListedBeat(
            id=beat_id,
            title=beat_id.title(),
            has_stems=rarely(draw, True, False),
            is_active=rarely(draw, True, False),
            releases_at=rarely(draw, None, NOW, NOW + timedelta(days=1)),
            prices={
                kind: Price(
                    price_id(beat_id, kind), Money(draw(amounts), rarely(draw, "EUR", "USD"))
                )
                for kind in draw(st.sets(license_types, min_size=1))
            },
        )
        for beat_id in BEAT_IDS
    ]


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """Lines that each name a license in one of the two ways, and now and then in a wrong one."""

    def line(beat_id: str, kind: LicenseType) -> CartLine:
        sure = price_id(beat_id, kind)
        by_price = draw(st.booleans())
        given_beat, given_kind = draw(st.booleans()), draw(st.booleans())
        return CartLine(
            quantity=draw(st.integers(1, 10)),
            price_id=rarely(draw, sure if by_price else None, None, "price_unheard_of"),
            beat_id=rarely(draw, beat_id if given_beat or not by_price else None, *BEAT_IDS),
            license_type=rarely(draw, kind if given_kind or not by_price else None, *LicenseType),
        )

    wishes = st.lists(st.tuples(st.sampled_from(BEAT_IDS), license_types), min_size=1, max_size=4)
    return Cart(tuple(line(*wish) for wish in draw(wishes)))


def sold(cart: Cart, beats: list[ListedBeat]) -> Quote | None:
    """The quote, or None where the cart is refused for at least one of its lines."""
    try:
        return quote(cart, beats, NOW)
    except CartRefused as refused:
        numbers = [problem.line for problem in refused.problems]
        assert numbers
        assert numbers == sorted(numbers)
        assert set(numbers) <= set(range(len(cart.lines)))
        return None


@given(carts(), catalogues())
def test_a_cart_is_refused_or_sold_line_by_line_at_the_catalogues_prices(
    cart: Cart, beats: list[ListedBeat]
) -> None:
    found = sold(cart, beats)
    if found is None:
        return
    by_id = {beat.id: beat for beat in beats}
    for asked, line in zip(cart.lines, found.lines, strict=True):
        beat = by_id[line.beat_id]
        assert Price(line.price_id, line.unit_price) == beat.prices[line.license_type]
        assert asked.price_id in (None, line.price_id)
        assert asked.beat_id in (None, line.beat_id)
        assert asked.license_type in (None, line.license_type)
        assert asked.quantity == line.quantity
        assert beat.is_active
        assert beat.releases_at is None or beat.releases_at <= NOW
        assert beat.has_stems or line.license_type is WAV
    assert len({(line.beat_id, line.license_type) for line in found.lines}) == len(found.lines)
    assert len({line.unit_price.currency for line in found.lines}) == 1
    assert found.total.minor == sum(line.unit_price.minor * line.quantity for line in found.lines)


@given(catalogues(), st.sampled_from(BEAT_IDS), st.none() | license_types)
def test_a_wav_price_never_buys_another_license(
    beats: list[ListedBeat], beat_id: str, claimed: LicenseType | None
) -> None:
    found = sold(Cart((CartLine(1, price_id(beat_id, WAV), None, claimed),)), beats)
    if found is not None:
        assert claimed in (None, WAV)
        assert [line.license_type for line in found.lines] == [WAV]


@given(carts(), catalogues(), st.randoms(use_true_random=False))
def test_the_order_of_the_catalogue_changes_nothing(
    cart: Cart, beats: list[ListedBeat], random: Random
) -> None:
    assert sold(cart, beats) == sold(cart, random.sample(beats, len(beats)))
