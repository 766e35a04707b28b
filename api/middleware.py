"""What surrounds every request: its id, its log line, its limits, and the last catch."""

import re
import time
import uuid
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import failure
from database.engine import StatementCount, count_statements

log = structlog.get_logger()

MAX_BODY_BYTES = 1024 * 1024
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestContext:
    """Names each request, logs how it ended, and turns what nobody caught into a 500.

    The log line names the route, not the address: session ids are credentials, and queries hold
    e-mail addresses and grants.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _request_id(Headers(scope=scope)))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=answer.request_id)
        statements = count_statements()
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            log.info("client_left")
        except Exception:
            log.exception("request_broke", method=scope["method"], route=_route(scope))
            if answer.status is not None:
                raise  # the answer is on its way: all that is left is to cut it off
            await _sorry(answer.request_id)(scope, receive, answer.send)
        finally:
            _log_request(scope, answer, statements)


class _Answer:
    """The answer's side of one request: adds the request id, remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self.started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        await self._send(message)


class BodyLimit:
    """Refuses a body beyond the limit, counting what comes rather than what was announced."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_within_limit, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex


def _sorry(request_id: str) -> ASGIApp:
    return failure(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on our side; quote the request id if it happens again.",
        request_id=request_id,
    )


def _log_request(scope: Scope, answer: _Answer, statements: StatementCount) -> None:
    log.info(
        "request",
        method=scope["method"],
        route=_route(scope),
        status=answer.status,
        ms=round((time.perf_counter() - answer.started) * 1000, 1),
        sql=statements.statements,
    )


def _route(scope: Scope) -> str:
    """The route's own path, its parameters unfilled; none where no route matched."""
    return getattr(scope.get("route"), "path", "unknown")
