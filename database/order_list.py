"""Orders as operators list them: those that are stuck first, then the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    case,
    func,
    null,
    or_,
    select,
)

from database import delays
from database.engine import Reader
from database.order_events import SETTLING
from database.tables import order_events, orders, webhook_events
from domain.money import Money
from domain.order import OrderStatus
from domain.stuck import UNDER_WAY, Standstill, Stuck
from domain.webhook import PAYING


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list; what is not given does not matter."""

    statuses: tuple[OrderStatus, ...] = ()
    email: str | None = None
    since: datetime | None = None
    needs_attention: bool = False
    is_stuck: bool = False


@dataclass(frozen=True)
class ListedOrder:
    """One line of the list."""

    id: str
    status: OrderStatus
    total: Money
    refunded: Money
    customer_email: str | None
    created_at: datetime
    paid_at: datetime | None
    standstill: Standstill | None


async def find(reader: Reader, wanted: OrderFilter, limit: int, now: datetime) -> list[ListedOrder]:
    """At most `limit` orders."""
    rules = _rules(now)
    stuck = await _fetch(reader, _stuck_first(wanted, rules).limit(limit))
    if wanted.is_stuck or len(stuck) == limit:
        return stuck
    shown = {order.id for order in stuck}
    newest = await _fetch(reader, _newest_first(wanted, rules).limit(limit))
    return [*stuck, *(order for order in newest if order.id not in shown)][:limit]


async def standstill(reader: Reader, order_id: str, now: datetime) -> Standstill | None:
    """Why one order is stuck, if it is."""
    query = _listed(OrderFilter(), _rules(now)).where(orders.c.id == order_id)
    found = await _fetch(reader, query)
    return found[0].standstill if found else None


@dataclass(frozen=True)
class _Rule:
    """What makes an order stuck, and which of its times says since when."""

    applies: ColumnElement[bool]
    why: Any
    since: Any


def _rules(now: datetime) -> tuple[_Rule, ...]:
    """The first that applies counts."""
    late, is_pending = now - UNDER_WAY, orders.c.status == OrderStatus.PENDING
    told, lines = webhook_events.c, order_events.c
    told_of = told.order_id == orders.c.id
    settling = select(func.count()).where(lines.order_id == told.order_id, lines.type == SETTLING)
    has_come = told.type == "checkout.session.async_payment_succeeded"
    # Values of each order, by its index: for an EXISTS PostgreSQL would look through all there is.
    news = select(func.min(told.received_at)).where(
        told_of,
        told.received_at < late,
        told.type.in_(PAYING),
        or_(has_come, settling.scalar_subquery() == 0),
    )
    since_news = news.scalar_subquery()
    unconfirmed = and_(is_pending, since_news.is_not(None))
    unopened = and_(is_pending, orders.c.session_id.is_(None), orders.c.created_at < late)
    return (
        _Rule(orders.c.attention.is_not(None), orders.c.attention, orders.c.attention_since),
        _Rule(unconfirmed, Stuck.UNCONFIRMED.value, since_news),
        _Rule(delays.is_unfulfilled(late), Stuck.UNFULFILLED.value, orders.c.paid_at),
        _Rule(delays.is_overdue(late), Stuck.OVERDUE.value, orders.c.session_expires_at),
        _Rule(unopened, Stuck.UNOPENED.value, orders.c.created_at),
    )


def _stuck_first(wanted: OrderFilter, rules: Sequence[_Rule]) -> Select[Any]:
    """Those that are stuck alone: the most pressing first, then by how long they have waited."""
    rank = case(*((rule.applies, number) for number, rule in enumerate(rules)))
    since = case(*((rule.applies, rule.since) for rule in rules))
    is_stuck = or_(*(rule.applies for rule in rules))
    return _listed(wanted, rules).where(is_stuck).order_by(rank, since)


def _newest_first(wanted: OrderFilter, rules: Sequence[_Rule]) -> Select[Any]:
    return _listed(wanted, rules).order_by(orders.c.created_at.desc())


def _listed(wanted: OrderFilter, rules: Sequence[_Rule]) -> Select[Any]:
    query = select(
        orders.c.id,
        orders.c.status,
        orders.c.total_minor,
        orders.c.refunded_minor,
        orders.c.currency,
        orders.c.customer_email,
        orders.c.created_at,
        orders.c.paid_at,
        case(*((rule.applies, rule.why) for rule in rules), else_=null()).label("why"),
        case(*((rule.applies, rule.since) for rule in rules), else_=null()).label("since"),
    )
    if wanted.statuses:
        query = query.where(orders.c.status.in_(wanted.statuses))
    if wanted.email is not None:
        is_theirs = func.lower(orders.c.customer_email) == wanted.email.strip().lower()
        query = query.where(is_theirs)
    if wanted.since is not None:
        query = query.where(orders.c.created_at >= wanted.since)
    if wanted.needs_attention:
        query = query.where(orders.c.attention.is_not(None))
    return query


async def _fetch(reader: Reader, query: Select[Any]) -> list[ListedOrder]:
    return [_order(row) for row in (await reader.sql.execute(query)).mappings()]


def _order(row: RowMapping) -> ListedOrder:
    return ListedOrder(
        id=row["id"],
        status=OrderStatus(row["status"]),
        total=Money(row["total_minor"], row["currency"]),
        refunded=Money(row["refunded_minor"], row["currency"]),
        customer_email=row["customer_email"],
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        standstill=Standstill(Stuck(row["why"]), row["since"]) if row["why"] else None,
    )
