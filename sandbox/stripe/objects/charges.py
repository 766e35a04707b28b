"""Charges: single attempts to move money."""

from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import created_within, equal, page_of
from sandbox.stripe.objects import addresses, method_shape
from sandbox.stripe.outcomes import Decline, Outcome
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "charge"
_INHERITED = (
    "amount currency description metadata receipt_email statement_descriptor "
    "statement_descriptor_suffix shipping transfer_group"
).split()
_DESCRIPTOR = "BEATLINE SANDBOX"
_RISK_SCORES = {"normal": 20, "elevated": 70, "highest": 90}

# Fields of parts of Stripe that are not emulated: their resting state.
_AT_REST: Json = {
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": _DESCRIPTOR,
    "customer": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "fraud_details": {},
    "livemode": False,
    "on_behalf_of": None,
    "radar_options": {},
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "source_transfer": None,
    "transfer_data": None,
}


def create(
    work: Work, intent: Json, method: Json, status: str, outcome: Outcome, *, captured: bool = True
) -> Json:
    """Record an attempt, of status `succeeded`, `pending` or `failed`."""
    decline = outcome.decline if status == "failed" else None
    return work.save(
        {
            "id": new_id("ch_3"),
            "object": KIND,
            **_AT_REST,
            **{name: intent[name] for name in _INHERITED},
            "amount_captured": intent["amount"] if status == "succeeded" and captured else 0,
            "billing_details": method["billing_details"],
            "captured": captured and status != "failed",
            "created": work.now,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": method_shape.details_on_charge(method),
            **_ending(status, decline, outcome.risk),
        }
    )


def settled(work: Work, charge: Json, decline: Decline | None) -> Json:
    """Record how a pending charge ended."""
    captured = {"amount_captured": 0 if decline else charge["amount"]}
    return work.save(charge | captured | _ending("failed" if decline else "succeeded", decline))


def captured(work: Work, charge: Json) -> Json:
    """Record that what was authorized has been taken."""
    return work.save(charge | {"amount_captured": charge["amount"], "captured": True})


def refunded(charge: Json, amount: int, reason: str | None = None) -> Json:
    """The charge with this much more of it given back, or less where the amount is negative."""
    total = charge["amount_refunded"] + amount
    report = {"fraud_details": {"user_report": "fraudulent"}} if reason == "fraudulent" else {}
    return charge | {"amount_refunded": total, "refunded": total == charge["amount"], **report}


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier)


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    before = work.get(KIND, identifier)
    charge = before | {"metadata": parameters.metadata(before["metadata"])}
    for name in ("description", "receipt_email", "transfer_group"):
        if name in parameters:
            charge[name] = parameters.text(name, clearable=True)
    if (shipping := addresses.shipping(parameters.child("shipping"))) is not None:
        charge["shipping"] = shipping
    if (report := parameters.child("fraud_details")) is not None:
        verdict = report.choice("user_report", ("fraudulent", "safe"))
        charge["fraud_details"] = {"user_report": verdict}
    work.save(charge)
    work.emit("charge.updated", charge, before)
    return charge


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = [
        *created_within(parameters),
        *equal("payment_intent", parameters.text("payment_intent")),
    ]
    return page_of(work, KIND, parameters, conditions, "/v1/charges")


def _ending(status: str, decline: Decline | None, risk: str = "normal") -> Json:
    """What a charge says of how it went."""
    return {
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "outcome": _outcome(status, decline, risk),
        "paid": status == "succeeded",
        "status": status,
    }


def _outcome(status: str, decline: Decline | None, risk: str) -> Json:
    outcome: Json = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None if risk == "normal" else f"{risk}_risk_level",
        "risk_level": risk,
        "risk_score": _RISK_SCORES[risk],
        "seller_message": "Payment complete." if status == "succeeded" else "Payment pending.",
        "type": "authorized",
    }
    if decline is None:
        return outcome
    if decline.blocked:
        message = "Stripe blocked this payment as too risky."
        ended = {"network_status": "not_sent_to_network", "seller_message": message}
        return outcome | ended | {"type": "blocked"}
    return outcome | {
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
