"""The real servers that tests share: each is started once, by the first test that wants it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from database.engine import Database
from database.migrate import upgrade
from sandbox import postgres, temporal
from tests.making import empty

pytest_plugins = ["tests.system"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL; in a folder that the server's own user may enter, were we root."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with postgres.running(Path(folder) / "postgres") as url:
            upgrade(url)
            with psycopg.connect(url) as connection:  # nobody pulls its plug: it need not wait
                connection.execute("ALTER DATABASE beatline SET synchronous_commit = off")
            yield url


@pytest.fixture(scope="session")
async def session_database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url, pool_size=25)
    yield database
    await database.aclose()


@pytest.fixture
async def database(session_database: Database) -> Database:
    """A database in which there is nothing yet."""
    return await empty(session_database)


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    """A Temporal dev server in memory."""
    with temporal.running() as address:
        yield address
