"""The catalogue, read: what can be bought, and what a cart's lines mean."""

from collections import defaultdict
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    RowMapping,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    func,
    select,
)

from database.catalog_tables import beat_assets, beat_prices, beats
from database.engine import Reader
from domain.beat import Asset, AssetKind, Beat, ListedBeat, Price
from domain.cart import Cart
from domain.license import LicenseType
from domain.money import Money

_prices = {kind: beat_prices.alias(kind.value.lower()) for kind in LicenseType}
_preview = beat_assets.alias("preview")
_artwork = beat_assets.alias("artwork")

# What there is to say of a beat; the rest is there for searches and pages to find it by.
BEAT_COLUMNS = tuple(
    column for column in beats.c if column.name not in ("wav_minor", "search_text")
)


async def find(reader: Reader, beat_id: str) -> Beat | None:
    rows = await reader.sql.execute(beat_query().where(beats.c.id == beat_id))
    row = rows.mappings().one_or_none()
    return beat_of(row) if row is not None else None


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


async def listed_for(reader: Reader, cart: Cart) -> list[ListedBeat]:
    """The beats that a cart's lines name, by price or by id, each with all of its prices."""
    price_ids = [line.price_id for line in cart.lines if line.price_id is not None]
    beat_ids = [line.beat_id for line in cart.lines if line.beat_id is not None]
    named = {"price_ids": price_ids, "beat_ids": beat_ids}
    by_beat: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in (await reader.sql.execute(_LISTED, named)).mappings():
        by_beat[row["id"]].append(row)
    return [_listedbeat_of(rows) for rows in by_beat.values()]


_named = func.unnest(bindparam("beat_ids", type_=ARRAY(Text))).column_valued("named")
_LISTED = (
    select(
        beats.c.id,
        beats.c.title,
        beats.c.has_stems,
        beats.c.is_active,
        beats.c.scheduled_release_at,
        beat_prices.c.license_type,
        beat_prices.c.stripe_price_id,
        beat_prices.c.amount_minor,
        beat_prices.c.currency,
    )
    .outerjoin(beat_prices, beat_prices.c.beat_id == beats.c.id)
    .where(
        beats.c.id.in_(
            select(_named).union(
                select(beat_prices.c.beat_id).where(
                    beat_prices.c.stripe_price_id == any_(bindparam("price_ids", type_=ARRAY(Text)))
                )
            )
        )
    )
)


def _listedbeat_of(rows: list[RowMapping]) -> ListedBeat:
    """One beat from its rows, a row for each price."""
    beat = rows[0]
    return ListedBeat(
        id=beat["id"],
        title=beat["title"],
        has_stems=beat["has_stems"],
        is_active=beat["is_active"],
        releases_at=beat["scheduled_release_at"],
        prices={
            LicenseType(row["license_type"]): Price(
                row["stripe_price_id"], Money(row["amount_minor"], row["currency"])
            )
            for row in rows
            if row["license_type"] is not None
        },
    )


def _price_of(kind: LicenseType) -> ColumnElement[bool]:
    price = _prices[kind]
    return and_(price.c.beat_id == beats.c.id, price.c.license_type == kind.value)


def beat_query() -> Select[Any]:
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


def beat_of(row: RowMapping) -> Beat:
    """A beat from its row in that query."""
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
