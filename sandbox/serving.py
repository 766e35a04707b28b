"""Runs a sandbox service in the foreground until a signal, and then ends within a second."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_SECONDS = 0.6


class LineProtocol(H11Protocol):
    """HTTP/1.1 that shows each request its own connection, so a fault can cut it."""

    def connection_made(  # type: ignore[override]  # uvicorn narrows the base's argument too
        self, transport: asyncio.Transport
    ) -> None:
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class SandboxServer(uvicorn.Server):
    """A server whose SIGTERM and SIGINT are an ordinary end: exit code 0, no traceback."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        """Stop listening; what still runs after the grace time is dropped."""
        self.should_exit = True
        asyncio.get_running_loop().call_later(GRACE_SECONDS, setattr, self, "force_exit", True)


def sandbox_server(app: ASGIApp, host: str, port: int) -> SandboxServer:
    """Configure a quiet server that trusts no forwarding headers."""
    return SandboxServer(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=LineProtocol,
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=75,  # vendors leave it to their clients to end a connection, too
        )
    )


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    asyncio.run(sandbox_server(app, host, port).serve())


def required_environment(name: str) -> str:
    """Read a variable that the service can't do without; ends the process, naming it."""
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} is not set")
    return value
