"""Brings a database's tables to the newest version."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from database.engine import CONNECT_TIMEOUT_SECONDS, driver_url
from database.tables import metadata

_LOCK = 0x6265_6174  # any number of ours: two migrations never run side by side
# Whatever limits our role has, for the sake of a pooler say: a migration takes the time it takes.
_PATIENT = " ".join(
    f"-c {limit}=0"
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
)
_LOCKED_BY_OTHERS = text("""
    SELECT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation
    JOIN pg_database ON pg_database.oid = database AND datname = current_database()
    WHERE granted AND pid <> pg_backend_pid()
""")


@dataclass(frozen=True)
class Patience:
    """How long a statement waits for a lock, and how often revisions are tried, with which pause.

    Whoever comes after a change that waits for a table waits behind it, the whole shop: it gives up
    soon, and lets them through. It waits longer than PostgreSQL's deadlock_timeout (1 s), after
    which an autovacuum that is in its way is ended. All tries fit into a part's `start_time`.
    """

    lock: timedelta = timedelta(seconds=1.5)
    tries: int = 10
    pause: timedelta = timedelta(seconds=3)


class MigrationError(Exception):
    """The database cannot be brought up to date; the message says why."""


def upgrade(url: str, patience: Patience = Patience()) -> str:
    """Applies every migration that is missing, and returns the revision reached.

    Raises MigrationError if the database is away, newer than this code, or kept locked by others.
    """
    with _connection(url, patience) as connection:
        try:
            _upgrade(connection, patience)
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


def _upgrade(connection: Connection, patience: Patience) -> None:
    """Each revision is a transaction of its own: those that were applied need no second try."""
    for tries_left in reversed(range(patience.tries)):
        try:
            command.upgrade(_config(connection), "head")
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
            if not tries_left:
                raise MigrationError(_kept_out(connection, error, patience)) from error
            time.sleep(patience.pause.total_seconds())
        else:
            return


def _kept_out(connection: Connection, error: OperationalError, patience: Patience) -> str:
    """Which revision could not go on, and the tables it wants that others have locked."""
    locked = set(connection.scalars(_LOCKED_BY_OTHERS))
    wanted = locked & set(re.findall(r"\w+", error.statement or ""))
    revision = MigrationContext.configure(connection).get_current_revision() or "none"
    return (
        f"the revision after {revision} could not lock {' and '.join(sorted(wanted)) or 'a table'} "
        f"in {patience.tries} tries, as others hold it; nothing of that revision was kept: "
        "try again when they are done"
    )


@contextmanager
def _connection(url: str, patience: Patience = Patience()) -> Iterator[Connection]:
    """A connection that alone may migrate, until it is closed."""
    arguments = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": _PATIENT}
    engine = create_engine(driver_url(url), connect_args=arguments)
    try:
        with _connect(engine) as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()  # Alembic wants to begin, and commit, by itself
            event.listen(connection, "begin", partial(_limit_waits, patience.lock))
            yield connection
    finally:
        engine.dispose()


def _limit_waits(wait: timedelta, connection: Connection) -> None:
    """For one transaction: what runs outside of any, to build an index slowly, waits as it must."""
    milliseconds = round(wait.total_seconds() * 1000)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")


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
