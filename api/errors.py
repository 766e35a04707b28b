"""Every error of the API, answered in the contract's shape."""

import math
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas.wire import Failure, FieldProblem, RateLimit
from api.wording import CART_PROBLEMS, ERRORS, NO_OBJECT, SENTENCES, STATUS_CODES
from domain.errors import (
    BeatlineError,
    CartProblem,
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
    return FieldProblem(field=".".join(path), message=_message(problem, is_whole=not path))


def _message(problem: dict[str, Any], *, is_whole: bool) -> str:
    if is_whole and problem["type"] in ("missing", "model_attributes_type"):
        return NO_OBJECT
    sentence = SENTENCES.get(problem["type"])
    if sentence is not None:
        return sentence.format(**problem.get("ctx", {}))
    return str(problem["msg"]).removeprefix("Value error, ")


async def _answer_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - by registration
    status = HTTPStatus(error.status_code)
    code, sentence = STATUS_CODES.get(status, (status.name.lower(), f"{status.phrase}."))
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
