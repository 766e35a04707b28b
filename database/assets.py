"""Sold files at Cloudinary: which of an order's it was not asked about lately."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, and_, bindparam, or_, select, tuple_, update

from database.catalog import asset_of
from database.catalog_tables import beat_assets
from database.engine import Reader, Recorder
from database.parameters import OF_ORDER, ORDER
from database.tables import order_items, orders
from domain.beat import Asset, AssetKind
from domain.order import OrderStatus


@dataclass(frozen=True)
class SoldAsset:
    """A file that was sold, and whose it is."""

    beat_id: str
    asset: Asset


async def unverified(reader: Reader, order_id: str, since: datetime) -> list[SoldAsset]:
    """A paid order's files that Cloudinary was not seen to have since then, each once.

    None of an order that has its files, or whose money went back; none that the catalogue has lost.
    """
    rows = await reader.sql.execute(_UNVERIFIED, {ORDER: order_id, "since": since})
    return [SoldAsset(row["beat_id"], asset_of(row)) for row in rows.mappings()]


async def mark_verified(recorder: Recorder, seen: Collection[SoldAsset], at: datetime) -> None:
    """Notes when Cloudinary was seen to have these files, unless they were published anew.

    A file that somebody else is writing is left out, so that nobody waits here for anybody: it is
    merely asked about again.
    """
    names = [(each.beat_id, each.asset.kind, each.asset.public_id) for each in seen]
    columns = beat_assets.c
    free = (
        select(columns.beat_id, columns.kind)
        .where(tuple_(columns.beat_id, columns.kind, columns.public_id).in_(names))
        .with_for_update(skip_locked=True, key_share=True)
        .cte("free")
    )
    is_free = tuple_(columns.beat_id, columns.kind).in_(select(free.c.beat_id, free.c.kind))
    await recorder.sql.execute(update(beat_assets).where(is_free).values(verified_at=at))


_UNVERIFIED = (
    select(beat_assets)
    .distinct()
    .join(order_items, order_items.c.beat_id == beat_assets.c.beat_id)
    .join(orders, orders.c.id == order_items.c.order_id)
    .where(
        orders.c.id == OF_ORDER,
        orders.c.status == OrderStatus.PAID,
        or_(
            beat_assets.c.kind == AssetKind.MASTER,
            and_(beat_assets.c.kind == AssetKind.STEMS, order_items.c.has_stems),
        ),
        or_(
            beat_assets.c.verified_at.is_(None),
            beat_assets.c.verified_at <= bindparam("since", type_=DateTime(timezone=True)),
        ),
    )
    .order_by(beat_assets.c.beat_id, beat_assets.c.kind)
)
