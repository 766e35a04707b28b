"""Ends a connection without an answer, as a failing network does."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutLine(Response):
    """Not a byte is sent; the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = scope.get("state", {}).get("transport")
        if transport is None:
            raise RuntimeError("this server shows no connection to cut; serve by sandbox.serving")
        transport.abort()
        # Returning before the server has noticed would make it answer with a 500.
        while (await receive())["type"] != "http.disconnect":
            continue
