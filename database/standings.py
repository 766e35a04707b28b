"""What is known of an order's money and files: facts taken in, one transaction at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from database import attention, order_events
from database.engine import Writer
from database.order_events import Line
from database.tables import orders, users
from domain.errors import OrderNotFound
from domain.money import Money
from domain.order import OrderStatus, normalized_email
from domain.payment import Payment, facts_of
from domain.standing import (
    DisputeSeen,
    DisputeState,
    DownloadsGranted,
    Fact,
    GivenUp,
    PaymentReceived,
    RefundSeen,
    RefundState,
    Standing,
)

# The columns from which a standing is known.
KNOWN = (
    orders.c.status,
    orders.c.total_minor,
    orders.c.currency,
    orders.c.paid_at,
    orders.c.granted_at,
    orders.c.refunds,
    orders.c.disputes,
)


@dataclass(frozen=True)
class Change:
    """What was known before some facts were taken in, and what is known since."""

    before: Standing
    now: Standing

    @property
    def is_news(self) -> bool:
        return self.now != self.before


async def learn(
    writer: Writer, order_id: str, *facts: Fact, why: dict[str, str] | None = None
) -> Change:
    """Takes in facts; those that were known already change nothing. Raises OrderNotFound.

    The order's row stays locked until the transaction ends, so that what two processes learn at
    once adds up. `why` goes into the order's history beside each fact that was news.
    """
    before = await look(writer, order_id)
    now, lines = before, list[Line]()
    for fact in facts:
        wiser = now.after(fact)
        if wiser != now:
            lines.append((_event(fact, wiser), _detail(fact, wiser) | (why or {})))
        now = wiser
    if lines:
        await _save(writer, order_id, before, now, _paid_at(facts))
        await order_events.note_all(writer, order_id, lines)
    return Change(before, now)


async def record_payment(
    writer: Writer,
    order_id: str,
    payment: Payment,
    quoted: Money,
    approved_payment_id: str | None = None,
) -> Change:
    """Who paid for an order, and what has become of the money."""
    why = {"session": payment.session_id}
    facts = facts_of(payment, quoted, approved_payment_id)
    change = await learn(writer, order_id, *facts, why=why)
    if change.is_news:
        await record_payer(writer, order_id, payment)
    return change


async def record_payer(writer: Writer, order_id: str, payment: Payment) -> None:
    """Who paid and how, unless another payment is the order's."""
    is_ours = or_(orders.c.payment_id.is_(None), orders.c.payment_id == payment.payment_intent_id)
    email = payment.customer.email
    values: dict[str, Any] = {
        "customer_email": email or orders.c.customer_email,
        "customer_name": payment.customer.name,
        "customer_phone": payment.customer.phone,
        "payment_id": payment.payment_intent_id,
        "payment_method": payment.method,
    }
    if email is not None:
        values["user_id"] = await _buyer(writer, email)
    await writer.sql.execute(update(orders).where(orders.c.id == order_id, is_ours).values(values))


async def _buyer(writer: Writer, email: str) -> int:
    """The user with this address, made if need be."""
    claim = insert(users).values(email=normalized_email(email))
    statement = claim.on_conflict_do_update(
        index_elements=["email"], set_={"email": claim.excluded.email}
    )
    buyer: int = await writer.sql.scalar(statement.returning(users.c.id))
    return buyer


async def look(writer: Writer, order_id: str) -> Standing:
    """What is known, and stays so until the transaction ends. Raises OrderNotFound."""
    query = select(*KNOWN).where(orders.c.id == order_id).with_for_update()
    row = (await writer.sql.execute(query)).mappings().one_or_none()
    if row is None:
        raise OrderNotFound
    return standing_of(row)


def standing_of(row: RowMapping) -> Standing:
    """What the KNOWN columns of an order's row say."""
    status = OrderStatus(row["status"])
    return Standing(
        total=Money(row["total_minor"], row["currency"]),
        is_paid=row["paid_at"] is not None,
        is_granted=row["granted_at"] is not None,
        given_up=status if status in (OrderStatus.CANCELLED, OrderStatus.FAILED) else None,
        refunds={id_: _refund(id_, seen) for id_, seen in row["refunds"].items()},
        disputes={id_: DisputeState(state) for id_, state in row["disputes"].items()},
    )


def _refund(refund_id: str, seen: dict[str, Any]) -> RefundSeen:
    state = RefundState(seen["state"])
    return RefundSeen(refund_id, seen["minor"], seen["of"], state, seen.get("wish"))


def _refund_to_json(seen: RefundSeen) -> dict[str, Any]:
    kept = {"state": seen.state, "minor": seen.minor, "of": seen.of_minor}
    return kept | ({"wish": seen.wish} if seen.wish is not None else {})


async def _save(
    writer: Writer, order_id: str, before: Standing, now: Standing, paid_at: datetime | None
) -> None:
    values: dict[str, Any] = {
        "status": now.status,
        "refunded_minor": now.refunded.minor,
        "is_refunded_in_full": now.is_refunded_in_full,
        "refunds": {id_: _refund_to_json(seen) for id_, seen in now.refunds.items()},
        "disputes": dict(now.disputes),
        "updated_at": func.now(),
    }
    if now.is_paid and not before.is_paid:
        values["paid_at"] = paid_at or func.now()
    if now.is_granted and not before.is_granted:
        values["granted_at"] = func.now()
    if now.status is not before.status:  # most of what it waited for is over with that
        waits_on = orders.c.attention.in_(attention.standing_in(now.status))
        values["attention"] = case((waits_on, orders.c.attention))
        values["attention_since"] = case((waits_on, orders.c.attention_since))
    await writer.sql.execute(update(orders).where(orders.c.id == order_id).values(values))


def _paid_at(facts: Sequence[Fact]) -> datetime | None:
    return next((fact.at for fact in facts if isinstance(fact, PaymentReceived)), None)


def _event(fact: Fact, now: Standing) -> str:
    """What the order's history calls a fact that was news."""
    match fact:
        case GivenUp(status):
            return status.lower()
        case PaymentReceived():
            return "paid"
        case DownloadsGranted():
            return "completed"
        case RefundSeen(state=RefundState.FAILED):
            return "refund_failed"
        case RefundSeen():
            return "refunded" if now.is_refunded_in_full else "refunded_in_part"
        case DisputeSeen(_, state):
            return f"dispute_{state}"


def _detail(fact: Fact, now: Standing) -> dict[str, str]:
    match fact:
        case PaymentReceived(amount, _):
            return {"amount": str(amount)}
        case RefundSeen(refund_id):
            return {"refunded": str(now.refunded), "refund": refund_id}
        case DisputeSeen(dispute_id, _):
            return {"dispute": dispute_id}
        case _:
            return {}
