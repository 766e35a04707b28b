"""Disputes: a buyer's bank takes a charge back, and may return it."""

from sandbox.stripe import disputing
from sandbox.stripe.disputing import KIND
from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.listing import created_within, equal, page_of
from sandbox.stripe.objects import charges
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

# What `uncategorized_text` decides, as in Stripe's test mode.
_DECISIONS = {
    "winning_evidence": "won",
    "losing_evidence": "lost",
    "escalate_inquiry_evidence": "escalated",
}


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "dispute")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Take evidence; some texts, named in _DECISIONS, decide at once."""
    before = work.get(KIND, identifier, "dispute")
    if before["status"] in disputing.CLOSED and "evidence" in parameters:
        message = f"This dispute is already closed: {before['status']}"
        raise StripeError(message, code="dispute_already_closed")
    dispute = before | {"metadata": parameters.metadata(before["metadata"])}
    given = parameters.child("evidence")
    submits = parameters.flag("submit") is not False and given is not None
    if given is not None:
        dispute |= _with_evidence(before, given, submits=submits)
    work.save(dispute)
    work.emit("charge.dispute.updated", dispute, before)
    text = dispute["evidence"]["uncategorized_text"] or ""
    return _decide(work, dispute, _DECISIONS.get(text)) if submits else dispute


def _with_evidence(dispute: Json, given: Parameters, *, submits: bool) -> Json:
    named = {name: given.text(name, clearable=True) for name in disputing.EVIDENCE if name in given}
    details = dispute["evidence_details"] | {"has_evidence": True}
    changes = {"evidence": dispute["evidence"] | named, "evidence_details": details}
    if submits:
        details["submission_count"] += 1
        reviewed = "warning_under_review" if disputing.is_inquiry(dispute) else "under_review"
        return changes | {"status": reviewed}
    return changes


def _decide(work: Work, dispute: Json, decision: str | None) -> Json:
    """End a dispute as its evidence has it; an inquiry may become a dispute instead."""
    match decision:
        case "escalated" if disputing.is_inquiry(dispute):
            return disputing.escalate(work, dispute)
        case "won" | "lost":
            inquiry = disputing.is_inquiry(dispute)
            return disputing.close_as(work, dispute, "warning_closed" if inquiry else decision)
        case _:
            return dispute


def close(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Give in."""
    return disputing.close_as(work, work.get(KIND, identifier, "dispute"), "lost")


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = [
        *created_within(parameters),
        *equal("charge", parameters.text("charge")),
        *equal("payment_intent", parameters.text("payment_intent")),
    ]
    return page_of(work, KIND, parameters, conditions, "/v1/disputes")


def charge_to_dispute(work: Work, charge: str | None, intent: str | None) -> Json:
    """By the charge's own id, or by its payment intent's."""
    if charge is None and intent is not None:
        charge = work.get("payment_intent", intent, "payment_intent")["latest_charge"]
    if charge is None:
        raise StripeError("A charge or a payment_intent that has one is needed.", param="charge")
    return work.get(charges.KIND, charge, "charge")
