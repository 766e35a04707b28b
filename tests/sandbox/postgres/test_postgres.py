"""The embedded PostgreSQL, for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from sandbox import postgres
from tests.sandbox.processes import all_ended

KEEPS_A_SERVER = """
import sys
from pathlib import Path
from sandbox import postgres
with postgres.running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One folder for all, where others may enter: where they may not is a test of its own."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


def query(url: str, text: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(text.encode()).fetchone()
        assert row is not None
        return row[0]


def test_it_starts_empty_and_keeps_what_was_written(data: Path) -> None:
    with postgres.running(data) as url, psycopg.connect(url) as connection:
        assert query(url, "SELECT count(*) FROM pg_stat_user_tables") == 0
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with postgres.running(data) as url:
        assert query(url, "SELECT number FROM kept") == 7


def test_the_database_and_its_owner_are_ours_and_fsync_is_on(data: Path) -> None:
    with postgres.running(data, password="a'quoted password") as _:
        pass
    with postgres.running(data, password="another") as url:
        assert url.startswith("postgresql://beatline:another@127.0.0.1:")
        assert query(url, "SELECT current_database()") == "beatline"
        owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'beatline'"
        assert query(url, owner) == "beatline"
        assert query(url, "SHOW fsync") == "on"
        assert query(url, "SELECT lower('ÄÖÜ')") == "äöü"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace("another", "a'quoted%20password"))


def test_the_extensions_that_we_use_can_be_created(data: Path) -> None:
    with postgres.running(data) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("SELECT calls FROM pg_stat_statements").fetchall()


def test_a_killed_parent_takes_the_server_along_and_no_row_is_lost(data: Path) -> None:
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", KEEPS_A_SERVER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        with psycopg.connect(parent.stdout.readline().strip()) as connection:
            connection.execute("CREATE TABLE written AS SELECT 8 AS number")
        family = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    assert len(family) > 1
    assert all_ended(family)
    with postgres.running(data) as url:
        assert query(url, "SELECT number FROM written") == 8


def test_what_an_interrupted_start_left_is_no_obstacle(data: Path) -> None:
    half_made = data / "new-half"
    half_made.mkdir()
    with postgres.running(data):
        assert not half_made.exists()
    # Another process of the same user has the id that the dead server had.
    (data / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{data / 'cluster'}\n")
    with postgres.running(data) as url:
        assert query(url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_may_keep_its_data_where_nobody_else_can_go(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with postgres.running(tmp_path / "postgres") as url:
        assert query(url, "SELECT 1") == 1
        server = (tmp_path / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
        assert psutil.Process(int(server)).uids().effective != 0
