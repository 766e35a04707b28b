"""A client's connection, with an end to everything that a client could draw out for ever.

uvicorn itself waits without end for a request's head, keeps as many of its bytes as come, goes on
reading a body after its request was answered, and holds an answer that nobody takes.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.errors import failure
from api.middleware import guarded, new_request_id


class HeadTooLarge(Exception):
    """The request line and headers are larger than any honest client's."""


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection, which ends when its client takes too long or sends too much."""

    # How long a request line and its headers may take, from the connection's opening or from their
    # first byte after an answer; and how large they may be together.
    head_patience = timedelta(seconds=10)
    max_head_bytes = 64 * 1024
    # How long a connection may rest after an answer. Longer than clients and balancers keep theirs
    # (AWS and nginx: 60 s): whoever ends it first must not be us, while a request is on its way.
    idle_patience = timedelta(seconds=75)
    # How long the rest of a body that was answered early is still read: a client that is cut off
    # at once may never see the answer.
    lingering = timedelta(seconds=2)
    # How long a client may leave an answer unread.
    send_patience = timedelta(seconds=20)

    # --- the head ---

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # (uvicorn narrows the base's argument too)
        self._turn, self._sending = _Alarm(self.loop), _Alarm(self.loop)
        self._running: RequestResponseCycle | None = None
        self._reads_head, self._lingers, self._head_bytes = True, False, 0
        super().connection_made(transport)
        self._turn.set(self.head_patience, self._end)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reads_head, self._head_bytes = True, 0
        if self._running is not None and self._running.response_complete:
            self._turn.set(self.head_patience, self._end)

    def data_received(self, data: bytes) -> None:
        head_goes_on = self._reads_head
        super().data_received(data)
        if head_goes_on and self._reads_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.max_head_bytes and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_headers_complete(self) -> None:
        head = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if head > self.max_head_bytes:
            raise HeadTooLarge
        self._reads_head = False
        self._turn.off()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP in the shape of every error, and ends the connection."""
        answer = failure(
            HTTPStatus.BAD_REQUEST, "malformed_request", "The request could not be read."
        )
        guarded(answer.headers, new_request_id())
        answer.headers["Connection"] = "close"
        lines = [b"HTTP/1.1 400 Bad Request", *(b": ".join(pair) for pair in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self._end()

    # --- the body and the answer ---

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._lingers:
            self._lingers = False
            self._turn.set(self.idle_patience, self._end)

    def on_response_complete(self) -> None:
        is_last = self._running is self.cycle  # of the requests that have come so far
        self._lingers = is_last and self.cycle.more_body
        super().on_response_complete()
        if self.transport.is_closing():
            self._turn.set(self.send_patience, self.transport.abort)
        elif is_last:
            self._turn.set(self._patience_after_an_answer(), self._end)

    def _patience_after_an_answer(self) -> timedelta:
        if self._lingers:
            return self.lingering
        return self.head_patience if self._reads_head else self.idle_patience

    def pause_writing(self) -> None:
        super().pause_writing()
        self._sending.set(self.send_patience, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._sending.off()

    # --- the end ---

    def connection_lost(self, exc: Exception | None) -> None:
        self._turn.off()
        self._sending.off()
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True  # uvicorn tells the newest request alone
            self._running.message_event.set()
        super().connection_lost(exc)

    def _end(self) -> None:
        """Reads no more, and gives the client a while to take what was answered."""
        self.transport.close()
        self._turn.set(self.send_patience, self.transport.abort)


class _Alarm:
    """One timer, which can be set anew and put off."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    def set(self, after: timedelta, action: Callable[[], None]) -> None:
        self.off()
        self._handle = self._loop.call_later(after.total_seconds(), action)

    def off(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
