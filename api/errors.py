"""The one table from error to status, code and sentence, and the shape of every refusal."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas.wire import Failure, FieldProblem, RateLimit
from domain import errors
from domain.errors import (
    BeatlineError,
    CartProblem,
    CartReason,
    CartRefused,
    CheckoutRefused,
    Unavailable,
)

log = structlog.get_logger()

DEFAULT_RETRY_AFTER = timedelta(seconds=2)


class InvalidInput(Exception):
    """The request's shape is wrong in ways that the framework cannot see."""

    def __init__(self, *problems: FieldProblem) -> None:
        self.problems = problems


class TooManyRequests(Exception):
    """A client has used up its calls; `reset_time` is seconds since the epoch."""

    def __init__(self, limit: int, remaining: int, reset_time: float, retry_after: int) -> None:
        self.rate_limit = RateLimit(
            limit=limit,
            remaining=remaining,
            reset_time=datetime.fromtimestamp(reset_time, UTC),
            retry_after=retry_after,
        )


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

_STATUS_CODES = {
    HTTPStatus.NOT_FOUND: ("not_found", "There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "This address takes another method."),
    HTTPStatus.REQUEST_TIMEOUT: ("body_too_slow", "The request's body did not arrive in time."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("body_too_large", "The request's body is too large."),
    HTTPStatus.BAD_REQUEST: ("malformed_request", "The request could not be read."),
}


# Where pydantic's words are for programmers, ours for whoever sent the request.
_SENTENCES = {
    "missing": "This is needed.",
    "model_attributes_type": "The body must be a JSON object, sent as application/json.",
    "string_pattern_mismatch": "This is not of the form that is needed here.",
}


def install(app: FastAPI) -> None:
    """Gives every error of the app the contract's shape."""
    app.add_exception_handler(BeatlineError, _answer_domain_error)
    app.add_exception_handler(InvalidInput, _answer_invalid_input)
    app.add_exception_handler(TooManyRequests, _answer_too_many)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)


def failure(
    status: HTTPStatus,
    code: str,
    sentence: str,
    *,
    problems: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
    request_id: str | None = None,
    rate_limit: RateLimit | None = None,
) -> JSONResponse:
    """An answer in the shape of every error."""
    body = Failure(
        success=False,
        error=sentence,
        code=code,
        details=problems,
        request_id=request_id,
        rate_limit=rate_limit,
    )
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers)


async def _answer_domain_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, CartRefused):
        return _answer_cart_refused(request, error)
    assert isinstance(error, BeatlineError)  # noqa: S101 - by registration
    row = ERRORS[type(error)]
    headers = {}
    if isinstance(error, CheckoutRefused):
        log.warning("checkout_refused", detail=error.detail)
        if error.parameter == "customer_email":
            message = "The payment provider does not accept this e-mail address."
            return _invalid_input([FieldProblem(field="customerEmail", message=message)])
    if isinstance(error, Unavailable):
        log.warning("dependency_away", service=error.service, detail=error.detail)
        wait = error.retry_after or DEFAULT_RETRY_AFTER
        headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return failure(row.status, error.code, row.sentence.format(**vars(error)), headers=headers)


def _answer_cart_refused(request: Request, refused: CartRefused) -> JSONResponse:
    single = getattr(request.state, "single_item", False)
    problems = [_field_problem(problem, single=single) for problem in refused.problems]
    row = ERRORS[CartRefused]
    return failure(row.status, refused.problems[0].reason, problems[0].message, problems=problems)


def _field_problem(problem: CartProblem, *, single: bool) -> FieldProblem:
    name, sentence = CART_PROBLEMS[problem.reason]
    path = name if single else f"items.{problem.line}.{name}"
    return FieldProblem(field=path, message=sentence.format(subject=problem.subject))


async def _answer_invalid_input(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidInput)  # noqa: S101 - by registration
    return _invalid_input(list(error.problems))


async def _answer_too_many(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyRequests)  # noqa: S101 - by registration
    wait = error.rate_limit.retry_after
    return failure(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_requests",
        f"Too many requests; please try again in {wait} seconds.",
        headers={"Retry-After": str(wait)},
        rate_limit=error.rate_limit,
    )


async def _answer_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - by registration
    return _invalid_input([_read_problem(problem) for problem in error.errors()])


def _invalid_input(problems: list[FieldProblem]) -> JSONResponse:
    first = problems[0]
    sentence = f"{first.field}: {first.message}" if first.field else first.message
    return failure(HTTPStatus.BAD_REQUEST, "invalid_input", sentence, problems=problems)


def _read_problem(problem: dict[str, Any]) -> FieldProblem:
    """pydantic's words for a field at fault, with the path as the client wrote it."""
    if problem["type"] == "json_invalid":
        reason = problem["ctx"]["error"]
        return FieldProblem(field="", message=f"The body is not valid JSON: {reason}.")
    path = [str(part) for part in problem["loc"] if part not in ("body", "query", "path", "header")]
    message = _SENTENCES.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return FieldProblem(field=".".join(path), message=message)


async def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - by registration
    status = HTTPStatus(error.status_code)
    code, sentence = _STATUS_CODES.get(status, (status.name.lower(), f"{status.phrase}."))
    if status is HTTPStatus.REQUEST_TIMEOUT:
        status = HTTPStatus.BAD_REQUEST  # the contract's word for what is wrong with a request
    return failure(status, code, sentence, headers=dict(error.headers or {}))


def declares(
    *kinds: type[BeatlineError], invalid: bool = False, body: bool = False, limited: bool = False
) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of an endpoint that may give these errors, and what all may give.

    `invalid` where its input may be malformed, `body` where it takes one, `limited` where calls
    are counted.
    """
    sentences: dict[int, list[str]] = {}
    for kind in (*kinds, Unavailable):
        row = ERRORS[kind]
        sentences.setdefault(row.status, []).append(row.sentence)
    if invalid:
        sentences.setdefault(HTTPStatus.BAD_REQUEST, []).insert(0, "The input is malformed.")
    sentences.setdefault(HTTPStatus.BAD_REQUEST, []).append("This host is not served here.")
    if body:
        sentences[HTTPStatus.REQUEST_ENTITY_TOO_LARGE] = ["The body is larger than 1 MiB."]
    if limited:
        sentences[HTTPStatus.TOO_MANY_REQUESTS] = ["Too many calls; `rateLimit` says more."]
    sentences[HTTPStatus.INTERNAL_SERVER_ERROR] = ["A bug; quote the request id."]
    return {
        int(status): {"model": Failure, "description": " Or: ".join(texts)}
        for status, texts in sorted(sentences.items())
    }
