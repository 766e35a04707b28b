"""What Stripe's API has and its document of 2026-05-27 has not, each with where it comes from.

This is the only list of differences that the tests against the document allow for. The emulator
has the shape of the version that the official library asks for, which is some months younger.
"""

from dataclasses import dataclass
from typing import Any

import stripe

Json = dict[str, Any]


@dataclass(frozen=True)
class Amendment:
    """Fields of an object that the document does not know yet."""

    schema: str
    kind: type  # as the official library has it
    fields: Json
    reason: str


@dataclass(frozen=True)
class ParameterChange:
    """A parameter that came, with its schema, or went."""

    operation: tuple[str, str]
    name: str
    schema: Json | None
    reason: str


def _reference(kind: str) -> Json:
    ref = {"$ref": f"#/components/schemas/{kind}"}
    return {"anyOf": [{"type": "string"}, ref], "nullable": True}


_TYPES = {"type": "array", "items": {"type": "string"}}
_NO_TYPES = "2026-09-30.endive: payment_method_types is read only, allowed_… takes its place"
_REFUNDS = "2026-07-29.dahlia: Adds customer and payment method details to the Refunds API"

AMENDMENTS = (
    Amendment(
        "refund",
        stripe.Refund,
        {
            "customer": _reference("customer"),
            "customer_account": {"type": "string", "nullable": True},
            "payment_method": _reference("payment_method"),
        },
        _REFUNDS,
    ),
    Amendment(
        "checkout.session",
        stripe.checkout.Session,
        {"allowed_payment_method_types": _TYPES},  # like excluded_…: shown where given
        _NO_TYPES,
    ),
    Amendment(
        "payment_intent",
        stripe.PaymentIntent,
        {"allowed_payment_method_types": _TYPES | {"nullable": True}},
        _NO_TYPES,
    ),
)

PARAMETER_CHANGES = tuple(
    change
    for operation in (
        ("POST", "/v1/checkout/sessions"),
        ("POST", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/{intent}"),
        ("POST", "/v1/payment_intents/{intent}/confirm"),
    )
    for change in (
        ParameterChange(operation, "payment_method_types", None, _NO_TYPES),
        ParameterChange(operation, "allowed_payment_method_types", _TYPES, _NO_TYPES),
    )
)

# Marked as nullable, so always shown, by the document; by Stripe only when expanded.
SHOWN_WHEN_EXPANDED = {
    "charge": frozenset(("refunds",)),  # since 2022-11-15
}

# What the official command-line tool calls beside the published operations.
UNPUBLISHED = frozenset(
    (
        ("GET", "/v1/payment_pages/{id}"),
        ("POST", "/v1/payment_pages/{id}/confirm"),
    )
)
