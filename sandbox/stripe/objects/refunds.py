"""Refunds: money given back, all of a charge or part of it."""

from sandbox.stripe import disputing, money, refunding
from sandbox.stripe.errors import Json, StripeError, invalid_parameter
from sandbox.stripe.listing import created_within, equal, list_of, page_of
from sandbox.stripe.objects import charges, intent_shape
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.refunding import KIND
from sandbox.stripe.work import Work

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_SHOWN = 10


def create(work: Work, parameters: Parameters) -> Json:
    charge = _charge(work, parameters)
    amount = _amount(parameters, charge)
    reason = parameters.choice("reason", _REASONS)
    return refunding.give_back(work, charge, amount, reason, parameters.metadata())


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "refund")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    before = work.get(KIND, identifier, "refund")
    refund = work.save(before | {"metadata": parameters.metadata(before["metadata"])})
    for event in ("refund.updated", "charge.refund.updated"):
        work.emit(event, refund, before)
    return refund


def cancel(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Always refused: no refund here waits for its buyer to act."""
    refund = work.get(KIND, identifier, "refund")
    raise StripeError(
        "Only refunds with a status of `requires_action` can be canceled. This refund has a "
        f"status of `{refund['status']}`."
    )


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
        intent = work.get(intent_shape.KIND, intent_id, "payment_intent")
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
    _check_refundable(work, charge)
    return charge


def _check_refundable(work: Work, charge: Json) -> None:
    identifier = charge["id"]
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {identifier} has not succeeded; it cannot be refunded.")
    if charge["refunded"]:
        message = f"Charge {identifier} has already been refunded."
        raise StripeError(message, code="charge_already_refunded")
    if disputing.forbids_refund(work, charge):
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
