"""What happens when money is given back: at once, later, or in the end not at all."""

from sandbox.stripe import disputing
from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.objects import charges
from sandbox.stripe.objects.charges import KIND as CHARGE
from sandbox.stripe.outcomes import RefundCourse
from sandbox.stripe.work import Work

KIND = "refund"
SETTLEMENT = "settle refund"  # the timer; its subject is the refund
_COURSE = "sandbox.refund_course"  # our own record of how a charge's refunds go
_FAILURE = "expired_or_canceled_card"


def expect(work: Work, charge: Json, course: RefundCourse) -> None:
    """Note how a charge's refunds will go, where it is not at once."""
    if course != "at_once":
        work.save({"id": charge["id"], "object": _COURSE, "created": work.now, "course": course})


def give_back(
    work: Work, charge: Json, amount: int, reason: str | None = None, metadata: Json | None = None
) -> Json:
    """Refund this much of a charge."""
    record = work.find(_COURSE, charge["id"])
    course = record["course"] if record else "at_once"
    refund = work.save(_shape(work, charge, amount, reason, metadata or {}))
    if course == "later":
        refund = work.save(refund | {"pending_reason": "processing", "status": "pending"})
    if course != "at_once":
        work.timers.set(SETTLEMENT, refund["id"], work.now + work.config.settle_after)
    work.emit("refund.created", refund)
    reduced = work.save(charges.refunded(charge, amount, reason))
    work.emit("charge.refunded", reduced, before=charge)
    if reduced["refunded"]:
        disputing.end_inquiry(work, reduced)
    return refund


def settle(work: Work, refund_id: str, outcome: str | None = None) -> Json | None:
    """Let a refund succeed or fail, as its card or `outcome` (`succeeded`, `failed`) has it.

    None when there is nothing left to decide.
    """
    refund = work.find(KIND, refund_id)
    if refund is None or refund["status"] not in ("pending", "succeeded"):
        return None
    work.timers.cancel(SETTLEMENT, refund_id)
    record = work.find(_COURSE, refund["charge"])
    fails = record is not None and record["course"] == "fails"
    if fails if outcome is None else outcome == "failed":
        return _fail(work, refund)
    if refund["status"] == "succeeded":
        return None
    settled = {key: value for key, value in refund.items() if key != "pending_reason"}
    return _changed(work, refund, settled | {"status": "succeeded"})


def _fail(work: Work, refund: Json) -> Json:
    """The money comes back to the shop; the charge counts as not refunded by as much."""
    charge = work.get(CHARGE, refund["charge"])
    work.save(charges.refunded(charge, -refund["amount"]))
    failed = {key: value for key, value in refund.items() if key != "pending_reason"}
    failed |= {"failure_reason": _FAILURE, "status": "failed"}
    changed = _changed(work, refund, failed)
    work.emit("refund.failed", changed)
    return changed


def _changed(work: Work, before: Json, refund: Json) -> Json:
    work.save(refund)
    for event in ("refund.updated", "charge.refund.updated"):
        work.emit(event, refund, before=before)
    return refund


def _shape(work: Work, charge: Json, amount: int, reason: str | None, metadata: Json) -> Json:
    return {
        "id": new_id("re_3"),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": _destination(charge),
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _destination(charge: Json) -> Json:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    return {"type": "card", "card": {"reference_status": "pending", "type": "refund"}}
