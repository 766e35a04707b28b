"""Runs sandbox services for tests: in a thread, or as a process of their own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
from starlette.types import ASGIApp

from sandbox.serving import sandbox_server

DEADLINE = 10.0  # seconds


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_true: Callable[[], bool]) -> None:
    """Poll until something holds; fails at the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not is_true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def answers(url: str) -> bool:
    """Whether a service is ready."""
    try:
        return httpx.get(f"{url}/_health", timeout=1).is_success
    except httpx.TransportError:
        return False


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application from a thread of this process; gives its address."""
    port = free_port()
    server = sandbox_server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE)


@contextmanager
def started(
    module: str, *arguments: str, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a service as a process, and kill it in the end if it still runs."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603
    try:
        yield process
    finally:
        process.kill()
        process.wait(DEADLINE)
