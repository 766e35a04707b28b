"""Mail servers of every temper, for as long as a test needs one."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Office:
    """Takes every letter, unless a reply to its recipient or its data says otherwise."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    taken: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope)
            self.sessions.append(session)
        return self.data


@asynccontextmanager
async def staffed(
    office: Office, *, at_once: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """Opens an office; gives its port."""

    def session() -> SMTP:
        with warnings.catch_warnings():
            # One that takes passwords in the open is what some tests are about.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            return SMTP(office, hostname="mail.example", **options)

    server = await asyncio.get_running_loop().create_server(session, HOST, 0, ssl=at_once)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[int]:
    """A server that does to each caller what a script says; gives its port."""
    callers: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        callers.add(task)
        try:
            await script(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass  # the test is over, or the caller has had enough
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        server.close()
        await server.wait_closed()
