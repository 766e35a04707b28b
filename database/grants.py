"""Download grants: the right to each file of a paid item, and every address handed out for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from database.catalog import asset_of
from database.catalog_tables import beat_assets, beats
from database.engine import Reader, Recorder, Writer
from database.parameters import OF_ORDER, ORDER
from database.tables import download_grants, download_links, order_items, orders
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
    row = (await writer.sql.execute(_ISSUE, {ORDER: order_id})).one()
    if row.beat_id is not None:
        raise AssetNotFound(row.beat_id, row.kind)
    granted: int = row.granted
    return granted


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


async def record_link(recorder: Recorder, grant_id: int, expires_at: datetime) -> None:
    """Notes that a timed address was handed out."""
    row = {"grant_id": grant_id, "expires_at": expires_at}
    await recorder.sql.execute(insert(download_links), row)


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


_items = select(order_items.c.id, order_items.c.beat_id).where(order_items.c.order_id == OF_ORDER)
# Which files the items give a right to: the master always, the stems where it is licensed.
_sold = (
    _items.add_columns(literal(AssetKind.MASTER.value, Text).label("kind"))
    .union_all(
        _items.add_columns(literal(AssetKind.STEMS.value, Text)).where(order_items.c.has_stems)
    )
    .cte("sold")
)
_stored = and_(beat_assets.c.beat_id == _sold.c.beat_id, beat_assets.c.kind == _sold.c.kind)
# The first file that was sold and that the catalogue has lost, if there is one.
_lost = (
    select(_sold.c.beat_id, _sold.c.kind)
    .outerjoin(beat_assets, _stored)
    .where(beat_assets.c.beat_id.is_(None))
    .limit(1)
    .cte("lost")
)
_granted = (
    insert(download_grants)
    .from_select(
        ["order_item_id", "asset"],
        select(_sold.c.id, _sold.c.kind)
        .join(beat_assets, _stored)
        .where(~exists().select_from(_lost)),
    )
    .on_conflict_do_nothing()
    .returning(download_grants.c.id)
    .cte("granted")
)
_count = select(func.count().label("granted")).select_from(_granted).subquery()
_ISSUE = select(_count.c.granted, _lost.c.beat_id, _lost.c.kind).outerjoin(_lost, true())
