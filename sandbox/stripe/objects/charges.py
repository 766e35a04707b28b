"""Charges: single attempts to move money."""

from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import created_within, equal, page_of
from sandbox.stripe.means import Decline
from sandbox.stripe.objects import payment_methods
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "charge"
_INHERITED = (
    "amount currency description metadata receipt_email statement_descriptor "
    "statement_descriptor_suffix transfer_group"
).split()
_DESCRIPTOR = "BEATLINE SANDBOX"

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
    "shipping": None,
    "transfer_data": None,
}


def create(
    work: Work, intent: Json, method: Json, status: str, decline: Decline | None = None
) -> Json:
    """Record an attempt, of status `succeeded`, `pending` or `failed`."""
    succeeded = status == "succeeded"
    return work.save(
        {
            "id": new_id("ch_3"),
            "object": KIND,
            **_AT_REST,
            **{name: intent[name] for name in _INHERITED},
            "amount_captured": intent["amount"] if succeeded else 0,
            "billing_details": method["billing_details"],
            "captured": status != "failed",
            "created": work.now,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "outcome": _outcome(status, decline),
            "paid": succeeded,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": payment_methods.details_on_charge(method),
            "status": status,
        }
    )


def settled(work: Work, charge: Json, decline: Decline | None) -> Json:
    """Record how a pending charge ended."""
    status = "failed" if decline else "succeeded"
    return work.save(
        charge
        | {
            "amount_captured": 0 if decline else charge["amount"],
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "outcome": _outcome(status, decline),
            "paid": decline is None,
            "status": status,
        }
    )


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier)


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    charge = work.get(KIND, identifier)
    charge["metadata"] = parameters.metadata(charge["metadata"])
    if "description" in parameters:
        charge["description"] = parameters.text("description", clearable=True)
    work.save(charge)
    work.emit("charge.updated", charge)
    return charge


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = [
        *created_within(parameters),
        *equal("payment_intent", parameters.text("payment_intent")),
    ]
    return page_of(work, KIND, parameters, conditions, "/v1/charges")


def _outcome(status: str, decline: Decline | None) -> Json:
    outcome: Json = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if status == "succeeded" else "Payment pending.",
        "type": "authorized",
    }
    if decline is not None:
        outcome |= {
            "network_status": "declined_by_network",
            "reason": decline.decline_code or decline.code,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }
    return outcome
