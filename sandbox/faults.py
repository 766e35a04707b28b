"""Faults on demand: refusals, delays and cut connections, by path, for tests and chaos runs."""

import asyncio
import re
from collections.abc import Callable, Mapping
from secrets import SystemRandom
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
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
    delay: float = Field(default=0.0, ge=0, le=600)  # seconds, before anything else
    status: int | None = Field(default=None, ge=400, le=599)  # refused before it is executed
    retry_after: int | None = Field(default=None, ge=0)  # seconds
    cut: bool = False  # executed, then the connection is cut without a byte of answer


class Faults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self.standing: list[Fault] = []
        self._dice = SystemRandom()

    def strike(self, method: str, path: str) -> Fault | None:
        """Take the first fault that hits this request, counting it down."""
        for fault in self.standing:
            if fault.method not in (None, method) or not re.search(fault.path, path):
                continue
            if self._dice.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                self.standing = [each for each in self.standing if each.times != 0]
            return fault
        return None

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
        if fault.status is not None:
            await self._refusal(fault, fault.status)(scope, receive, send)
        elif fault.cut:
            await self._execute_and_cut(scope, receive)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, fault: Fault, status: int) -> Response:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        body = self._error_body(f"A fault was asked for: {status}")
        return JSONResponse(body, status, headers)

    async def _execute_and_cut(self, scope: Scope, receive: Receive) -> None:
        async def discard(_: Message) -> None:
            """The answer that the caller never gets."""

        await self._app(scope, receive, discard)
        scope["state"]["transport"].abort()
        # Returning before the server has noticed would make it answer with a 500.
        while (await receive())["type"] != "http.disconnect":
            continue
