"""Child processes: started under a guard, watched through their log, stopped in time."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox import guard

HOST = "127.0.0.1"
POLL = 0.02  # seconds between two looks at something that will change soon


class ProcessError(Exception):
    """A program did not start, or what it needs is taken; the message is for a person."""


class Child:
    """One running program: its own session, no stdin, its output in `log`.

    It ends with us, even when we are killed (on Linux: when the thread that made it ends, so make
    it from one that lasts).
    """

    def __init__(
        self,
        command: list[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_time: float = 10.0,
    ) -> None:
        """`stop_time` is how many seconds it may take to end when asked."""
        self.log = log
        self._stop_signal = stop_signal
        self._stop_time = stop_time
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                guarded(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], within: float) -> None:
        """Returns once `ready`; raises ProcessError if it ends first or `within` seconds pass."""
        deadline = time.monotonic() + within
        while not ready():
            if self.exit_code is not None:
                raise ProcessError(f"ended with {self.exit_code}:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise ProcessError(f"was not ready in {within:.0f} s:\n{tail(self.log)}")
            time.sleep(POLL)

    def ask_to_end(self) -> None:
        """Sends its stop signal, if it still runs."""
        if self.exit_code is None:
            self._process.send_signal(self._stop_signal)

    def kill(self) -> None:
        """Ends it and what it started at once."""
        if self.exit_code is None:
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Asks it to end, and when its time is over makes it."""
        self.ask_to_end()
        try:
            self._process.wait(self._stop_time)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()


def guarded(command: list[str], user: guard.User | None = None) -> list[str]:
    """The command line that runs `command` so that it ends when this process does."""
    runner = [sys.executable, "-I", "-S", guard.__file__]
    return [*runner, str(os.getpid()), str(user or guard.User.current()), *command]


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, however long it has grown."""
    with log.open("rb") as source:
        source.seek(max(0, log.stat().st_size - 16_384))
        return "\n".join(source.read().decode(errors="replace").splitlines()[-lines:])


def free_port() -> int:
    """A TCP port on the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def write_private(path: Path, text: str) -> None:
    """Writes a file that its owner alone may read; a reader meets the old one or all of the new."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


@contextmanager
def exclusive(path: Path, patience: float = 0.5) -> Iterator[int]:
    """Holds the lock that `path` stands for and yields its file descriptor.

    The lock lasts as long as any process has this descriptor open. Raises ProcessError if another
    one keeps it for `patience` seconds, or if the folder can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ProcessError(f"{path.parent} can't be written: {error.strerror}") from error
    try:
        deadline = time.monotonic() + patience
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                raise ProcessError(f"{path.parent} is in use by process {path.read_text()}")
            time.sleep(POLL)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
