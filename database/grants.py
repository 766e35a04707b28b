"""Download grants: the right to each file of a paid item, and every address handed out for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    and_,
    case,
    exists,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from database.assets import licensed
from database.catalog import asset_of
from database.engine import Reader, Writer
from database.tables import (
    beat_assets,
    beats,
    download_grants,
    download_links,
    order_items,
    orders,
)
from domain.beat import AssetKind
from domain.download import SoldFile
from domain.errors import AssetNotFound
from domain.license import LicenseType
from domain.order import OrderStatus

# The licenses from the narrowest to the widest, as their type lists them.
_generosity = case(
    {kind.value: rank for rank, kind in enumerate(LicenseType)}, value=order_items.c.license_type
)


@dataclass(frozen=True)
class Grant:
    """The right to one file of one order item."""

    id: int
    beat_id: str
    title: str
    item_id: str
    license_type: LicenseType
    has_stems: bool
    kind: AssetKind


async def issue(writer: Writer, order_id: str) -> int:
    """Grants every file that the order's licenses include, once; returns how many are new.

    Raises AssetNotFound, granting nothing, if a beat lacks a file that was sold.
    """
    await _require_assets(writer, order_id)
    rights = (
        select(order_items.c.id, beat_assets.c.kind)
        .join(beat_assets, beat_assets.c.beat_id == order_items.c.beat_id)
        .where(order_items.c.order_id == order_id, licensed)
    )
    statement = (
        insert(download_grants)
        .from_select(["order_item_id", "asset"], rights)
        .on_conflict_do_nothing()
        .returning(download_grants.c.id)
    )
    return len((await writer.sql.execute(statement)).all())


async def of_order(reader: Reader, order_id: str) -> list[Grant]:
    """An order's grants, in the order of its items."""
    query = (
        select(
            download_grants.c.id,
            order_items.c.beat_id,
            beats.c.title,
            order_items.c.id,
            order_items.c.license_type,
            order_items.c.has_stems,
            download_grants.c.asset,
        )
        .join(order_items, order_items.c.id == download_grants.c.order_item_id)
        .join(beats, beats.c.id == order_items.c.beat_id)
        .where(order_items.c.order_id == order_id)
        .order_by(order_items.c.line, download_grants.c.asset)
    )
    return [
        Grant(id_, beat, title, item, LicenseType(license_type), stems, AssetKind(asset))
        for id_, beat, title, item, license_type, stems, asset in await reader.sql.execute(query)
    ]


async def record_link(writer: Writer, grant_id: int, expires_at: datetime) -> None:
    """Notes that a timed address was handed out."""
    row = {"grant_id": grant_id, "expires_at": expires_at}
    await writer.sql.execute(insert(download_links).values(row))


async def find_file(
    reader: Reader, order_id: str, beat_id: str, kind: AssetKind
) -> SoldFile | None:
    """A file by what a buyer knows; None if there is no such order.

    Where an order holds a beat under several licenses, the most generous one counts.
    """
    item = and_(order_items.c.order_id == orders.c.id, order_items.c.beat_id == beat_id)
    grant = and_(
        download_grants.c.order_item_id == order_items.c.id, download_grants.c.asset == kind
    )
    asset = and_(beat_assets.c.beat_id == beat_id, beat_assets.c.kind == kind)
    source = (
        orders.outerjoin(order_items, item)
        .outerjoin(beats, beats.c.id == order_items.c.beat_id)
        .outerjoin(download_grants, grant)
        .outerjoin(beat_assets, asset)
    )
    query = (
        select(*_FILE_COLUMNS, exists().where(beats.c.id == beat_id).label("beat_exists"))
        .select_from(source)
        .where(orders.c.id == order_id)
        .order_by(_generosity.desc().nulls_last())
        .limit(1)
    )
    row = (await reader.sql.execute(query)).mappings().one_or_none()
    return _sold_file(row, beat_id, kind) if row is not None else None


async def find_granted_file(reader: Reader, grant_id: int) -> SoldFile | None:
    """The file that a grant is for; None if there is no such grant."""
    asset = and_(
        beat_assets.c.beat_id == order_items.c.beat_id,
        beat_assets.c.kind == download_grants.c.asset,
    )
    source = (
        download_grants.join(order_items, order_items.c.id == download_grants.c.order_item_id)
        .join(orders, orders.c.id == order_items.c.order_id)
        .join(beats, beats.c.id == order_items.c.beat_id)
        .outerjoin(beat_assets, asset)
    )
    query = (
        select(
            *_FILE_COLUMNS,
            true().label("beat_exists"),
            order_items.c.beat_id.label("sold_beat_id"),
            download_grants.c.asset.label("granted_asset"),
        )
        .select_from(source)
        .where(download_grants.c.id == grant_id)
    )
    row = (await reader.sql.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return _sold_file(row, row["sold_beat_id"], AssetKind(row["granted_asset"]))


_FILE_COLUMNS: tuple[ColumnElement[Any] | Table, ...] = (
    orders.c.id.label("order_id"),
    orders.c.status.label("order_status"),
    orders.c.customer_email,
    order_items.c.id.label("item_id"),
    order_items.c.license_type,
    order_items.c.has_stems,
    beats.c.title,
    download_grants.c.id.label("grant_id"),
    beat_assets,
)


def _sold_file(row: RowMapping, beat_id: str, kind: AssetKind) -> SoldFile:
    license_type = row["license_type"]
    asset = asset_of(row) if row["public_id"] is not None else None
    return SoldFile(
        order_id=row["order_id"],
        order_status=OrderStatus(row["order_status"]),
        customer_email=row["customer_email"],
        beat_id=beat_id,
        beat_exists=row["beat_exists"],
        kind=kind,
        title=row["title"],
        item_id=row["item_id"],
        license_type=LicenseType(license_type) if license_type else None,
        has_stems=bool(row["has_stems"]),
        grant_id=row["grant_id"],
        asset=asset,
    )


async def _require_assets(writer: Writer, order_id: str) -> None:
    """Raises AssetNotFound for the first sold file that the catalogue has lost."""
    sold = (
        select(order_items.c.beat_id, literal(AssetKind.MASTER.value).label("kind"))
        .where(order_items.c.order_id == order_id)
        .union(
            select(order_items.c.beat_id, literal(AssetKind.STEMS.value)).where(
                order_items.c.order_id == order_id, order_items.c.has_stems
            )
        )
        .subquery()
    )
    stored = and_(beat_assets.c.beat_id == sold.c.beat_id, beat_assets.c.kind == sold.c.kind)
    query = (
        select(sold.c.beat_id, sold.c.kind)
        .outerjoin(beat_assets, stored)
        .where(beat_assets.c.beat_id.is_(None))
        .limit(1)
    )
    row = (await writer.sql.execute(query)).one_or_none()
    if row is not None:
        raise AssetNotFound(row.beat_id, row.kind)
