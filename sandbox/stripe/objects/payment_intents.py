"""Payment intents: the attempts to pay one checkout session, and how they ended."""

from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.listing import created_within, page_of
from sandbox.stripe.objects import baskets
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "payment_intent"

# Fields of parts of Stripe that are not emulated: their resting state.
_AT_REST: Json = {
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic_async",
    "confirmation_method": "automatic",
    "customer": None,
    "customer_account": None,
    "excluded_payment_method_types": None,
    "livemode": False,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method_configuration_details": None,
    "processing": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "transfer_data": None,
}


def of_session(work: Work, session: Json) -> Json:
    """The session's payment intent, made when the buyer first submits."""
    if session["payment_intent"] is not None:
        return work.get(KIND, session["payment_intent"])
    identifier = new_id("pi_3")
    basket = baskets.of_session(work, session["id"])
    intent = work.save(
        {
            "id": identifier,
            "object": KIND,
            **_AT_REST,
            "amount": session["amount_total"],
            "amount_received": 0,
            "client_secret": new_id(f"{identifier}_secret_"),
            "created": work.now,
            "currency": session["currency"],
            "last_payment_error": None,
            "latest_charge": None,
            "payment_method": None,
            "payment_method_options": _options(session["payment_method_types"]),
            "payment_method_types": session["payment_method_types"],
            "status": "requires_payment_method",
            **basket["payment_intent_data"],
        }
    )
    work.emit("payment_intent.created", intent)
    return intent


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    parameters.text("client_secret")
    return work.get(KIND, identifier, "intent")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    intent = work.get(KIND, identifier, "intent")
    intent["metadata"] = parameters.metadata(intent["metadata"])
    if "description" in parameters:
        intent["description"] = parameters.text("description", clearable=True)
    return work.save(intent)


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = created_within(parameters)
    return page_of(work, KIND, parameters, conditions, "/v1/payment_intents")


def _options(types: list[str]) -> Json:
    card = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    options: Json = {"card": card, "sepa_debit": {}}
    return {kind: options[kind] for kind in types}
