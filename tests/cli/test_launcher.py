"""The launcher, over a real Postgres and stand-ins for our own programs."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from cli import leftovers
from cli.state import Addresses, is_locked, running_system
from sandbox.process import HOST
from tests.sandbox.processes import all_ended
from tests.waiting import eventually


class Launched:
    """A launcher in a process of its own, as a user starts one."""

    def __init__(self, data: Path, port_base: int, task: str = "") -> None:
        self.data = data
        arguments = [str(data), str(port_base), *filter(None, [task])]
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "tests.cli.small_system", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Under nohup these tests would hand on that a hangup is ignored.
            preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),
        )

    def addresses(self) -> Addresses:
        """Once it is ready."""
        eventually(lambda: running_system(self.data) or self.process.poll() is not None)
        found = running_system(self.data)
        assert found is not None, self.output()
        return found

    def family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def output(self) -> str:
        """All that it said, once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.end()
        if self.process.stdout:
            self.process.stdout.close()


class Launchers:
    """Starts launchers, and ends those that a test leaves."""

    def __init__(self) -> None:
        self._all: list[Launched] = []

    def __call__(self, data: Path, port_base: int, task: str = "") -> Launched:
        self._all.append(Launched(data, port_base, task))
        return self._all[-1]

    def clean_up(self) -> None:
        for each in self._all:
            each.clean_up()


@pytest.fixture
def launch() -> Iterator[Launchers]:
    launchers = Launchers()
    yield launchers
    launchers.clean_up()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One folder for all: what a test leaves in it is what the next one starts with."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def port_base() -> int:
    return free_base(20_000 + os.getpid() % 1000 * 10)


def free_base(start: int) -> int:
    """Where nine ports in a row are free, below those that the system hands out by itself."""
    return next(
        base
        for base in range(start, 32_000)
        if all(is_free(port) for port in range(base, base + 9))
    )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def write_row(url: str, table: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TABLE {table} AS SELECT 7 AS number".encode())


def rows(url: str, table: str) -> list[tuple[int]]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT number FROM {table}".encode()).fetchall()  # noqa: S608


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_takes_everything_down(
    launch: Launchers, data: Path, port_base: int, number: signal.Signals
) -> None:
    launched = launch(data, port_base)
    addresses = launched.addresses()
    assert addresses.api == f"http://{HOST}:{port_base}"
    assert addresses.pid == launched.process.pid
    family = launched.family()
    assert len(family) > 2
    assert launched.end(number) == 0
    assert all_ended(family, within=0.5)
    assert running_system(data) is None
    assert not is_locked(data)
    assert "Ready in" in launched.output()


def test_a_killed_launcher_leaves_nobody_and_the_next_finds_every_row(
    launch: Launchers, data: Path, port_base: int
) -> None:
    killed = launch(data, port_base)
    write_row(killed.addresses().database_url, "kept")
    family = killed.family()
    killed.end(signal.SIGKILL)
    assert all_ended(family)
    assert (data / "system.json").exists()
    assert running_system(data) is None, "what a killed launcher left is not to be believed"
    next_one = launch(data, port_base)
    assert rows(next_one.addresses().database_url, "kept") == [(7,)]
    next_one.end()


def test_a_second_launcher_on_one_folder_says_where_the_first_is(
    launch: Launchers, data: Path, port_base: int
) -> None:
    first = launch(data, port_base)
    addresses = first.addresses()
    second = launch(data, port_base)
    assert second.process.wait(10) == 1
    said = second.output()
    assert addresses.api in said
    assert str(addresses.pid) in said
    assert "Traceback" not in said
    assert running_system(data) == addresses


def test_systems_in_two_folders_run_side_by_side(
    launch: Launchers, data: Path, port_base: int, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    one, other = launch(data, port_base), launch(tmp_path, free_base(port_base + 8))
    write_row(other.addresses().database_url, "other")
    with pytest.raises(psycopg.errors.UndefinedTable):
        rows(one.addresses().database_url, "other")
    assert other.end() == 0
    assert one.process.poll() is None


def test_a_taken_port_is_named_before_anything_starts(
    launch: Launchers, port_base: int, tmp_path: Path
) -> None:
    with socket.create_server((HOST, port_base + 7)):
        launched = launch(tmp_path, port_base)
        assert launched.process.wait(10) == 1
    said = launched.output()
    assert f"port {port_base + 7}, which postgres needs, is taken by" in said
    assert f"(process {os.getpid()})" in said
    assert "--port-base" in said
    assert "Traceback" not in said
    assert not (tmp_path / "postgres").exists()


def test_a_part_that_dies_is_brought_back(launch: Launchers, data: Path, port_base: int) -> None:
    launched = launch(data, port_base)
    launched.addresses()
    pid_file = data / "api.pid"
    first = pid_file.read_text()
    psutil.Process(int(first)).kill()
    eventually(lambda: pid_file.read_text() not in ("", first) and not is_free(port_base))
    assert launched.end() == 0
    assert "api  was ended by SIGKILL; starting it again" in launched.output()


def test_a_task_that_fails_is_shown_and_everything_taken_down(
    launch: Launchers, data: Path, port_base: int
) -> None:
    launched = launch(data, port_base, "raise SystemExit('the schema is from the future')")
    assert launched.process.wait(20) == 1
    said = launched.output()
    assert "the schema is from the future" in said
    assert str(data / "logs" / "migrate.log") in said
    assert is_free(port_base + 7)
    assert not is_locked(data)


def test_a_reader_that_goes_away_does_not_take_the_system_along(
    launch: Launchers, data: Path, port_base: int
) -> None:
    launched = launch(data, port_base)
    assert launched.process.stdout is not None
    launched.process.stdout.close()
    launched.addresses()
    assert launched.end() == 0


def test_leftovers_are_ended_and_others_with_their_id_are_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as left:
        leftovers.record(tmp_path, [left.pid])
        record = tmp_path / leftovers.PROCESSES
        born = json.loads(record.read_text())[str(left.pid)]
        record.write_text(json.dumps({str(left.pid): born - 60}))
        assert leftovers.end(tmp_path) == 0
        assert left.poll() is None
        leftovers.record(tmp_path, [left.pid])
        assert leftovers.end(tmp_path) == 1
        assert not psutil.pid_exists(left.pid)
