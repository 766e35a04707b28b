"""The catalogue, read: what can be bought, and what a cart's lines mean."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, null, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from database.editions import Editions
from database.engine import Reader
from database.tables import beat_assets, beat_prices, beats
from domain.beat import Asset, AssetKind, Beat, ListedBeat, Price
from domain.cart import Cart
from domain.license import LicenseType
from domain.money import Money

_prices = {kind: beat_prices.alias(kind.value.lower()) for kind in LicenseType}
_preview = beat_assets.alias("preview")
_artwork = beat_assets.alias("artwork")

# A search that finds no more than these is not done again for each of its pages.
FEW = 1000

# What there is to say of a beat; the rest is there for searches and pages to find it by.
BEAT_COLUMNS = tuple(
    column for column in beats.c if column.name not in ("wav_minor", "search_text")
)

SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "title": func.lower(beats.c.title),
    "genre": func.lower(beats.c.genre),
    "bpm": beats.c.bpm,
    "price": beats.c.wav_minor,
    "createdAt": beats.c.created_at,
}


@dataclass(frozen=True)
class BeatFilter:
    """What a shop's visitor looks for; prices are minor units of the WAV lease."""

    search: str | None = None
    genre: str | None = None
    bpm_min: int | None = None
    bpm_max: int | None = None
    key: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    has_stems: bool | None = None
    is_exclusive: bool | None = None
    featured: bool | None = None


@dataclass(frozen=True)
class Order:
    """How beats are sorted; equal ones by their ids, and those without a price come last."""

    field: str
    descending: bool

    def rising(self) -> list[ColumnElement[Any]]:
        """From the first beat to the last."""
        column = SORT_COLUMNS[self.field]
        if not self.descending:
            return [column.asc(), beats.c.id.asc()]  # in PostgreSQL, what is null is last
        is_nullable = self.field == "price"
        return [column.desc().nulls_last() if is_nullable else column.desc(), beats.c.id.asc()]

    def falling(self) -> list[ColumnElement[Any]]:
        """From the last beat to the first."""
        column = SORT_COLUMNS[self.field]
        if not self.descending:
            return [column.desc(), beats.c.id.desc()]
        is_nullable = self.field == "price"
        return [column.asc().nulls_first() if is_nullable else column.asc(), beats.c.id.desc()]


@dataclass(frozen=True)
class BeatPage:
    beats: tuple[Beat, ...]
    total: int


async def page(
    reader: Reader,
    editions: Editions,
    wanted: BeatFilter,
    now: datetime,
    *,
    order: Order,
    limit: int,
    offset: int,
) -> BeatPage:
    """The beats on sale that match, one page of them, and how many there are in all."""
    conditions = _conditions(wanted, now)
    answer = _how_many(conditions, is_filtered=wanted != BeatFilter())
    total, ids = await editions.ask(reader, now, wanted, answer)
    if offset >= total:
        return BeatPage((), total)
    if ids is not None:
        conditions = [beats.c.id.in_(ids)]
    picked = _picked(conditions, order, total, limit, offset).cte("picked")
    query = _beat_query().where(beats.c.id.in_(select(picked.c.id))).order_by(*order.rising())
    rows = (await reader.sql.execute(query)).mappings()
    return BeatPage(tuple(_beat(row) for row in rows), total)


async def find(reader: Reader, beat_id: str) -> Beat | None:
    rows = await reader.sql.execute(_beat_query().where(beats.c.id == beat_id))
    row = rows.mappings().one_or_none()
    return _beat(row) if row is not None else None


async def find_asset(
    reader: Reader, beat_id: str, kind: AssetKind
) -> tuple[str, Asset | None] | None:
    """A beat's title and one of its files, if it has that; None if there is no such beat."""
    asset = and_(beat_assets.c.beat_id == beats.c.id, beat_assets.c.kind == kind)
    query = (
        select(beats.c.title, beat_assets)
        .select_from(beats.outerjoin(beat_assets, asset))
        .where(beats.c.id == beat_id)
    )
    row = (await reader.sql.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return row["title"], asset_of(row) if row["public_id"] is not None else None


def asset_of(row: RowMapping) -> Asset:
    """A file from its row in beat_assets."""
    return Asset(
        kind=AssetKind(row["kind"]),
        public_id=row["public_id"],
        resource_type=row["resource_type"],
        format=row["format"],
        size=row["size_bytes"],
        sha256=row["sha256"],
        url=row["url"],
    )


async def genres(reader: Reader, editions: Editions, now: datetime) -> list[str]:
    """The genres of the beats on sale, in alphabetical order."""
    every = aggregate_order_by(beats.c.genre.distinct(), beats.c.genre)
    query = select(func.array_agg(every)).where(*_on_sale(now))
    (found,) = await editions.ask(reader, now, "genres", [query.scalar_subquery()])
    return list(found or [])


async def listed_for(reader: Reader, cart: Cart) -> list[ListedBeat]:
    """The beats that a cart's lines name, by price or by id, each with all of its prices."""
    price_ids = [line.price_id for line in cart.lines if line.price_id is not None]
    beat_ids = [line.beat_id for line in cart.lines if line.beat_id is not None]
    priced = select(beat_prices.c.beat_id).where(beat_prices.c.stripe_price_id.in_(price_ids))
    query = (
        select(*BEAT_COLUMNS, beat_prices)
        .outerjoin(beat_prices, beat_prices.c.beat_id == beats.c.id)
        .where(or_(beats.c.id.in_(beat_ids), beats.c.id.in_(priced)))
    )
    by_beat: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in (await reader.sql.execute(query)).mappings():
        by_beat[row[beats.c.id]].append(row)
    return [_listed_beat(rows) for rows in by_beat.values()]


def _listed_beat(rows: list[RowMapping]) -> ListedBeat:
    """One beat from its rows, a row for each price."""
    beat = rows[0]
    return ListedBeat(
        id=beat[beats.c.id],
        title=beat[beats.c.title],
        has_stems=beat[beats.c.has_stems],
        is_active=beat[beats.c.is_active],
        releases_at=beat[beats.c.scheduled_release_at],
        prices={
            LicenseType(row[beat_prices.c.license_type]): Price(
                row[beat_prices.c.stripe_price_id],
                Money(row[beat_prices.c.amount_minor], row[beat_prices.c.currency]),
            )
            for row in rows
            if row[beat_prices.c.license_type] is not None
        },
    )


def _on_sale(now: datetime) -> list[ColumnElement[bool]]:
    released = beats.c.scheduled_release_at
    return [beats.c.is_active, or_(released.is_(None), released <= now)]


def _conditions(wanted: BeatFilter, now: datetime) -> list[ColumnElement[bool]]:
    price = beats.c.wav_minor
    conditions: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (wanted.search, _matches),
        (wanted.genre, lambda genre: func.lower(beats.c.genre) == genre.lower()),
        (wanted.key, lambda key: func.lower(beats.c.key) == key.lower()),
        (wanted.bpm_min, beats.c.bpm.__ge__),
        (wanted.bpm_max, beats.c.bpm.__le__),
        (wanted.price_min, price.__ge__),
        (wanted.price_max, price.__le__),
        (wanted.has_stems, beats.c.has_stems.is_),
        (wanted.is_exclusive, beats.c.is_exclusive.is_),
        (wanted.featured, beats.c.featured.is_),
    ]
    asked = [condition(value) for value, condition in conditions if value is not None]
    return _on_sale(now) + asked


def _matches(search: str) -> ColumnElement[bool]:
    """Every word is found somewhere in the title, description, genre or tags."""
    text = beats.c.search_text
    sought = (_literally(word) for word in search.split())
    return and_(True, *(text.like(func.lower(f"%{word}%"), escape="/") for word in sought))


def _literally(word: str) -> str:
    """A word for LIKE, in which each letter stands for itself."""
    for special in "/%_":
        word = word.replace(special, f"/{special}")
    return word


def _how_many(
    conditions: list[ColumnElement[bool]], *, is_filtered: bool
) -> list[ColumnElement[Any]]:
    """How many beats meet the conditions; and which, where these narrow them down to a few."""
    if not is_filtered:
        every = select(func.count()).select_from(beats).where(*conditions)
        return [every.scalar_subquery(), null()]
    matched = select(beats.c.id).where(*conditions).cte("matched").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(matched).scalar_subquery()
    ids = select(func.array_agg(matched.c.id)).scalar_subquery()
    return [total, case((total <= FEW, ids))]


def _picked(
    conditions: list[ColumnElement[bool]], order: Order, total: int, limit: int, offset: int
) -> Select[Any]:
    """The ids of one page, counted from whichever end of the list is nearer."""
    after = max(total - offset - limit, 0)
    query = select(beats.c.id).where(*conditions)
    if after >= offset:
        return query.order_by(*order.rising()).limit(limit).offset(offset)
    return query.order_by(*order.falling()).limit(min(limit, total - offset)).offset(after)


def _price_of(kind: LicenseType) -> ColumnElement[bool]:
    price = _prices[kind]
    return and_(price.c.beat_id == beats.c.id, price.c.license_type == kind.value)


def _beat_query() -> Select[Any]:
    """One row a beat, its three prices and two public files beside it."""
    source = beats
    columns: list[ColumnElement[Any]] = [
        _preview.c.url.label("preview_url"),
        _artwork.c.url.label("artwork_url"),
    ]
    joined = source.outerjoin(
        _preview, and_(_preview.c.beat_id == beats.c.id, _preview.c.kind == AssetKind.PREVIEW)
    ).outerjoin(
        _artwork, and_(_artwork.c.beat_id == beats.c.id, _artwork.c.kind == AssetKind.ARTWORK)
    )
    for kind, price in _prices.items():
        joined = joined.outerjoin(price, _price_of(kind))
        columns += [
            price.c.stripe_price_id.label(f"{kind}_id"),
            price.c.amount_minor.label(f"{kind}_minor"),
            price.c.currency.label(f"{kind}_currency"),
        ]
    return select(*BEAT_COLUMNS, *columns).select_from(joined)


def _beat(row: RowMapping) -> Beat:
    return Beat(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        genre=row["genre"],
        bpm=row["bpm"],
        key=row["key"],
        mode=row["mode"],
        duration_seconds=row["duration_seconds"],
        tags=tuple(row["tags"]),
        has_stems=row["has_stems"],
        is_exclusive=row["is_exclusive"],
        is_active=row["is_active"],
        featured=row["featured"],
        scheduled_release_at=row["scheduled_release_at"],
        preview_url=row["preview_url"],
        artwork_url=row["artwork_url"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        prices={
            kind: Price(row[f"{kind}_id"], Money(row[f"{kind}_minor"], row[f"{kind}_currency"]))
            for kind in LicenseType
            if row[f"{kind}_id"] is not None
        },
    )
