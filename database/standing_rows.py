"""An order's row, as far as it tells where the order stands: read, locked and written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    RowMapping,
    Text,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from database import attention, order_events
from database.catalog_tables import users
from database.parameters import OF_ORDER, new, told
from database.tables import orders
from domain.money import Money
from domain.order import Attention, OrderStatus, normalized_email
from domain.payment import Payment
from domain.standing import (
    NEVER,
    DisputeSeen,
    DisputeState,
    Fact,
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
    orders.c.disputes_seen_at,
)


def standing_of(row: RowMapping) -> Standing:
    """What the KNOWN columns of an order's row say."""
    status = OrderStatus(row["status"])
    return Standing(
        total=Money(row["total_minor"], row["currency"]),
        is_paid=row["paid_at"] is not None,
        is_granted=row["granted_at"] is not None,
        given_up=status if status in (OrderStatus.CANCELLED, OrderStatus.FAILED) else None,
        refunds={id_: _refund(id_, seen) for id_, seen in row["refunds"].items()},
        disputes={
            id_: DisputeSeen(id_, DisputeState(state), _seen_at(row["disputes_seen_at"].get(id_)))
            for id_, state in row["disputes"].items()
        },
    )


def _seen_at(noted: str | None) -> datetime:
    return datetime.fromisoformat(noted) if noted is not None else NEVER


def _refund(refund_id: str, seen: dict[str, Any]) -> RefundSeen:
    state = RefundState(seen["state"])
    return RefundSeen(refund_id, seen["minor"], seen["of"], state, seen.get("wish"))


def _refund_to_json(seen: RefundSeen) -> dict[str, Any]:
    kept = {"state": seen.state, "minor": seen.minor, "of": seen.of_minor}
    return kept | ({"wish": seen.wish} if seen.wish is not None else {})


def told_of(before: Standing, now: Standing, facts: Sequence[Fact]) -> dict[str, Any]:
    """What SAVE is to be told of a standing that some facts have changed."""
    # Most of what an order waited for is over once its status is another.
    waits = attention.standing_in(now.status) if now.status is not before.status else Attention
    columns = {
        "status": now.status,
        "refunded_minor": now.refunded.minor,
        "is_refunded_in_full": now.is_refunded_in_full,
        "refunds": {id_: _refund_to_json(seen) for id_, seen in now.refunds.items()},
        "disputes": {id_: seen.state for id_, seen in now.disputes.items()},
        "disputes_seen_at": {id_: seen.seen_at.isoformat() for id_, seen in now.disputes.items()},
        "paid_at": _paid_at(facts),
    }
    facts_known = {"is_paid": now.is_paid, "is_granted": now.is_granted}
    return told(columns) | facts_known | {"waits": list(waits)}


def payer(payment: Payment) -> dict[str, Any]:
    """What SAVE_WITH_PAYER and RECORD_PAYER are to be told of a payment."""
    email = payment.customer.email
    columns = {
        "customer_email": email,
        "customer_name": payment.customer.name,
        "customer_phone": payment.customer.phone,
        "payment_id": payment.payment_intent_id,
        "payment_method": payment.method,
    }
    return told(columns) | {"buyer_email": normalized_email(email) if email is not None else None}


def _paid_at(facts: Sequence[Fact]) -> datetime | None:
    return next((fact.at for fact in facts if isinstance(fact, PaymentReceived)), None)


_IS_ITS = orders.c.id == OF_ORDER
LOCK = select(*KNOWN, orders.c.payment_id).where(_IS_ITS).with_for_update()

_save = (
    update(orders)
    .where(_IS_ITS)
    .values(
        {
            orders.c.status: new(orders.c.status),
            orders.c.refunded_minor: new(orders.c.refunded_minor),
            orders.c.is_refunded_in_full: new(orders.c.is_refunded_in_full),
            orders.c.refunds: new(orders.c.refunds),
            orders.c.disputes: new(orders.c.disputes),
            orders.c.disputes_seen_at: new(orders.c.disputes_seen_at),
            orders.c.paid_at: func.coalesce(
                orders.c.paid_at,
                case(
                    (
                        bindparam("is_paid", type_=Boolean),
                        func.coalesce(new(orders.c.paid_at), func.now()),
                    )
                ),
            ),
            orders.c.granted_at: func.coalesce(
                orders.c.granted_at, case((bindparam("is_granted", type_=Boolean), func.now()))
            ),
            orders.c.updated_at: func.now(),
            **attention.left_of(bindparam("waits", type_=ARRAY(Text))),
        }
    )
)

# The user with the buyer's address, made if need be; nobody where Stripe gave no address.
_email = bindparam("buyer_email", type_=Text)
_claim = insert(users).from_select(["email"], select(_email).where(_email.is_not(None)))
_buyer = (
    _claim.on_conflict_do_update(index_elements=["email"], set_={"email": _claim.excluded.email})
    .returning(users.c.id)
    .cte("buyer")
)
_payer_columns = {
    orders.c.user_id: func.coalesce(select(_buyer.c.id).scalar_subquery(), orders.c.user_id),
    orders.c.customer_email: func.coalesce(new(orders.c.customer_email), orders.c.customer_email),
    orders.c.customer_name: new(orders.c.customer_name),
    orders.c.customer_phone: new(orders.c.customer_phone),
    orders.c.payment_id: new(orders.c.payment_id),
    orders.c.payment_method: new(orders.c.payment_method),
}
SAVE = order_events.noting(_save)
SAVE_WITH_PAYER = order_events.noting(_save.values(_payer_columns))
RECORD_PAYER = (
    update(orders)
    .where(
        _IS_ITS,
        or_(orders.c.payment_id.is_(None), orders.c.payment_id == new(orders.c.payment_id)),
    )
    .values(_payer_columns)
)
