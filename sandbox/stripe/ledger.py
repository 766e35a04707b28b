"""All that the emulator knows, in one SQLite file: what was committed survives a kill.

SQLite is the only memory, so a restart has nothing to rebuild. In WAL mode without a sync at each
commit, a transaction outlives the process at once, and a power cut from the next checkpoint on.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.stripe.errors import Json

_VERSION = 1

_SCHEMA = """
CREATE TABLE objects (
    position INTEGER PRIMARY KEY,  -- the order of creation, which lists are given in
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    status TEXT, type TEXT, active INTEGER, product TEXT, lookup_key TEXT,
    payment_intent TEXT, charge TEXT,
    body TEXT NOT NULL,
    UNIQUE (id, kind)
);
CREATE INDEX objects_by_kind ON objects (kind, position);
CREATE INDEX objects_by_intent ON objects (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX objects_by_charge ON objects (charge) WHERE charge IS NOT NULL;
CREATE INDEX objects_by_product ON objects (product) WHERE product IS NOT NULL;
CREATE INDEX objects_by_lookup_key ON objects (lookup_key) WHERE lookup_key IS NOT NULL;

CREATE TABLE answers (
    idempotency_key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX answers_by_age ON answers (created);

CREATE TABLE timers (
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    due REAL NOT NULL,
    PRIMARY KEY (action, subject)
) WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (due);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    subject TEXT NOT NULL,  -- events about one payment go out one after another
    state TEXT NOT NULL,  -- pending | delivered | abandoned | dropped
    created REAL NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT
);
CREATE INDEX deliveries_by_event ON deliveries (event);
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_TABLES = ("objects", "answers", "timers", "deliveries", "settings")
_COLUMNS = ("status", "type", "active", "product", "lookup_key", "payment_intent", "charge")

_SAVE = """
INSERT INTO objects (kind, id, created, status, type, active, product, lookup_key,
                     payment_intent, charge, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id, kind) DO UPDATE SET
    status = excluded.status, type = excluded.type, active = excluded.active,
    product = excluded.product, lookup_key = excluded.lookup_key,
    payment_intent = excluded.payment_intent, charge = excluded.charge, body = excluded.body
"""

Condition = tuple[str, Any]
"""A clause written in this package, with one `?`, and its value."""


class Ledger:
    """The database: one connection, used from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            folder / "stripe.sqlite3",
            timeout=0.2,  # seconds that another process may keep it
            isolation_level=None,
            check_same_thread=False,  # it may be made in one thread and served from another
        )
        # Exclusive, so a second emulator on the same folder fails at once instead of mixing in.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            self._connection.close()
            raise RuntimeError(f"{folder} holds version {version} of the sandbox's data; empty it")
        if version == 0:
            self._connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def save(self, thing: Json, body: str | None = None) -> None:
        """Write an object anew or over its former self; `body` is its JSON where already made."""
        self.execute(
            _SAVE,
            (
                thing["object"],
                thing["id"],
                thing["created"],
                *(thing.get(column) for column in _COLUMNS),
                body or compact(thing),
            ),
        )

    def find(self, kind: str, identifier: str) -> Json | None:
        body = self.find_text(kind, identifier)
        return None if body is None else json.loads(body)

    def find_text(self, kind: str, identifier: str) -> str | None:
        """The very text that was saved."""
        row = self.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = ?", (identifier, kind)
        ).fetchone()
        return None if row is None else str(row[0])

    def position(self, kind: str, identifier: str) -> int | None:
        row = self.execute(
            "SELECT position FROM objects WHERE id = ? AND kind = ?", (identifier, kind)
        ).fetchone()
        return None if row is None else int(row[0])

    def select(
        self,
        kind: str,
        conditions: Sequence[Condition] = (),
        *,
        limit: int = -1,
        oldest_first: bool = False,
    ) -> list[Json]:
        """The objects that meet all conditions, newest first."""
        clauses = "".join(f" AND {clause}" for clause, _ in conditions)
        direction = "ASC" if oldest_first else "DESC"
        rows = self.execute(
            # The clauses are constants of this package; values are always bound.
            f"SELECT body FROM objects WHERE kind = ?{clauses}"  # noqa: S608
            f" ORDER BY position {direction} LIMIT ?",
            (kind, *(value for _, value in conditions), limit),
        )
        return [json.loads(body) for (body,) in rows]

    def delete(self, kind: str, identifier: str) -> None:
        self.execute("DELETE FROM objects WHERE id = ? AND kind = ?", (identifier, kind))

    def clear(self) -> None:
        """Forget everything."""
        for table in _TABLES:
            self.execute(f"DELETE FROM {table}")  # noqa: S608  # the names above

    def close(self) -> None:
        self._connection.close()


def compact(thing: Json) -> str:
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False)
