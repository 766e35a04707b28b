"""What is known of an order's money and files: facts taken in, one transaction at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    Column,
    RowMapping,
    Text,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from database import attention, order_events
from database.engine import Recorder, Writer
from database.order_events import Line
from database.tables import orders, users
from domain.errors import OrderNotFound
from domain.money import Money
from domain.order import Attention, OrderStatus, normalized_email
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
    writer: Writer,
    order_id: str,
    *facts: Fact,
    why: dict[str, str] | None = None,
    known: Standing | None = None,
) -> Change:
    """Takes in facts; those that were known already change nothing. Raises OrderNotFound.

    The order's row stays locked until the transaction ends, so that what two processes learn at
    once adds up; `known` is what `look` has found in this transaction. `why` goes into the order's
    history beside each fact that was news.
    """
    before = known or await look(writer, order_id)
    return await _take_in(writer, order_id, before, facts, why or {})


async def record_payment(
    writer: Writer,
    order_id: str,
    payment: Payment,
    quoted: Money,
    approved_payment_id: str | None = None,
) -> Change:
    """Who paid for an order, and what has become of the money."""
    row = await _locked(writer, order_id)
    is_ours = row["payment_id"] in (None, payment.payment_intent_id)
    facts = facts_of(payment, quoted, approved_payment_id)
    why, payer = {"session": payment.session_id}, payment if is_ours else None
    return await _take_in(writer, order_id, standing_of(row), facts, why, payer)


async def record_payer(recorder: Recorder, order_id: str, payment: Payment) -> None:
    """Who paid and how, unless another payment is the order's."""
    await recorder.sql.execute(_RECORD_PAYER, {_ORDER: order_id} | _payer(payment))


async def look(writer: Writer, order_id: str) -> Standing:
    """What is known, and stays so until the transaction ends. Raises OrderNotFound."""
    return standing_of(await _locked(writer, order_id))


async def _locked(writer: Writer, order_id: str) -> RowMapping:
    row = (await writer.sql.execute(_LOCK, {_ORDER: order_id})).mappings().one_or_none()
    if row is None:
        raise OrderNotFound
    return row


async def _take_in(
    writer: Writer,
    order_id: str,
    before: Standing,
    facts: Sequence[Fact],
    why: dict[str, str],
    payment: Payment | None = None,
) -> Change:
    """What the facts that are news make of an order, by one statement, with its new `payment`."""
    now, lines = before, list[Line]()
    for fact in facts:
        wiser = now.after(fact)
        if wiser != now:
            lines.append((_event(fact, wiser), _detail(fact, wiser) | why))
        now = wiser
    if lines:
        values = {_ORDER: order_id} | _known(before, now, facts) | order_events.told_as(*lines)
        if payment is None:
            await writer.sql.execute(_SAVE, values)
        else:
            await writer.sql.execute(_SAVE_WITH_PAYER, values | _payer(payment))
    return Change(before, now)


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


def _known(before: Standing, now: Standing, facts: Sequence[Fact]) -> dict[str, Any]:
    """What _SAVE is to be told of a standing."""
    # Most of what an order waited for is over once its status is another.
    waits = attention.standing_in(now.status) if now.status is not before.status else Attention
    return {
        "new_status": now.status,
        "new_refunded_minor": now.refunded.minor,
        "new_is_refunded_in_full": now.is_refunded_in_full,
        "new_refunds": {id_: _refund_to_json(seen) for id_, seen in now.refunds.items()},
        "new_disputes": dict(now.disputes),
        "is_paid": now.is_paid,
        "new_paid_at": _paid_at(facts),
        "is_granted": now.is_granted,
        "waits": list(waits),
    }


def _payer(payment: Payment) -> dict[str, Any]:
    """What _RECORD_PAYER is to be told of a payment."""
    email = payment.customer.email
    return {
        "new_customer_email": email,
        "buyer_email": normalized_email(email) if email is not None else None,
        "new_customer_name": payment.customer.name,
        "new_customer_phone": payment.customer.phone,
        "new_payment_id": payment.payment_intent_id,
        "new_payment_method": payment.method,
    }


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


def _new(column: Column[Any]) -> BindParameter[Any]:
    return bindparam(f"new_{column.name}", type_=column.type)


_ORDER = "of_order"
_IS_ITS = orders.c.id == bindparam(_ORDER)
_LOCK = select(*KNOWN, orders.c.payment_id).where(_IS_ITS).with_for_update()

_waits_on = orders.c.attention == any_(bindparam("waits", type_=ARRAY(Text)))
_save = (
    update(orders)
    .where(_IS_ITS)
    .values(
        {each: _new(each) for each in (orders.c.status, orders.c.refunded_minor)}
        | {each: _new(each) for each in (orders.c.refunds, orders.c.disputes)}
        | {
            orders.c.is_refunded_in_full: _new(orders.c.is_refunded_in_full),
            orders.c.paid_at: func.coalesce(
                orders.c.paid_at,
                case(
                    (
                        bindparam("is_paid", type_=Boolean),
                        func.coalesce(_new(orders.c.paid_at), func.now()),
                    )
                ),
            ),
            orders.c.granted_at: func.coalesce(
                orders.c.granted_at, case((bindparam("is_granted", type_=Boolean), func.now()))
            ),
            orders.c.attention: case((_waits_on, orders.c.attention)),
            orders.c.attention_since: case((_waits_on, orders.c.attention_since)),
            orders.c.updated_at: func.now(),
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
    orders.c.customer_email: func.coalesce(_new(orders.c.customer_email), orders.c.customer_email),
    orders.c.customer_name: _new(orders.c.customer_name),
    orders.c.customer_phone: _new(orders.c.customer_phone),
    orders.c.payment_id: _new(orders.c.payment_id),
    orders.c.payment_method: _new(orders.c.payment_method),
}
_SAVE = order_events.noting(_save)
_SAVE_WITH_PAYER = order_events.noting(_save.values(_payer_columns))
_RECORD_PAYER = (
    update(orders)
    .where(
        _IS_ITS,
        or_(orders.c.payment_id.is_(None), orders.c.payment_id == _new(orders.c.payment_id)),
    )
    .values(_payer_columns)
)
