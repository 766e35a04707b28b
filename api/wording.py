"""The one table from error to status and sentence: how each refusal is worded."""

from dataclasses import dataclass
from http import HTTPStatus

from domain import errors
from domain.errors import BeatlineError, CartReason


@dataclass(frozen=True)
class Row:
    """How one kind of error is told to a client; `sentence` may name the error's fields."""

    status: HTTPStatus
    sentence: str


ERRORS: dict[type[BeatlineError], Row] = {
    errors.CartRefused: Row(HTTPStatus.BAD_REQUEST, "The cart cannot be sold as it is."),
    errors.CheckoutRefused: Row(
        HTTPStatus.BAD_REQUEST,
        "The payment provider does not accept this checkout; please tell the shop.",
    ),
    errors.CheckoutAbandoned: Row(
        HTTPStatus.CONFLICT,
        "This checkout could not be opened in time; try again with a new Idempotency-Key.",
    ),
    errors.RefundRefused: Row(
        HTTPStatus.CONFLICT, "The payment provider does not send this money back: {reason}."
    ),
    errors.NothingToDecide: Row(
        HTTPStatus.CONFLICT, "This order is {status}: there is nothing to decide."
    ),
    errors.IdempotencyConflict: Row(
        HTTPStatus.CONFLICT,
        "This Idempotency-Key was used for another request; use a new key for a new checkout.",
    ),
    errors.OrderNotFound: Row(HTTPStatus.NOT_FOUND, "There is no such order."),
    errors.BeatNotFound: Row(HTTPStatus.NOT_FOUND, "There is no such beat."),
    errors.AssetNotFound: Row(HTTPStatus.NOT_FOUND, "This beat has no such file."),
    errors.CredentialsMissing: Row(
        HTTPStatus.UNAUTHORIZED,
        "Give the orderId and customerEmail of a purchase, or a download grant.",
    ),
    errors.GrantInvalid: Row(
        HTTPStatus.UNAUTHORIZED, "This download link is not valid; ask for a new one."
    ),
    errors.GrantExpired: Row(
        HTTPStatus.UNAUTHORIZED, "This download link has expired; ask for a new one."
    ),
    errors.GrantMismatch: Row(HTTPStatus.FORBIDDEN, "This download link is for another file."),
    errors.EmailMismatch: Row(
        HTTPStatus.FORBIDDEN, "This e-mail address is not the one that the order was paid with."
    ),
    errors.BeatNotInOrder: Row(HTTPStatus.FORBIDDEN, "This beat is not part of the order."),
    errors.StemsNotLicensed: Row(
        HTTPStatus.FORBIDDEN,
        "The license bought does not include stems; they need a Trackout or Unlimited Lease.",
    ),
    errors.OrderClosed: Row(
        HTTPStatus.FORBIDDEN, "This order is {status}, so its files are not available."
    ),
    errors.OrderUnpaid: Row(
        HTTPStatus.CONFLICT,
        "This order is {status}: its files can be had once its payment is confirmed and they are "
        "ready.",
    ),
    errors.FileUnpaid: Row(
        HTTPStatus.FORBIDDEN,
        "This order is {status}: the file can be had once it is paid and all is ready.",
    ),
    errors.MailRefused: Row(
        HTTPStatus.CONFLICT, "The mail server does not deliver to the order's e-mail address."
    ),
    errors.SiteNotAllowed: Row(HTTPStatus.FORBIDDEN, "This site may not report to the shop."),
    errors.EventRefused: Row(
        HTTPStatus.BAD_REQUEST, "The webhook's signature is missing, wrong or too old."
    ),
    errors.Unavailable: Row(
        HTTPStatus.SERVICE_UNAVAILABLE, "{service} is not answering; please try again shortly."
    ),
}

# What is wrong with a cart's line: the field at fault, and a sentence naming the item.
CART_PROBLEMS: dict[CartReason, tuple[str, str]] = {
    CartReason.UNKNOWN_PRICE: ("priceId", "This shop has no such price: {subject}."),
    CartReason.UNKNOWN_BEAT: ("beatId", "There is no beat {subject} in this shop."),
    CartReason.ITEM_UNIDENTIFIED: (
        "priceId",
        "An item needs a priceId, or a beatId with a licenseType.",
    ),
    CartReason.BEAT_MISMATCH: ("beatId", "The price given belongs to {subject}, another beat."),
    CartReason.LICENSE_MISMATCH: (
        "licenseType",
        "The price given for {subject} belongs to another license.",
    ),
    CartReason.BEAT_WITHDRAWN: ("beatId", "{subject} is no longer for sale."),
    CartReason.BEAT_NOT_RELEASED: ("beatId", "{subject} is not released yet."),
    CartReason.LICENSE_NOT_OFFERED: ("licenseType", "{subject} is not sold with this license."),
    CartReason.STEMS_UNAVAILABLE: (
        "licenseType",
        "{subject} has no stems, so it is sold as a WAV Lease only.",
    ),
    CartReason.DUPLICATE_ITEM: (
        "licenseType",
        "{subject} is in the cart twice with the same license; raise its quantity instead.",
    ),
    CartReason.MIXED_CURRENCIES: (
        "priceId",
        "{subject} is sold in another currency than the rest of the cart.",
    ),
}

STATUS_CODES = {
    HTTPStatus.NOT_FOUND: ("not_found", "There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "This address takes another method."),
    HTTPStatus.REQUEST_TIMEOUT: ("body_too_slow", "The request's body did not arrive in time."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("body_too_large", "The request's body is too large."),
    HTTPStatus.BAD_REQUEST: ("malformed_request", "The request could not be read."),
}


# Where pydantic's words are for programmers, ours for whoever sent the request.
SENTENCES = {
    "missing": "This is needed.",
    "model_attributes_type": "This must be an object.",
    "string_pattern_mismatch": "This is not of the form that is needed here.",
    "int_type": "This must be a whole number.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
}
NO_OBJECT = "The body must be a JSON object, sent as application/json."
