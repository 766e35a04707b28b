"""Brings a database's tables to the newest version."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from database.engine import CONNECT_TIMEOUT_SECONDS, driver_url
from database.tables import metadata

_LOCK = 0x6265_6174  # any number of ours: two migrations never run side by side


class MigrationError(Exception):
    """The database cannot be brought up to date; the message says why."""


def upgrade(url: str) -> str:
    """Applies every migration that is missing, and returns the revision reached.

    Raises MigrationError if the database is away, or newer than this code.
    """
    with _connection(url) as connection:
        try:
            command.upgrade(_config(connection), "head")
        except CommandError as error:
            raise MigrationError(str(error).rstrip(".")) from error
        return MigrationContext.configure(connection).get_current_revision() or "none"


def downgrade(url: str, revision: str) -> None:
    """Takes migrations back, down to `revision`."""
    with _connection(url) as connection:
        command.downgrade(_config(connection), revision)


def revise(url: str, message: str) -> None:
    """Writes a new migration from what the tables in code have that the database has not."""
    with _connection(url) as connection:
        command.revision(_config(connection), message, autogenerate=True)


def drift(url: str) -> list[object]:
    """What differs between the migrated database and the tables in code."""
    with _connection(url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """A connection that alone may migrate, until it is closed."""
    arguments = {"connect_timeout": CONNECT_TIMEOUT_SECONDS}
    engine = create_engine(driver_url(url), connect_args=arguments)
    try:
        with _connect(engine) as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()  # Alembic wants to begin, and commit, by itself
            yield connection
    finally:
        engine.dispose()


def _connect(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise MigrationError(f"the database does not answer ({error.orig})") from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
