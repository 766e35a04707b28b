"""What happens when a buyer's bank takes a charge back, asks about it, and decides."""

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import equal
from sandbox.stripe.objects import charges
from sandbox.stripe.work import Work

KIND = "dispute"
REASONS = frozenset(
    "credit_not_processed duplicate fraudulent general product_not_received "
    "product_unacceptable subscription_canceled unrecognized".split()
)
_ANSWER_WITHIN = 7 * 24 * 60 * 60  # seconds
_ENDS, _INQUIRY_ENDS = ("won", "lost"), ("warning_closed", "lost")
CLOSED = ("won", "lost", "warning_closed")
_NO_EVIDENCE: Json = {
    "enhanced_eligibility": {},
    "has_evidence": False,
    "past_due": False,
    "submission_count": 0,
}

EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
).split()


def open_on(work: Work, charge: Json, reason: str = "fraudulent", *, inquiry: bool = False) -> Json:
    """Dispute what is left of a charge, or only ask; raises StripeError where nothing is left."""
    charge = work.get(charges.KIND, charge["id"])
    if charge["status"] != "succeeded" or charge["disputed"] or charge["refunded"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed, or is already.")
    if reason not in REASONS:
        raise StripeError(f"reason must be one of {', '.join(sorted(REASONS))}", param="reason")
    work.save(charge | {"disputed": True})
    dispute = work.save(_shape(work, charge, reason, inquiry=inquiry))
    work.emit("charge.dispute.created", dispute)
    if not inquiry:
        work.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_as(work: Work, dispute: Json, outcome: str) -> Json:
    """Decide a dispute: `won` by the shop, or `lost`; an inquiry ends as `warning_closed`."""
    inquiry = is_inquiry(dispute)
    if outcome not in (_INQUIRY_ENDS if inquiry else _ENDS):
        allowed = " or ".join(_INQUIRY_ENDS if inquiry else _ENDS)
        raise StripeError(f"outcome must be {allowed}", param="outcome")
    if dispute["status"] in CLOSED:
        message = f"This dispute is already closed: {dispute['status']}"
        raise StripeError(message, code="dispute_already_closed")
    closed = work.save(dispute | {"status": outcome, "is_charge_refundable": False})
    work.emit("charge.dispute.closed", closed, before=dispute)
    if outcome == "won":
        work.emit("charge.dispute.funds_reinstated", closed)
    return closed


def end_inquiry(work: Work, charge: Json) -> None:
    """A charge that was refunded in full leaves nothing to inquire about."""
    for dispute in of_charge(work, charge):
        if is_inquiry(dispute) and dispute["status"] not in CLOSED:
            close_as(work, dispute, "warning_closed")


def of_charge(work: Work, charge: Json) -> list[Json]:
    return work.select(KIND, equal("charge", charge["id"]))


def forbids_refund(work: Work, charge: Json) -> bool:
    """Whether the money has gone back by a dispute, or may yet."""
    return any(
        not dispute["is_charge_refundable"] and dispute["status"] != "warning_closed"
        for dispute in of_charge(work, charge)
    )


def escalate(work: Work, inquiry: Json) -> Json:
    """Make a dispute of an inquiry: the money is withdrawn."""
    dispute = work.save(inquiry | {"status": "needs_response", "is_charge_refundable": False})
    work.emit("charge.dispute.updated", dispute, before=inquiry)
    work.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _shape(work: Work, charge: Json, reason: str, *, inquiry: bool) -> Json:
    return {
        "id": new_id("dp_1"),
        "object": KIND,
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": work.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": _NO_EVIDENCE | {"due_by": work.now + _ANSWER_WITHIN},
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
        **_card_details(charge["payment_method_details"], inquiry=inquiry),
    }


def _card_details(details: Json, *, inquiry: bool) -> Json:
    if details["type"] != "card":
        return {}
    brand = details["card"]["brand"]
    case = "inquiry" if inquiry else "chargeback"
    card = {"brand": brand, "case_type": case, "network_reason_code": "10.4"}
    return {"payment_method_details": {"type": "card", "card": card}}


def is_inquiry(dispute: Json) -> bool:
    """Whether the bank only asks so far."""
    return bool(dispute["status"].startswith("warning_"))
