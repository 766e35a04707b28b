"""A body whose time is up: refused, unless it is at hand and it was we who were late."""

import asyncio
from datetime import timedelta

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from api.middleware import BodyLimit

OVER = timedelta(seconds=-1)  # as if the process had stood still since the request began
BODY: Message = {"type": "http.request", "body": b"{}", "more_body": False}


async def taken(receive: Receive) -> list[Message]:
    """What the application gets of a body when its time is over."""
    got = list[Message]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.append(await receive())

    async def send(_: Message) -> None:
        raise AssertionError("nothing is to be answered here")

    await BodyLimit(app, patience=OVER)({"type": "http"}, receive, send)
    return got


async def test_a_body_that_is_at_hand_is_taken_however_late_we_are() -> None:
    async def receive() -> Message:
        await asyncio.sleep(0)
        return BODY

    assert await taken(receive) == [BODY]


async def test_a_body_that_does_not_come_is_refused() -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        return BODY

    with pytest.raises(HTTPException) as refused:
        await taken(receive)
    assert refused.value.status_code == 408
