"""Disputes: a buyer's bank takes a charge back, and may return it."""

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import created_within, equal, page_of
from sandbox.stripe.objects import charges
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "dispute"
REASONS = frozenset(
    "credit_not_processed duplicate fraudulent general product_not_received "
    "product_unacceptable subscription_canceled unrecognized".split()
)
_ANSWER_WITHIN = 7 * 24 * 60 * 60  # seconds
_CLOSED = ("won", "lost")
_NO_EVIDENCE: Json = {
    "enhanced_eligibility": {},
    "has_evidence": False,
    "past_due": False,
    "submission_count": 0,
}

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
).split()


def open_on(work: Work, charge: Json, reason: str = "fraudulent") -> Json:
    """Dispute what is left of a charge; raises StripeError where nothing is."""
    if charge["status"] != "succeeded" or charge["disputed"] or charge["refunded"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed, or is already.")
    if reason not in REASONS:
        raise StripeError(f"reason must be one of {', '.join(sorted(REASONS))}", param="reason")
    work.save(charge | {"disputed": True})
    dispute = work.save(_shape(work, charge, reason))
    work.emit("charge.dispute.created", dispute)
    work.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_as(work: Work, dispute: Json, outcome: str) -> Json:
    """Decide a dispute: `won` by the shop, or `lost`."""
    if outcome not in _CLOSED:
        raise StripeError("outcome must be won or lost", param="outcome")
    if dispute["status"] in _CLOSED:
        message = f"This dispute is already closed: {dispute['status']}"
        raise StripeError(message, code="dispute_already_closed")
    closed = work.save(dispute | {"status": outcome, "is_charge_refundable": False})
    work.emit("charge.dispute.closed", closed)
    if outcome == "won":
        work.emit("charge.dispute.funds_reinstated", closed)
    return closed


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "dispute")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Take evidence; the texts `winning_evidence` and `losing_evidence` decide at once."""
    dispute = work.get(KIND, identifier, "dispute")
    dispute["metadata"] = parameters.metadata(dispute["metadata"])
    given = parameters.child("evidence")
    if given is not None:
        named = {name: given.text(name, clearable=True) for name in _EVIDENCE if name in given}
        dispute["evidence"] |= named
        dispute["evidence_details"]["has_evidence"] = True
    if parameters.flag("submit") is False or given is None:
        return work.save(dispute)
    dispute["evidence_details"]["submission_count"] += 1
    work.save(dispute | {"status": "under_review"})
    work.emit("charge.dispute.updated", dispute | {"status": "under_review"})
    outcomes = {"winning_evidence": "won", "losing_evidence": "lost"}
    outcome = outcomes.get(dispute["evidence"]["uncategorized_text"] or "")
    return close_as(work, dispute, outcome) if outcome else work.get(KIND, identifier)


def close(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Give in."""
    return close_as(work, work.get(KIND, identifier, "dispute"), "lost")


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


def _shape(work: Work, charge: Json, reason: str) -> Json:
    return {
        "id": new_id("dp_1"),
        "object": KIND,
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": _NO_EVIDENCE | {"due_by": work.now + _ANSWER_WITHIN},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
        **_card_details(charge["payment_method_details"]),
    }


def _card_details(details: Json) -> Json:
    if details["type"] != "card":
        return {}
    brand = details["card"]["brand"]
    card = {"brand": brand, "case_type": "chargeback", "network_reason_code": "10.4"}
    return {"payment_method_details": {"type": "card", "card": card}}
