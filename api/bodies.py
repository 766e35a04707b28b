"""JSON bodies, read strictly: UTF-8 alone, each name once, and only the numbers that JSON has.

Python reads more than that. What two readers may understand differently, somebody between a buyer
and us has perhaps understood differently.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders


class StrictRequest(Request):
    async def json(self) -> Any:
        text = (await self.body()).decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)


class StrictRoute(APIRoute):
    """A route whose body is read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


class BeaconRoute(StrictRoute):
    """Takes JSON as plain text too: browsers send no other beacon to another site unasked."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_beacon(request: Request) -> Response:
            headers = MutableHeaders(scope=request.scope)
            if headers.get("content-type", "").partition(";")[0].strip().lower() == "text/plain":
                headers["content-type"] = "application/json"
            return await handle(request)

        return handle_beacon


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise json.JSONDecodeError("a name is given twice", "", 0)
    return found


def _no_number(word: str) -> None:
    raise json.JSONDecodeError(f"{word} is no number", "", 0)
