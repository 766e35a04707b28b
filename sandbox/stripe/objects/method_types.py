"""Which types of payment method a checkout session or a payment intent accepts."""

from sandbox.stripe.errors import Json, invalid_parameter
from sandbox.stripe.parameters import Parameters

CARD, DEBIT = "card", "sepa_debit"
_DEBIT_CURRENCY = "eur"


def offered(parameters: Parameters, currency: str) -> Json:
    """The fields that say so: Stripe's choice, narrowed by the caller's.

    The sandbox knows two, the debit in euros.
    """
    types = [CARD, DEBIT] if currency == _DEBIT_CURRENCY else [CARD]
    wanted = parameters.texts("payment_method_types")
    allowed = parameters.texts("allowed_payment_method_types")
    excluded = parameters.texts("excluded_payment_method_types")
    for choice in (wanted, allowed):
        types = [each for each in types if not choice or each in choice]
    types = [each for each in types if each not in excluded]
    if not types:
        message = f"No payment method is left: the sandbox knows {CARD}, and {DEBIT} in euros."
        raise invalid_parameter(message, "payment_method_types")
    return {
        "payment_method_types": types,
        **({"allowed_payment_method_types": allowed} if allowed else {}),
        **({"excluded_payment_method_types": excluded} if excluded else {}),
    }
