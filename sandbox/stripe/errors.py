"""Stripe's refusals, with the words, codes and statuses that Stripe gives them."""

from typing import Any

Json = dict[str, Any]


class StripeError(Exception):
    """An answer that is no.

    `recorded` tells whether the call had begun to execute, so that its idempotency key keeps this
    answer; one refused at the door may be tried again under the same key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        recorded: bool = True,
        details: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.recorded = recorded
        self.details = details or {}

    def body(self) -> Json:
        error: Json = {"message": self.message, "type": self.kind}
        if self.code is not None:
            error["code"] = self.code
            page = self.code.replace("_", "-")
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{page}"
        if self.param is not None:
            error["param"] = self.param
        return {"error": error | self.details}


def resource_missing(noun: str, identifier: str, param: str, status: int = 404) -> StripeError:
    return StripeError(
        f"No such {noun}: '{identifier}'", status=status, code="resource_missing", param=param
    )


def invalid_parameter(message: str, param: str, code: str | None = None) -> StripeError:
    """Refused before anything was executed."""
    return StripeError(message, code=code, param=param, recorded=False)


def card_declined(intent: Json) -> StripeError:
    """The last attempt to pay the intent was refused."""
    refusal: Json = intent["last_payment_error"]
    told = {"charge", "decline_code", "payment_method", "payment_method_type"}
    details = {key: value for key, value in refusal.items() if key in told}
    return StripeError(
        refusal["message"],
        status=402,
        kind=refusal["type"],
        code=refusal["code"],
        details=details | {"payment_intent": intent},
    )


def unexpected_state(message: str, intent: Json) -> StripeError:
    """What was asked of a payment intent does not go with its status."""
    code = "payment_intent_unexpected_state"
    return StripeError(message, code=code, details={"payment_intent": intent})


def unrecognized_url(method: str, path: str) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
        status=404,
        recorded=False,
    )


def no_api_key() -> StripeError:
    return StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        status=401,
        recorded=False,
    )


def wrong_api_key(key: str) -> StripeError:
    shown = key if len(key) <= 12 else f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}"
    return StripeError(f"Invalid API Key provided: {shown}", status=401, recorded=False)


def key_in_use(key: str) -> StripeError:
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        status=409,
        kind="idempotency_error",
        code="idempotency_key_in_use",
        recorded=False,
    )


def key_reused(key: str) -> StripeError:
    return StripeError(
        "Keys for idempotent requests can only be used with the same parameters they were first "
        f"used with. Try using a key other than '{key}' if you meant to execute a different "
        "request.",
        kind="idempotency_error",
        recorded=False,
    )


def requested_fault(status: int) -> StripeError:
    """What a fault switch asked for."""
    if status == 429:
        return StripeError(
            "Request rate limit exceeded.", status=429, code="rate_limit", recorded=False
        )
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return StripeError("An error was asked for.", status=status, kind=kind, recorded=False)
