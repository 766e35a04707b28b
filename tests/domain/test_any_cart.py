"""What holds for every cart and every catalogue."""

from datetime import timedelta
from random import Random

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


@st.composite
def catalogues(draw: st.DrawFn) -> list[ListedBeat]:
    amounts = st.integers(min_value=1, max_value=10**6)
    currencies = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
    release = st.sampled_from([None, None, NOW, NOW + timedelta(days=1)])
    return [
        ListedBeat(
            id=beat_id,
            title=beat_id.title(),
            has_stems=draw(st.booleans()),
            is_active=draw(st.sampled_from([True, True, True, False])),
            releases_at=draw(release),
            prices={
                kind: Price(price_id(beat_id, kind), Money(draw(amounts), draw(currencies)))
                for kind in draw(st.sets(license_types))
            },
        )
        for beat_id in draw(st.lists(st.sampled_from(BEAT_IDS), unique=True))
    ]


price_ids = st.builds(price_id, st.sampled_from(BEAT_IDS), license_types)
lines = st.builds(
    CartLine,
    st.integers(1, 10),
    st.none() | price_ids | st.just("price_unheard_of"),
    st.none() | st.sampled_from(BEAT_IDS),
    st.none() | license_types,
)
carts = st.lists(lines, min_size=1, max_size=6).map(lambda made: Cart(tuple(made)))


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


@given(carts, catalogues())
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
    assert found.total.minor == sum(line.unit_price.minor * line.quantity for line in found.lines)


@given(catalogues(), st.sampled_from(BEAT_IDS), st.none() | license_types, st.integers(1, 10))
def test_a_wav_price_never_buys_another_license(
    beats: list[ListedBeat], beat_id: str, claimed: LicenseType | None, quantity: int
) -> None:
    line = CartLine(quantity, price_id(beat_id, WAV), None, claimed)
    found = sold(Cart((line,)), beats)
    if found is not None:
        assert [line.license_type for line in found.lines] == [WAV]


@given(carts, catalogues(), st.randoms(use_true_random=False))
def test_the_order_of_the_catalogue_changes_nothing(
    cart: Cart, beats: list[ListedBeat], random: Random
) -> None:
    shuffled = random.sample(beats, len(beats))
    assert sold(cart, beats) == sold(cart, shuffled)
