"""The catalogue, written: beats as their producers publish them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from database.catalog import asset_of
from database.catalog_tables import beat_assets, beat_prices, beats, users
from database.engine import Reader, Writer
from domain.beat import Asset, AssetKind, Price
from domain.license import LicenseType
from domain.order import normalized_email


@dataclass(frozen=True)
class Publication:
    """A beat as it is to stand in the catalogue; `prices` are the licenses it is sold with."""

    id: str
    producer_email: str
    title: str
    description: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration_seconds: int
    tags: tuple[str, ...]
    is_exclusive: bool
    is_active: bool
    featured: bool
    scheduled_release_at: datetime | None
    prices: dict[LicenseType, Price]
    assets: dict[AssetKind, Asset]


@dataclass(frozen=True)
class Published:
    """What is there of a beat already."""

    duration_seconds: int
    assets: dict[AssetKind, Asset]


async def find(reader: Reader, beat_id: str) -> Published | None:
    query = select(beats.c.duration_seconds).where(beats.c.id == beat_id)
    duration = await reader.sql.scalar(query)
    if duration is None:
        return None
    rows = await reader.sql.execute(select(beat_assets).where(beat_assets.c.beat_id == beat_id))
    assets = [asset_of(row) for row in rows.mappings()]
    return Published(duration, {asset.kind: asset for asset in assets})


async def publish(writer: Writer, beat: Publication) -> None:
    """Puts a beat in the catalogue, or brings it up to date; the same beat changes nothing.

    Files that were sold once stay known, also when the beat is sold without them from now on.
    """
    await _upsert(writer, users, ["email"], [{"email": normalized_email(beat.producer_email)}])
    owner = select(users.c.id).where(users.c.email == normalized_email(beat.producer_email))
    row = {
        "id": beat.id,
        "owner_id": await writer.sql.scalar(owner),
        "title": beat.title,
        "description": beat.description,
        "genre": beat.genre,
        "bpm": beat.bpm,
        "key": beat.key,
        "mode": beat.mode,
        "duration_seconds": beat.duration_seconds,
        "tags": list(beat.tags),
        "has_stems": AssetKind.STEMS in beat.assets,
        "is_exclusive": beat.is_exclusive,
        "is_active": beat.is_active,
        "featured": beat.featured,
        "scheduled_release_at": beat.scheduled_release_at,
    }
    await _upsert(writer, beats, ["id"], [row], on_change={"updated_at": func.now()})
    await _publish_prices(writer, beat)
    assets = [_asset_row(beat.id, asset) for asset in beat.assets.values()]
    # What is known of the file that was there says nothing of the one that has come.
    await _upsert(writer, beat_assets, ["beat_id", "kind"], assets, on_change={"verified_at": None})


async def _publish_prices(writer: Writer, beat: Publication) -> None:
    rows = [
        {
            "beat_id": beat.id,
            "license_type": license_type,
            "stripe_price_id": price.price_id,
            "amount_minor": price.amount.minor,
            "currency": price.amount.currency,
        }
        for license_type, price in beat.prices.items()
    ]
    offered = [row["license_type"] for row in rows]
    await writer.sql.execute(
        delete(beat_prices).where(
            beat_prices.c.beat_id == beat.id, beat_prices.c.license_type.not_in(offered)
        )
    )
    await _upsert(writer, beat_prices, ["beat_id", "license_type"], rows)


async def _upsert(
    writer: Writer,
    table: Table,
    key: list[str],
    rows: list[dict[str, Any]],
    on_change: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Inserts rows, or changes what differs; `on_change` is set besides where anything does."""
    if not rows:
        return
    statement = insert(table).values(rows)
    columns = [name for name in rows[0] if name not in key]
    if not columns:
        await writer.sql.execute(statement.on_conflict_do_nothing(index_elements=key))
        return
    changed: dict[str, Any] = {name: statement.excluded[name] for name in columns}
    changed |= on_change
    differs = or_(*(table.c[name].is_distinct_from(statement.excluded[name]) for name in columns))
    await writer.sql.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changed, where=differs)
    )


def _asset_row(beat_id: str, asset: Asset) -> dict[str, Any]:
    return {
        "beat_id": beat_id,
        "kind": asset.kind,
        "public_id": asset.public_id,
        "resource_type": asset.resource_type,
        "format": asset.format,
        "size_bytes": asset.size,
        "sha256": asset.sha256,
        "url": asset.url,
    }
