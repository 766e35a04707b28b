"""Payment methods: the card or bank account that a buyer pays with."""

from datetime import UTC, datetime

from sandbox.stripe.errors import Json, StripeError, invalid_parameter, resource_missing
from sandbox.stripe.means import BankAccount, Card, Means, is_iban
from sandbox.stripe.objects.addresses import billing_details
from sandbox.stripe.objects.method_shape import KIND, new_method
from sandbox.stripe.objects.method_types import CARD, DEBIT
from sandbox.stripe.outcomes import TOKENS
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work

_MEANS = "sandbox.means"  # our own record of what a method made through the API stands for
_TEST_METHOD = "pm_card_"
_DISPLAYS = ("always", "limited", "unspecified")


def create(work: Work, parameters: Parameters) -> Json:
    """From a test token or an IBAN; numbers of cards are refused, as at Stripe."""
    kind = parameters.choice("type", (CARD, DEBIT))
    if kind is None:
        raise missing(parameters.name("type"))
    billing = billing_details(parameters.child("billing_details"))
    method = _reusable(work, _means(work, parameters, kind), billing)
    shown = parameters.choice("allow_redisplay", _DISPLAYS)
    changes = {"allow_redisplay": shown or "unspecified", "metadata": parameters.metadata()}
    return work.save(method | changes)


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "payment_method")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    method = work.get(KIND, identifier, "payment_method")
    billing = billing_details(parameters.child("billing_details"), method["billing_details"])
    metadata = parameters.metadata(method["metadata"])
    shown = parameters.choice("allow_redisplay", _DISPLAYS) or method["allow_redisplay"]
    changes = {"allow_redisplay": shown, "billing_details": billing, "metadata": metadata}
    return work.save(method | changes)


def given(work: Work, parameters: Parameters) -> Json | None:
    """The method that a call pays with: by id, by a test method's name, or made on the spot."""
    identifier = parameters.text("payment_method")
    data = parameters.child("payment_method_data")
    if data is not None:
        return create(work, data)
    if identifier is None:
        return None
    if identifier.startswith(_TEST_METHOD):
        card = _card_of(work, identifier, _TEST_METHOD, parameters.name("payment_method"))
        return _reusable(work, card, billing_details(None))
    return work.get(KIND, identifier, parameters.name("payment_method"), 400)


def means_of(work: Work, method: Json) -> Means:
    """Raises StripeError for a method that has served already."""
    record = work.find(_MEANS, method["id"])
    if record is None or record["used"]:
        raise StripeError(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, and may not be used again.",
            param="payment_method",
        )
    if method["type"] == DEBIT:
        return BankAccount(record["number"])
    return Card(record["number"], method[CARD]["exp_month"], method[CARD]["exp_year"])


def use_up(work: Work, method: Json) -> None:
    """Note that a method has paid: it can't pay again without a customer."""
    record = work.find(_MEANS, method["id"])
    if record is not None:
        work.save(record | {"used": True})


def _reusable(work: Work, means: Means, billing: Json) -> Json:
    """Save a method, and what it stands for until it is used."""
    method = new_method(work, means, billing)
    number = means.number if isinstance(means, Card) else means.iban
    record = {"id": method["id"], "object": _MEANS, "created": work.now, "used": False}
    work.save(record | {"number": number})
    return method


def _means(work: Work, parameters: Parameters, kind: str) -> Means:
    details, other = parameters.child(kind), DEBIT if kind == CARD else CARD
    if other in parameters:
        message = f"You passed {other}, but the type is {kind}."
        raise invalid_parameter(message, parameters.name(other))
    if details is None:
        raise missing(parameters.name(kind))
    if kind == CARD and "number" in details:
        raise StripeError(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We "
            "suggest you use test tokens that map to the test card you are using, see "
            "https://stripe.com/docs/testing.",
            status=402,
            kind="card_error",
            recorded=False,
        )
    if kind == CARD:
        return _card_of(work, details.required_text("token"), "tok_", details.name("token"))
    iban = details.required_text("iban").replace(" ", "").upper()
    if not is_iban(iban):
        message = "The IBAN you provided is invalid."
        raise invalid_parameter(message, details.name("iban"), "invalid_bank_account_iban")
    return BankAccount(iban)


def _card_of(work: Work, token: str, prefix: str, param: str) -> Card:
    """The card that a test token stands for; it expires next year."""
    number = TOKENS.get(token.removeprefix(prefix)) if token.startswith(prefix) else None
    if number is None:
        raise resource_missing("PaymentMethod" if prefix != "tok_" else "token", token, param, 400)
    today = datetime.fromtimestamp(work.now, UTC)
    return Card(number, today.month, today.year + 1)
