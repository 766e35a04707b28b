"""How a payment intent looks when it is made, for a checkout session or by itself."""

from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.objects import baskets
from sandbox.stripe.work import Work

KIND = "payment_intent"

# Fields of parts of Stripe that are not emulated: their resting state.
_AT_REST: Json = {
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "allowed_payment_method_types": None,
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
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "managed_payments": None,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method": None,
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
    basket = baskets.of_session(work, session["id"])
    types = {"payment_method_types": session["payment_method_types"]}
    fields = types | basket["payment_intent_data"]
    return new_intent(work, session["amount_total"], session["currency"], fields)


def new_intent(work: Work, amount: int, currency: str, fields: Json) -> Json:
    """Save an intent that nobody has tried to pay yet; `fields` names its types of method."""
    identifier = new_id("pi_3")
    intent = work.save(
        {
            "id": identifier,
            "object": KIND,
            **_AT_REST,
            "amount": amount,
            "client_secret": new_id(f"{identifier}_secret_"),
            "created": work.now,
            "currency": currency,
            "payment_method_options": _options(fields["payment_method_types"]),
            "status": "requires_payment_method",
            **fields,
        }
    )
    work.emit("payment_intent.created", intent)
    return intent


def _options(types: list[str]) -> Json:
    card = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    options: Json = {"card": card, "sepa_debit": {}}
    return {kind: options[kind] for kind in types}
