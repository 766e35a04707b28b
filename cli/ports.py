"""The ports of a system, and who stands in their way."""

import errno
import socket
from dataclasses import asdict, dataclass

import psutil

from sandbox.process import HOST, ProcessError


@dataclass(frozen=True)
class Ports:
    """One port a part, counted from a base."""

    api: int
    temporal: int
    temporal_ui: int
    stripe: int
    cloudinary: int
    mailbox: int
    smtp: int
    postgres: int
    codec: int

    @classmethod
    def starting_at(cls, base: int) -> "Ports":
        return cls(*range(base, base + 9))


def require_free(ports: Ports, wanted: set[str]) -> None:
    """Raises ProcessError naming each port of a `wanted` part that can't be had."""
    numbers = {name: port for name, port in asdict(ports).items() if name in wanted}
    obstacles = [
        f"port {port}, which {name} needs, {obstacle}"
        for name, port in numbers.items()
        if (obstacle := _obstacle(port))
    ]
    if obstacles:
        raise ProcessError(";\n".join(obstacles) + ".\nMove the whole system with --port-base")


def _obstacle(port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: none lingers
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"is taken{_holder(port)}"
            return f"can't be had ({error.strerror})"
    with socket.socket() as probe:  # where a listener on every address leaves this one free to bind
        probe.settimeout(1)
        return f"is taken{_holder(port)}" if probe.connect_ex((HOST, port)) == 0 else None


def _holder(port: int) -> str:
    """Words for the process that listens there, as far as this user may see."""
    try:
        listeners = (
            each for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN
        )
        pids = {each.pid for each in listeners if each.laddr.port == port}
        return "".join(f" by {psutil.Process(pid).name()} (process {pid})" for pid in pids if pid)
    except psutil.Error:
        return ""
