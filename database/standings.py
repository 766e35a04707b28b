"""What is known of an order's money and files: facts taken in, one transaction at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from database import order_events
from database.engine import Recorder, Writer
from database.order_events import Line
from database.parameters import ORDER
from database.standing_rows import (
    LOCK,
    RECORD_PAYER,
    SAVE,
    SAVE_WITH_PAYER,
    payer,
    standing_of,
    told_of,
)
from domain.errors import OrderNotFound
from domain.money import Money
from domain.payment import Payment, facts_of
from domain.standing import (
    DisputeSeen,
    DownloadsGranted,
    Fact,
    GivenUp,
    PaymentReceived,
    RefundSeen,
    RefundState,
    Standing,
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
    why = {"session": payment.session_id}
    new_payment = payment if is_ours else None
    return await _take_in(writer, order_id, standing_of(row), facts, why, new_payment)


async def record_payer(recorder: Recorder, order_id: str, payment: Payment) -> None:
    """Who paid and how, unless another payment is the order's."""
    await recorder.sql.execute(RECORD_PAYER, {ORDER: order_id} | payer(payment))


async def look(writer: Writer, order_id: str) -> Standing:
    """What is known, and stays so until the transaction ends. Raises OrderNotFound."""
    return standing_of(await _locked(writer, order_id))


async def _locked(writer: Writer, order_id: str) -> RowMapping:
    row = (await writer.sql.execute(LOCK, {ORDER: order_id})).mappings().one_or_none()
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
        values = {ORDER: order_id} | told_of(before, now, facts) | order_events.told_as(*lines)
        if payment is None:
            await writer.sql.execute(SAVE, values)
        else:
            await writer.sql.execute(SAVE_WITH_PAYER, values | payer(payment))
    return Change(before, now)


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
        case DisputeSeen(state=state):
            return f"dispute_{state}"


def _detail(fact: Fact, now: Standing) -> dict[str, str]:
    match fact:
        case PaymentReceived(amount, _):
            return {"amount": str(amount)}
        case RefundSeen(refund_id):
            return {"refunded": str(now.refunded), "refund": refund_id}
        case DisputeSeen(dispute_id):
            return {"dispute": dispute_id}
        case _:
            return {}
