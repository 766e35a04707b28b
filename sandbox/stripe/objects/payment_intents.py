"""Payment intents: what is to be paid, tried until it is paid or given up."""

from sandbox.stripe import attempts, money, refunding
from sandbox.stripe.errors import Json, StripeError, card_declined, unexpected_state
from sandbox.stripe.listing import created_within, equal, page_of
from sandbox.stripe.objects import addresses, charges, intent_shape, method_types, payment_methods
from sandbox.stripe.objects.intent_shape import KIND
from sandbox.stripe.objects.prices import currency_of
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work

_UNPAID = ("requires_payment_method", "requires_confirmation")
_CANCELABLE = (*_UNPAID, "requires_capture")
_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
_CAPTURES = ("automatic", "automatic_async", "manual")
_TEXTS = (
    "description receipt_email statement_descriptor statement_descriptor_suffix transfer_group"
).split()
_CHECKOUT = "checkout.session"


def create(work: Work, parameters: Parameters) -> Json:
    currency = currency_of(parameters)
    fields = {
        **method_types.offered(parameters, currency),
        **{name: parameters.text(name) for name in _TEXTS},
        "capture_method": parameters.choice("capture_method", _CAPTURES) or "automatic_async",
        "confirmation_method": parameters.choice("confirmation_method", ("automatic", "manual"))
        or "automatic",
        "metadata": parameters.metadata(),
        "setup_future_usage": _future_usage(parameters),
        "shipping": addresses.shipping(parameters.child("shipping")),
        **_automatic_methods(parameters),
    }
    intent = intent_shape.new_intent(work, _amount(parameters, currency), currency, fields)
    intent = _with_method(work, parameters, intent)
    _accept(parameters)
    return _confirmed(work, intent) if parameters.flag("confirm") else intent


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    parameters.text("client_secret")
    return work.get(KIND, identifier, "intent")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    intent = work.get(KIND, identifier, "intent")
    intent["metadata"] = parameters.metadata(intent["metadata"])
    for name in _TEXTS:
        if name in parameters:
            intent[name] = parameters.text(name, clearable=True)
    if "amount" in parameters:
        _check_own(work, intent, _UNPAID, "update the amount of")
        intent["amount"] = _amount(parameters, intent["currency"])
    if (shipping := addresses.shipping(parameters.child("shipping"))) is not None:
        intent["shipping"] = shipping
    return _with_method(work, parameters, work.save(intent))


def confirm(work: Work, parameters: Parameters, identifier: str) -> Json:
    intent = work.get(KIND, identifier, "intent")
    _check_own(work, intent, _UNPAID, "confirm")
    parameters.text("client_secret")
    if (email := parameters.text("receipt_email")) is not None:
        intent["receipt_email"] = email
    if (shipping := addresses.shipping(parameters.child("shipping"))) is not None:
        intent["shipping"] = shipping
    if (usage := _future_usage(parameters)) is not None:
        intent["setup_future_usage"] = usage
    _accept(parameters)
    return _confirmed(work, _with_method(work, parameters, intent))


def capture(work: Work, parameters: Parameters, identifier: str) -> Json:
    """All of what was authorized: the sandbox captures no parts."""
    intent = work.get(KIND, identifier, "intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            "This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            "captured: requires_capture.",
            intent,
        )
    amount = parameters.integer("amount_to_capture", least=1)
    if amount not in (None, intent["amount_capturable"]):
        raise StripeError("The sandbox captures no parts of a payment.", param="amount_to_capture")
    intent["metadata"] = parameters.metadata(intent["metadata"])
    return attempts.capture(work, intent)


def cancel(work: Work, parameters: Parameters, identifier: str) -> Json:
    intent = work.get(KIND, identifier, "intent")
    _check_own(work, intent, _CANCELABLE, "cancel")
    reason = parameters.choice("cancellation_reason", _REASONS)
    if intent["status"] == "requires_capture":
        charge = work.get(charges.KIND, intent["latest_charge"])
        refunding.give_back(work, charge, charge["amount"])
    ended = {"amount_capturable": 0, "canceled_at": work.now, "cancellation_reason": reason}
    canceled = work.save(intent | ended | {"status": "canceled"})
    work.emit("payment_intent.canceled", canceled)
    return canceled


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions = created_within(parameters)
    return page_of(work, KIND, parameters, conditions, "/v1/payment_intents")


def _confirmed(work: Work, intent: Json) -> Json:
    """Try to collect; a decline is the call's answer, and stays on record."""
    if intent["payment_method"] is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            intent,
        )
    method = work.get("payment_method", intent["payment_method"])
    attempted = attempts.attempt(work, intent, method, payment_methods.means_of(work, method))
    if attempted.decline is not None:
        work.refusal = card_declined(attempted.intent)
        return attempted.intent
    payment_methods.use_up(work, method)
    attempts.dispute(work, attempted)
    return work.get(KIND, intent["id"])


def _accept(parameters: Parameters) -> None:
    """Nothing here needs a mandate, another page or another moment."""
    for name in ("mandate_data", "off_session", "error_on_requires_action", "return_url"):
        parameters.accept(name)


def _with_method(work: Work, parameters: Parameters, intent: Json) -> Json:
    method = payment_methods.given(work, parameters)
    if method is None:
        return intent
    if method["type"] not in intent["payment_method_types"]:
        allowed = ", ".join(intent["payment_method_types"])
        message = (
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. "
            f"This PaymentIntent accepts: {allowed}."
        )
        raise StripeError(message, param="payment_method")
    chosen = {"payment_method": method["id"], "status": "requires_confirmation"}
    return work.save(intent | chosen)


def _automatic_methods(parameters: Parameters) -> Json:
    given = parameters.child("automatic_payment_methods")
    if given is None:
        return {}
    redirects = given.choice("allow_redirects", ("always", "never")) or "always"
    enabled = given.flag("enabled")
    if enabled is None:
        raise missing(given.name("enabled"))
    return {"automatic_payment_methods": {"allow_redirects": redirects, "enabled": enabled}}


def _future_usage(parameters: Parameters) -> str | None:
    return parameters.choice("setup_future_usage", ("off_session", "on_session"))


def _amount(parameters: Parameters, currency: str) -> int:
    amount = parameters.integer("amount", least=1, most=money.MOST)
    if amount is None:
        raise missing("amount")
    least = money.least(currency)
    if amount < least:
        message = f"Amount must be at least {money.formatted(least, currency)} {currency}"
        raise StripeError(message, code="amount_too_small", param="amount")
    return amount


def _check_own(work: Work, intent: Json, statuses: tuple[str, ...], verb: str) -> None:
    if work.select(_CHECKOUT, equal("payment_intent", intent["id"]), limit=1):
        message = f"You cannot {verb} the PaymentIntent of a Checkout Session."
        raise unexpected_state(message, intent)
    if intent["status"] not in statuses:
        message = (
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. "
            f"Only one with one of the following statuses may be: {', '.join(statuses)}."
        )
        raise unexpected_state(message, intent)
