"""Faults on demand: refusals, delays and cut lines, by path; seeded, so runs can be repeated."""

import asyncio
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ErrorBody = Callable[[str], Mapping[str, Any]]
"""Makes a vendor's error body from a message."""


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


class Fault(BaseModel):
    """What goes wrong, where, and how often."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, AfterValidator(_compilable)] = ".*"  # searched in the request's path
    method: str | None = None
    times: int | None = Field(default=None, ge=1)  # None: until it is taken away
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    delay: float = Field(default=0.0, ge=0, le=600)  # seconds, before anything else
    status: int | None = Field(default=None, ge=400, le=599)  # the answer instead of the true one
    retry_after: int | None = Field(default=None, ge=0)  # seconds
    cut: bool = False  # the connection ends without a byte of answer
    executed: bool = False  # whether the call takes effect before status or cut
    _dice: Random = PrivateAttr()

    @model_validator(mode="after")
    def _hides_what_it_executes(self) -> Self:
        if self.executed and not (self.cut or self.status):
            raise ValueError("executed says something only beside status or cut")
        return self

    def model_post_init(self, _: object) -> None:
        """Make the dice."""
        self._dice = Random(self.seed)  # noqa: S311  # repeatable on purpose

    def strikes(self, method: str, path: str) -> bool:
        """Whether it hits this request; counts it down if so."""
        if self.times == 0 or self.method not in (None, method):
            return False
        if not re.search(self.path, path) or self._dice.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults in force, oldest first; the first that strikes is the one that counts."""

    def __init__(self) -> None:
        self.standing: list[Fault] = []

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any."""
        return next((fault for fault in self.standing if fault.strikes(method, path)), None)

    async def endpoint(self, request: Request) -> Response:
        """POST adds a fault, GET lists them, DELETE takes all of them away."""
        if request.method == "DELETE":
            self.standing.clear()
        elif request.method == "POST":
            try:
                self.standing.append(Fault.model_validate_json(await request.body()))
            except ValidationError as error:
                return JSONResponse({"error": {"message": str(error)}}, 400)
        return JSONResponse({"faults": [fault.model_dump() for fault in self.standing]})


class FaultMiddleware:
    """Lets the faults in force strike; paths that begin with `/_` are spared."""

    def __init__(self, app: ASGIApp, faults: Faults, error_body: ErrorBody) -> None:
        self._app = app
        self._faults = faults
        self._error_body = error_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        spared = scope["type"] != "http" or scope["path"].startswith("/_")
        fault = None if spared else self._faults.strike(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay)
        if fault.executed:
            await self._app(scope, receive, _discard)
        if fault.cut:
            await _cut(scope, receive)
        elif fault.status is not None:
            await self._refuse(fault, fault.status, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refuse(
        self, fault: Fault, status: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not fault.executed:
            await _drain(receive)
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        body = self._error_body(f"A fault was asked for: {status}")
        await JSONResponse(body, status, headers)(scope, receive, send)


async def _discard(_: Message) -> None:
    """Take the answer that the caller never gets."""


async def _drain(receive: Receive) -> None:
    """Read a request to its end: who still sends would see a reset and not the refusal."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()


async def _cut(scope: Scope, receive: Receive) -> None:
    """End the connection as a lost line does."""
    scope["state"]["transport"].abort()
    # Returning before the server has noticed would make it answer with a 500.
    while (await receive())["type"] != "http.disconnect":
        continue
