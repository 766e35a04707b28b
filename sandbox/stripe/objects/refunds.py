"""Refunds: money given back, all of a charge or part of it."""

from sandbox.stripe import money
from sandbox.stripe.errors import Json, StripeError, invalid_parameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import created_within, equal, list_of, page_of
from sandbox.stripe.objects import charges, payment_intents
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "refund"
_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_SHOWN = 10


def create(work: Work, parameters: Parameters) -> Json:
    charge = _charge(work, parameters)
    refund = work.save(
        {
            "id": new_id("re_3"),
            "object": KIND,
            "amount": _amount(parameters, charge),
            "balance_transaction": None,
            "charge": charge["id"],
            "created": work.now,
            "currency": charge["currency"],
            "destination_details": _destination(charge),
            "metadata": parameters.metadata(),
            "payment_intent": charge["payment_intent"],
            "reason": parameters.choice("reason", _REASONS),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    work.emit("refund.created", refund)
    work.emit("charge.refunded", work.save(_reduced(charge, refund["amount"])))
    return refund


def _reduced(charge: Json, amount: int) -> Json:
    """The charge with this much more of it given back."""
    refunded = charge["amount_refunded"] + amount
    whole = refunded == charge["amount_captured"]
    return charge | {"amount_refunded": refunded, "refunded": whole}


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "refund")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    refund = work.get(KIND, identifier, "refund")
    refund["metadata"] = parameters.metadata(refund["metadata"])
    work.save(refund)
    work.emit("refund.updated", refund)
    return refund


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = [
        *created_within(parameters),
        *equal("charge", parameters.text("charge")),
        *equal("payment_intent", parameters.text("payment_intent")),
    ]
    return page_of(work, KIND, parameters, conditions, "/v1/refunds")


def of_charge(work: Work, charge: Json) -> Json:
    """The first page, as `expand[]=refunds` shows it."""
    found = work.select(KIND, equal("charge", charge["id"]), limit=_SHOWN + 1)
    url = f"/v1/charges/{charge['id']}/refunds"
    return list_of(found[:_SHOWN], url, has_more=len(found) > _SHOWN)


def _charge(work: Work, parameters: Parameters) -> Json:
    charge_id = parameters.text("charge")
    intent_id = parameters.text("payment_intent")
    if charge_id is not None:
        charge = work.get(charges.KIND, charge_id, "charge")
        if intent_id not in (None, charge["payment_intent"]):
            message = f"Charge {charge_id} does not belong to payment intent {intent_id}."
            raise StripeError(message, param="payment_intent")
    elif intent_id is not None:
        intent = work.get(payment_intents.KIND, intent_id, "payment_intent")
        if intent["status"] != "succeeded":
            message = (
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            )
            raise StripeError(message, param="payment_intent")
        charge = work.get(charges.KIND, intent["latest_charge"])
    else:
        raise invalid_parameter(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            "payment_intent",
            "parameter_missing",
        )
    _check_refundable(charge)
    return charge


def _check_refundable(charge: Json) -> None:
    identifier = charge["id"]
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {identifier} has not succeeded; it cannot be refunded.")
    if charge["refunded"]:
        message = f"Charge {identifier} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {identifier} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")


def _amount(parameters: Parameters, charge: Json) -> int:
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    amount = parameters.integer("amount", least=1)
    if amount is None:
        return left
    if amount > left:
        asked = money.formatted(amount, charge["currency"])
        rest = money.formatted(left, charge["currency"])
        message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})"
        raise StripeError(message, param="amount")
    return amount


def _destination(charge: Json) -> Json:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    return {"type": "card", "card": {"reference_status": "pending", "type": "refund"}}
