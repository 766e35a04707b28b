"""All that is on record of one order: found by any of its ids, with its history and its events."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union

from database.catalog_tables import beats
from database.engine import Reader
from database.tables import (
    checkout_requests,
    download_grants,
    download_links,
    former_sessions,
    order_events,
    order_items,
    orders,
    webhook_events,
)
from domain.beat import AssetKind
from domain.license import LicenseType
from domain.standing import DisputeState


@dataclass(frozen=True)
class HistoryLine:
    """What happened to an order, and what is noted of it."""

    at: datetime
    event: str
    detail: dict[str, str]


@dataclass(frozen=True)
class ReceivedEvent:
    """A webhook event about an order; undelivered while no workflow has taken it."""

    id: str
    type: str
    object_id: str
    order_id: str | None
    payment_id: str | None
    created_at: datetime
    received_at: datetime
    delivered_at: datetime | None
    outcome: str | None
    attempts: int  # that failed for its own sake
    failure: str | None


@dataclass(frozen=True)
class GrantedFile:
    """A file that the buyer may fetch, and how often an address was handed out for it."""

    beat_id: str
    title: str
    license_type: LicenseType
    asset: AssetKind
    granted_at: datetime
    links: int
    last_link_at: datetime | None


EVENT_COLUMNS = (
    webhook_events.c.id,
    webhook_events.c.type,
    webhook_events.c.object_id,
    webhook_events.c.order_id,
    webhook_events.c.payment_id,
    webhook_events.c.created_at,
    webhook_events.c.received_at,
    webhook_events.c.delivered_at,
    webhook_events.c.outcome,
    webhook_events.c.attempts,
    webhook_events.c.failure,
)


async def id_of(reader: Reader, reference: str) -> str | None:
    """The order of an order id, a Stripe session or payment intent, or an event about it.

    Of a payment's events only some name the order.
    """
    told = webhook_events.c
    candidates = (
        select(checkout_requests.c.order_id).where(checkout_requests.c.order_id == reference),
        select(orders.c.id).where(orders.c.session_id == reference),
        select(former_sessions.c.order_id).where(former_sessions.c.session_id == reference),
        select(orders.c.id).where(orders.c.payment_id == reference),
        select(told.order_id).where(told.payment_id == reference, told.order_id.is_not(None)),
        select(told.order_id).where(told.id == reference),
    )
    for query in candidates:
        found: str | None = await reader.sql.scalar(query.limit(1))
        if found is not None:
            return found
    return None


async def history(reader: Reader, order_id: str) -> list[HistoryLine]:
    """The oldest line first."""
    columns = order_events.c
    query = (
        select(columns.occurred_at, columns.type, columns.detail)
        .where(columns.order_id == order_id)
        .order_by(columns.id)
    )
    return [HistoryLine(*row) for row in await reader.sql.execute(query)]


async def received(reader: Reader, order_id: str, payment_id: str | None) -> list[ReceivedEvent]:
    """The events about an order or its payment, in the order in which they came."""
    columns = webhook_events.c
    query = union(
        select(*EVENT_COLUMNS).where(columns.order_id == order_id),
        select(*EVENT_COLUMNS).where(columns.payment_id == payment_id),
    )
    rows = [ReceivedEvent(*row) for row in await reader.sql.execute(query)]
    return sorted(rows, key=lambda event: (event.received_at, event.created_at))


async def granted(reader: Reader, order_id: str) -> list[GrantedFile]:
    query = (
        select(
            order_items.c.beat_id,
            beats.c.title,
            order_items.c.license_type,
            download_grants.c.asset,
            download_grants.c.granted_at,
            func.count(download_links.c.id),
            func.max(download_links.c.issued_at),
        )
        .join(order_items, order_items.c.id == download_grants.c.order_item_id)
        .join(beats, beats.c.id == order_items.c.beat_id)
        .outerjoin(download_links, download_links.c.grant_id == download_grants.c.id)
        .where(order_items.c.order_id == order_id)
        .group_by(download_grants.c.id, order_items.c.id, beats.c.id)
        .order_by(order_items.c.line, download_grants.c.asset)
    )
    return [
        GrantedFile(beat, title, LicenseType(kind), AssetKind(asset), *rest)
        for beat, title, kind, asset, *rest in await reader.sql.execute(query)
    ]


async def disputes(reader: Reader, order_id: str) -> dict[str, DisputeState]:
    """Where each dispute stands, by Stripe's id, as far as we know."""
    found = await reader.sql.scalar(select(orders.c.disputes).where(orders.c.id == order_id))
    return {dispute: DisputeState(state) for dispute, state in (found or {}).items()}
