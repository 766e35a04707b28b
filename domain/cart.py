"""A cart, and the quote that freezes what it costs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.beat import ListedBeat, Price
from domain.errors import CartProblem, CartReason, CartRefused
from domain.license import LicenseType
from domain.money import Money
from domain.order import OrderSummary

MAX_LINES = 50
MAX_QUANTITY = 10


@dataclass(frozen=True)
class CartLine:
    """One thing wanted: by price id, or by beat and license type; what is given must agree."""

    quantity: int
    price_id: str | None = None
    beat_id: str | None = None
    license_type: LicenseType | None = None

    @property
    def subject(self) -> str:
        """How the buyer's request names this line."""
        return self.price_id or self.beat_id or "this item"


@dataclass(frozen=True)
class Cart:
    lines: tuple[CartLine, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.lines) <= MAX_LINES:
            raise ValueError(f"a cart has 1 to {MAX_LINES} lines, not {len(self.lines)}")
        if not all(1 <= line.quantity <= MAX_QUANTITY for line in self.lines):
            raise ValueError(f"a line's quantity is 1 to {MAX_QUANTITY}")


@dataclass(frozen=True)
class QuoteLine:
    """A line as it will be sold: price and rights as they stood when the quote was made."""

    beat_id: str
    title: str
    license_type: LicenseType
    price_id: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Quote:
    """A priced cart; all lines share one currency."""

    lines: tuple[QuoteLine, ...]

    @property
    def total(self) -> Money:
        first, *rest = (line.total for line in self.lines)
        return sum(rest, start=first)

    @property
    def summary(self) -> OrderSummary:
        sold = {line.license_type for line in self.lines}
        return OrderSummary(self.total, tuple(kind for kind in LicenseType if kind in sold))


def quote(cart: Cart, beats: Collection[ListedBeat], now: datetime) -> Quote:
    """Prices a cart from the catalogue alone.

    `beats` are those that the cart's lines name, by price or by id. Raises CartRefused with a
    problem for each line that cannot be sold.
    """
    listing = _Listing(beats)
    found = [_resolve(line, listing, now) for line in cart.lines]
    problems = [
        CartProblem(index, result, listing.subject(cart.lines[index]))
        for index, result in enumerate(found)
        if isinstance(result, CartReason)
    ]
    lines = [result for result in found if isinstance(result, QuoteLine)]
    if not problems:
        problems.extend(_conflicts(lines))
    if problems:
        raise CartRefused(tuple(problems))
    return Quote(tuple(lines))


class _Listing:
    """The beats of a cart, found by id or by the price of one of their licenses."""

    def __init__(self, beats: Collection[ListedBeat]) -> None:
        self.by_id = {beat.id: beat for beat in beats}
        self.by_price = {
            price.price_id: (beat, license_type, price)
            for beat in beats
            for license_type, price in beat.prices.items()
        }

    def subject(self, line: CartLine) -> str:
        if line.price_id in self.by_price:
            return self.by_price[line.price_id][0].title
        if line.beat_id in self.by_id:
            return self.by_id[line.beat_id].title
        return line.subject


def _resolve(line: CartLine, listing: _Listing, now: datetime) -> QuoteLine | CartReason:
    match = _match(line, listing)
    if isinstance(match, CartReason):
        return match
    beat, license_type, price = match
    if not beat.is_active:
        return CartReason.BEAT_WITHDRAWN
    if not beat.is_released(now):
        return CartReason.BEAT_NOT_RELEASED
    if license_type.includes_stems and not beat.has_stems:
        return CartReason.STEMS_UNAVAILABLE
    if price is None:
        return CartReason.LICENSE_NOT_OFFERED
    return QuoteLine(beat.id, beat.title, license_type, price.price_id, line.quantity, price.amount)


def _match(
    line: CartLine, listing: _Listing
) -> tuple[ListedBeat, LicenseType, Price | None] | CartReason:
    """Which license of which beat a line means; no price where that license is not offered."""
    if line.price_id is not None:
        return _match_by_price(line, line.price_id, listing)
    if line.beat_id is None or line.license_type is None:
        return CartReason.ITEM_UNIDENTIFIED
    beat = listing.by_id.get(line.beat_id)
    if beat is None:
        return CartReason.UNKNOWN_BEAT
    return beat, line.license_type, beat.prices.get(line.license_type)


def _match_by_price(
    line: CartLine, price_id: str, listing: _Listing
) -> tuple[ListedBeat, LicenseType, Price] | CartReason:
    known = listing.by_price.get(price_id)
    if known is None:
        return CartReason.UNKNOWN_PRICE
    beat, license_type, price = known
    if line.beat_id not in (None, beat.id):
        return CartReason.BEAT_MISMATCH
    if line.license_type not in (None, license_type):
        return CartReason.LICENSE_MISMATCH
    return beat, license_type, price


def _conflicts(lines: list[QuoteLine]) -> Iterator[CartProblem]:
    """Lines that are sound by themselves and yet cannot stand in one cart."""
    seen: set[tuple[str, LicenseType]] = set()
    for index, line in enumerate(lines):
        if (line.beat_id, line.license_type) in seen:
            yield CartProblem(index, CartReason.DUPLICATE_ITEM, line.title)
        seen.add((line.beat_id, line.license_type))
        if line.unit_price.currency != lines[0].unit_price.currency:
            yield CartProblem(index, CartReason.MIXED_CURRENCIES, line.title)
