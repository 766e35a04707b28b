"""The engine: connections to read and to write with, and a count of statements."""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Dialect, ExceptionContext, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.errors import Unavailable

SERVICE = "PostgreSQL"
CONNECT_TIMEOUT_SECONDS = 2

# Catalogue pages have connections of their own, on the primary too: visitors who search slowly, one
# word after the other, keep no buyer from an order. A share of the pool would leave orders less.
BROWSING_CONNECTIONS = 4

# SQLSTATE classes that say "not now": connection lost, serialization or deadlock, too many
# connections, statement cancelled by its time limit, server starting or shutting down, lock not
# to be had in time (55P03), a primary that has become read-only in a failover, a transaction that
# was ended since we were silent for too long (25P03).
_READ_ONLY = "25006"
_AWAY_SQLSTATES = ("08", "40", "53", "57", "58", "55P03", _READ_ONLY, "25P03")


@dataclass(frozen=True)
class Limits:
    """How long this process waits for PostgreSQL, and how many connections it keeps."""

    pool_size: int = 10
    pool_wait: timedelta = timedelta(seconds=2)
    statement: timedelta = timedelta(seconds=5)
    lock: timedelta = timedelta(seconds=5)
    silence: timedelta = timedelta(seconds=10)  # within a transaction, which may hold locks


class StatementFailed(Exception):
    """A statement that PostgreSQL would not run: a bug, in words without the row's values."""


@dataclass
class StatementCount:
    """How many SQL statements ran since the count began (BEGIN and COMMIT not counted)."""

    statements: int = field(default=0)


_count: ContextVar[StatementCount | None] = ContextVar("sql_statements", default=None)


def count_statements() -> StatementCount:
    """Begins a count for the current task and the tasks it starts from here on."""
    count = StatementCount()
    _count.set(count)
    return count


def driver_url(database_url: str) -> str:
    """Any postgres:// or postgresql:// address, as SQLAlchemy's psycopg driver wants it."""
    url = make_url(database_url.replace("postgres://", "postgresql://", 1))
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


class Reader:
    """A connection for queries that change nothing; it may be a replica's."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.sql = connection


class Recorder(Reader):
    """A connection that may write: each statement is a transaction of its own, unless it is a
    Writer's."""


class Writer(Recorder):
    """A connection inside one transaction, which commits when its block ends well."""


class Database:
    """PostgreSQL, through two pools: one is for browsing alone, on the replica if there is one.

    Raises Unavailable wherever the server is away, full, shutting down or too slow.
    """

    def __init__(self, url: str, replica_url: str | None = None, limits: Limits = Limits()) -> None:
        self._primary = _engine(url, limits)
        # On the same connections: all that one statement does needs neither BEGIN nor COMMIT.
        self._transactions = self._primary.execution_options(isolation_level="READ COMMITTED")
        few = replace(limits, pool_size=BROWSING_CONNECTIONS)
        self._catalog = _engine(replica_url, limits) if replica_url else _engine(url, few)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """Reads what was last committed, from the primary."""
        async with _translated(), self._primary.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[Recorder]:
        """Writes by single statements, each of which commits by itself: no two belong together."""
        async with _translated(), self._primary.connect() as connection:
            yield Recorder(connection)

    @asynccontextmanager
    async def browsing(self) -> AsyncIterator[Reader]:
        """Reads what may be a moment old: the catalogue, from a replica if there is one."""
        async with _translated(), self._catalog.connect() as connection:
            yield Reader(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        """One transaction: commits at the end of the block, rolls back on any exception."""
        async with _translated(), self._transactions.begin() as connection:
            yield Writer(connection)

    async def retire(self) -> None:
        """Has the primary's connections made anew when they are wanted next."""
        await self._primary.dispose()

    async def aclose(self) -> None:
        await self._primary.dispose()
        await self._catalog.dispose()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(SERVICE, detail="no free connection") from error
    except DBAPIError as error:
        if _is_away(error):
            raise Unavailable(SERVICE, detail=_fault(error)) from None
        raise StatementFailed(_fault(error)) from None


def _fault(error: DBAPIError) -> str:
    """What happened, without PostgreSQL's details: those quote whole rows."""
    diagnosis = getattr(error.orig, "diag", None)
    words = [
        type(error.orig).__name__,
        getattr(error.orig, "sqlstate", None),
        getattr(diagnosis, "constraint_name", None),
    ]
    return " ".join(word for word in words if word)


def _is_away(error: DBAPIError) -> bool:
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is None:  # no answer from the server at all
        return isinstance(error, OperationalError | InterfaceError)
    return str(sqlstate).startswith(_AWAY_SQLSTATES)


def _engine(url: str, limits: Limits) -> AsyncEngine:
    engine = create_async_engine(
        driver_url(url),
        isolation_level="AUTOCOMMIT",
        pool_size=limits.pool_size,
        max_overflow=0,
        pool_timeout=limits.pool_wait.total_seconds(),
        hide_parameters=True,  # they may be names and addresses; messages reach logs
        connect_args=_connect_args(limits),
    )

    def count_statement(*_: object) -> None:
        count = _count.get()
        if count is not None:
            count.statements += 1

    event.listen(engine.sync_engine, "before_cursor_execute", count_statement)
    event.listen(engine.sync_engine, "checkout", partial(_require_alive, engine.dialect))
    event.listen(engine.sync_engine, "handle_error", _retire_read_only)
    return engine


def _connect_args(limits: Limits) -> dict[str, Any]:
    settings = {
        "statement_timeout": _milliseconds(limits.statement),
        "lock_timeout": _milliseconds(limits.lock),
        # A machine of ours that vanishes without a word leaves its locks behind: the server, too,
        # must notice. By itself it would after two hours.
        "idle_in_transaction_session_timeout": _milliseconds(limits.silence),
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "timezone": "UTC",
    }
    return {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "application_name": "beatline",
        # A server that has vanished without a word is noticed by what it leaves unanswered.
        "tcp_user_timeout": _milliseconds(limits.statement),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


def _retire_read_only(context: ExceptionContext) -> None:
    """Has every connection replaced once one of them leads to a server that only reads.

    A primary that was demoted lives on as a standby, and answers: nothing else would tell.
    """
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


def _require_alive(dialect: Dialect, connection: Any, *_: object) -> None:
    """Before a pooled connection is used again, has it replaced if its server has gone.

    A server that ends, or is ended, says so on each connection: one on which nothing has come is
    as good as it was, and a ping, a round trip before every transaction, is left out. What comes
    unasked may also be news of a setting, so then the server is asked.
    """
    try:
        if _has_something_to_say(connection.driver_connection):
            dialect.do_ping(connection)
    except (psycopg.Error, OSError, ValueError) as error:
        raise InvalidatePoolError from error


def _has_something_to_say(connection: psycopg.AsyncConnection[Any]) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
    return bool(poll.poll(0))


def _milliseconds(time: timedelta) -> int:
    return round(time.total_seconds() * 1000)
