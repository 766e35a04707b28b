"""`retry`, `approve`, `cancel`, `dismiss`, `resend` and `reconcile`: what operators have done."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from activities.decisions import Act
from cli.orders import printing
from cli.orders.office import SWEEP, Office
from cli.orders.options import Dismissal
from cli.orders.views import ActView, ReceiptView, ReportView
from cli.orders.words import Failed
from database import attention, order_events, order_record, orders
from domain.errors import Unavailable
from domain.order import Attention, Order, OrderStatus
from domain.receipt import ReceiptOutcome
from temporal.client import WorkflowEnded
from workflows.checkout import PaymentReported
from workflows.decisions import Said
from workflows.review import Review

# How long an order is watched for what comes of a decision.
WATCHED = timedelta(seconds=5)
POLL_SECONDS = 0.1
RECEIPT_PATIENCE = timedelta(seconds=10)


async def decide(office: Office, reference: str, act: Act, said: Said, *, as_json: bool) -> None:
    """Has a decision carried out, and tells what came of it."""
    order = await office.order(reference)
    outcome = await (_retry if act is Act.RETRY else _tell)(office, order, act, said)
    status = await _status_after(office, order)
    if as_json:
        told = ActView(order_id=order.id, act=act, outcome=outcome, status=status)
        printing.as_json(told)
    else:
        printing.say(f"{order.id}: {outcome}. It is {status} now.")


async def _tell(office: Office, order: Order, act: Act, said: Said) -> str:
    try:
        await (await office.operations()).decide(order.id, act, said, _new_id(act))
    except WorkflowEnded:
        raise Failed(_without_checkout(order, act)) from None
    return {Act.APPROVE: "the payment is approved", Act.CANCEL: "its page is closed"}[act]


async def _retry(office: Office, order: Order, act: Act, said: Said) -> str:
    """Has the order's checkout look again, or whoever is to look once there is none."""
    decision_id = _new_id(act)
    if order.attention is Attention.SECOND_PAYMENT_KEPT:
        return await _look_at_second(office, order, said, decision_id)
    operations = await office.operations()
    try:
        await operations.decide(order.id, act, said, decision_id)
    except WorkflowEnded:
        return await _look_anew(office, order, said, decision_id)
    with suppress(Unavailable):  # a Temporal too old for it, say: the step comes in its own time
        await operations.hurry(order.id)
    if not _is_up_to_the_checkout(order):  # which sees to the receipt, and no more
        await _look_at_payment(office, order, decision_id)
    return "its checkout looks again"


async def _look_anew(office: Office, order: Order, said: Said, decision_id: str) -> str:
    """Starts what is not under way: each step finds what was done before, and does the rest."""
    await _note_retry(office, order, said, decision_id)
    if _is_up_to_the_checkout(order):
        await (await office.checkouts()).report(order.id, _report(decision_id), reopen=True)
        return "its checkout was not under way, and is started again"
    await _look_at_payment(office, order, decision_id)
    return "its checkout has ended, and its payment is looked at once more"


def _is_up_to_the_checkout(order: Order) -> bool:
    """Whether the order has yet to get its files, or to be given up."""
    return order.status.is_unpaid or order.status is OrderStatus.PAID or order.payment_id is None


async def _look_at_payment(office: Office, order: Order, decision_id: str) -> None:
    review = Review(payment_id=order.payment_id, order_id=order.id)
    await (await office.checkouts()).review(review, _report(decision_id))


async def _look_at_second(office: Office, order: Order, said: Said, decision_id: str) -> str:
    """Has the payment looked at that came on another page, and should have gone back."""
    async with office.database.reading() as reader:
        lines = await order_record.history(reader, order.id)
    kept = [line.detail["session"] for line in lines if line.event == "second_payment_kept"]
    await _note_retry(office, order, said, decision_id)
    review = Review(order_id=order.id, other_session_id=kept[-1])
    await (await office.checkouts()).review(review, _report(decision_id))
    return "its second payment is looked at once more"


async def _note_retry(office: Office, order: Order, said: Said, decision_id: str) -> None:
    told = {"by": said.by, "reason": said.reason, "decision": decision_id}
    async with office.database.writing() as writer:
        await order_events.note(writer, order.id, "retry_decided", **told)


def _report(decision_id: str) -> PaymentReported:
    return PaymentReported(decision_id, "an operator's retry")


# Money that is to go back, and that Stripe did not take: what it is to operators, and to the books.
_OF_MONEY = {
    Dismissal.SECOND_PAYMENT: (Attention.SECOND_PAYMENT_KEPT, "its second payment is seen to"),
    Dismissal.REFUND: (Attention.REFUND_FAILED, "the refund that came back is seen to"),
}


async def dismiss(
    office: Office, reference: str, said: Said, what: Dismissal | None, *, as_json: bool
) -> None:
    """Takes an order off the list whose money was seen to elsewhere; who decided so is noted."""
    order = await office.order(reference)
    why, outcome = _OF_MONEY[_dismissed(order, what)]
    async with office.database.writing() as writer:
        told = {"by": said.by, "reason": said.reason, "why": why.value}
        await order_events.note(writer, order.id, "dismiss_decided", **told)
        await attention.clear(writer, order.id, why)
    if as_json:
        act, status = "dismiss", order.status
        printing.as_json(ActView(order_id=order.id, act=act, outcome=outcome, status=status))
    else:
        printing.say(f"{order.id}: {outcome}. It is {order.status} now.")


def _dismissed(order: Order, what: Dismissal | None) -> Dismissal:
    """What is meant; refuses where nothing of it waits, or more than one thing does."""
    waiting = [each for each, (why, _) in _OF_MONEY.items() if why in order.waits_for]
    meant = [each for each in waiting if what in (None, each)]
    if not meant:
        raise Failed(f"No such money of {order.id} waits to be sent back in another way.")
    if len(meant) > 1:
        raise Failed(f"More than one thing of {order.id} waits: say --what {' or '.join(meant)}.")
    return meant[0]


async def resend(office: Office, reference: str, said: Said, *, as_json: bool) -> None:
    """Has the receipt sent once more; fails where it was not."""
    order = await office.order(reference)
    if order.status is not OrderStatus.COMPLETED:
        raise Failed(f"{order.id} is {order.status}: there is no receipt to send.")
    if order.customer_email is None:
        raise Failed(f"{order.id} has no e-mail address to send a receipt to.")
    # Buyers get one a minute; an operator's, numbered by the millisecond, is one of its own.
    number = int(datetime.now(UTC).timestamp() * 1000)
    workflow_id = await (await office.receipts()).send(order.id, number)
    told = {"by": said.by, "reason": said.reason, "receipt": workflow_id}
    async with office.database.writing() as writer:
        await order_events.note(writer, order.id, "resend_decided", **told)
    outcome = await _receipt_outcome(office, workflow_id)
    if as_json:
        view = ReceiptView(order_id=order.id, workflow_id=workflow_id, outcome=outcome)
        printing.as_json(view)
    elif outcome in (None, ReceiptOutcome.SENT):
        printing.say(f"{order.id}: the receipt is {outcome or 'on its way'}.")
    if outcome not in (None, ReceiptOutcome.SENT):
        raise Failed(f"{order.id}: the receipt was not sent: {await _why_unsent(office, order)}.")


async def _receipt_outcome(office: Office, workflow_id: str) -> ReceiptOutcome | None:
    """None while the mail server is tried."""
    try:
        return await (await office.operations(RECEIPT_PATIENCE)).receipt_outcome(workflow_id)
    except Unavailable:
        return None


async def _why_unsent(office: Office, order: Order) -> str:
    async with office.database.reading() as reader:
        lines = await order_record.history(reader, order.id)
    reasons = [
        line.detail["reason"]
        for line in lines
        if line.event in ("receipt_failed", "receipt_skipped")
    ]
    return reasons[-1] if reasons else "its history does not say why"


async def reconcile(office: Office, hours: int, *, as_json: bool) -> None:
    """Compares Stripe's word with our books, and tells what was found."""
    report = await (await office.operations(SWEEP)).reconcile(hours)
    view = ReportView.of(hours, report)
    if as_json:
        printing.as_json(view)
        return
    printing.say(
        f"In the last {hours} h: {view.events_seen} events, of which {view.events_missed} had "
        f"never reached us; {view.sessions_compared} paid sessions compared with the orders."
    )
    for what, found in (
        ("paid at Stripe, and not in our books", view.unpaid_here),
        ("paid, and without their files", view.unfulfilled),
        ("pending, though their page is closed", view.overdue),
        ("refunded or disputed, and we did not know", view.returned_there),
    ):
        if found:
            printing.say(f"{len(found)} orders {what}: {', '.join(found)}")
    printing.say(f"{view.events_requeued} events are delivered once more.")


async def _status_after(office: Office, before: Order) -> OrderStatus:
    """What an order is once something has come of a decision, or nothing has for a while."""
    deadline = time.monotonic() + WATCHED.total_seconds()
    while True:
        async with office.database.reading() as reader:
            order = await orders.find(reader, before.id)
        has_moved = order is not None and (order.status, order.attention) != (
            before.status,
            before.attention,
        )
        is_under_way = order is not None and order.status is OrderStatus.PAID
        if (has_moved and not is_under_way) or time.monotonic() > deadline:
            return order.status if order is not None else before.status
        await asyncio.sleep(POLL_SECONDS)


def _without_checkout(order: Order, act: Act) -> str:
    if order.status is OrderStatus.PENDING:
        return f"No checkout of {order.id} is under way: retry starts it again, then {act}."
    return f"The checkout of {order.id} has ended, and the order is {order.status}."


def _new_id(act: Act) -> str:
    return f"{act}-{uuid4().hex}"
