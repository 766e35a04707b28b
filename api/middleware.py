"""What surrounds every request: its id, its log line, its limits, and the last catch."""

import asyncio
import contextvars
import re
import time
import uuid
from datetime import timedelta
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from api.errors import failure
from database.engine import StatementCount, count_statements

log = structlog.get_logger()

MAX_BODY_BYTES = 1024 * 1024
# Told with every answer that does not say otherwise: to browsers, which heed the last but one only
# over TLS, and to caches, since answers hold orders, addresses and grants.
_GUARDING_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}
# A client is promised an answer within three seconds, and its body has this long of them.
PATIENCE = timedelta(seconds=2.8)
BODY_PATIENCE = timedelta(seconds=2)
# How much longer a body is waited for whose time was up: it may have been this process that stood
# still, with all of the body long at hand.
STANDSTILL = timedelta(seconds=0.2)
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestContext:
    """Names each request, and logs how it ended.

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
        clear_contextvars()
        bind_contextvars(request_id=answer.request_id)
        statements = count_statements()
        try:
            await self._app(scope, receive, answer.send)
        finally:
            _log_request(scope, answer, statements)


class _Answer:
    """The answer's side of one request: adds the request id, remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self._started = time.perf_counter()
        self._answered: float | None = None

    @property
    def milliseconds(self) -> float:
        """Until the answer began; what is done after it is nobody's waiting."""
        return ((self._answered or time.perf_counter()) - self._started) * 1000

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answered = time.perf_counter()
            self.status = int(message["status"])
            guarded(MutableHeaders(scope=message), self.request_id)
        await self._send(message)


def guarded(headers: MutableHeaders, request_id: str) -> None:
    """Adds what every answer has."""
    headers["X-Request-ID"] = request_id
    for name, value in _GUARDING_HEADERS.items():
        headers.setdefault(name, value)


class LastCatch:
    """Turns what nobody caught into a 500; inside of what lets a page of another site read it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        gate = _Gate(send)
        try:
            await self._app(scope, receive, gate.send)
        except ClientDisconnect:
            log.info("client_left")
        except Exception:
            log.exception("request_broke", method=scope["method"], route=_route(scope))
            if not gate.close():
                raise  # the answer is on its way: all that is left is to cut it off
            await _sorry()(scope, receive, send)


class Deadline:
    """Answers 503 when nothing has been answered in time, whatever the request waits for.

    What it waits for is abandoned, not awaited: a frozen server does not even let go when asked.
    """

    def __init__(self, app: ASGIApp, patience: timedelta = PATIENCE) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        gate = _Gate(send)
        context = contextvars.copy_context()
        work = asyncio.create_task(self._run(scope, receive, gate.send), context=context)
        try:
            done, _ = await asyncio.wait({work}, timeout=self._patience.total_seconds())
            if not done and gate.close():
                log.warning("deadline_passed", route=_route(scope))
                await _try_later()(scope, receive, send)
                return
            await work
        finally:
            if not work.done():
                work.cancel()
                work.add_done_callback(_look_at)
            # What the work has learned of the request, its order's id say, is for our log line too.
            bind_contextvars(**context.run(get_contextvars))

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Gate:
    """Lets an answer through, unless it has been closed before the answer began."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = self._closed = False

    async def send(self, message: Message) -> None:
        if self._closed:
            return
        self._begun = True
        await self._send(message)

    def close(self) -> bool:
        """Closes it; False if the answer is on its way."""
        self._closed = not self._begun
        return self._closed


class BodyLimit:
    """Refuses a body that is too large, counting what comes rather than what was announced, and
    one that takes too long."""

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int = MAX_BODY_BYTES,
        patience: timedelta = BODY_PATIENCE,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, is_whole, is_extended = 0, False, False
        now = asyncio.get_running_loop().time
        deadline = now() + self._patience.total_seconds()

        async def receive_in_time() -> Message:
            nonlocal deadline, is_extended
            try:
                async with asyncio.timeout_at(None if is_whole else deadline):
                    return await receive()
            except TimeoutError as error:
                if is_extended:
                    raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from error
            deadline, is_extended = now() + STANDSTILL.total_seconds(), True
            return await receive_in_time()

        async def receive_within_limits() -> Message:
            nonlocal received, is_whole
            message = await receive_in_time()
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > self._max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_within_limits, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    return uuid.uuid4().hex


def _sorry() -> ASGIApp:
    return failure(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on our side; quote the request id if it happens again.",
        request_id=get_contextvars()["request_id"],
    )


def _try_later() -> ASGIApp:
    return failure(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "The shop could not answer in time; please try again shortly.",
        headers={"Retry-After": "2"},
    )


def _look_at(work: "asyncio.Future[None]") -> None:
    """Looks at the end of abandoned work, so that asyncio does not complain of it."""
    if not work.cancelled() and work.exception() is not None:
        log.info("abandoned_work_ended", error=type(work.exception()).__name__)


def _log_request(scope: Scope, answer: _Answer, statements: StatementCount) -> None:
    log.info(
        "request",
        method=scope["method"],
        route=_route(scope),
        status=answer.status,
        ms=round(answer.milliseconds, 1),
        sql=statements.statements,
    )


def _route(scope: Scope) -> str:
    """The route's own path, its parameters unfilled; none where no route matched."""
    return getattr(scope.get("route"), "path", "unknown")
