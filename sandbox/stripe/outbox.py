"""The deliveries that are owed, as the ledger holds them."""

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.stripe.ledger import Ledger

_FIELDS = "id, event, url, subject, state, created, due, attempts, last_status, last_error"


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    event: str
    url: str
    subject: str
    state: str
    created: float  # seconds since the epoch, by the wall clock, as all times here
    due: float
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None

    def view(self) -> dict[str, Any]:
        return asdict(self)


class Outbox:
    """Deliveries in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, event: str, url: str, subject: str, now: float) -> Delivery:
        row = self._ledger.execute(
            "INSERT INTO deliveries (event, url, subject, state, created, due)"
            " VALUES (?, ?, ?, 'pending', ?, ?) RETURNING id",
            (event, url, subject, now, now),
        ).fetchone()
        return Delivery(row[0], event, url, subject, "pending", now, now)

    def save(self, delivery: Delivery) -> None:
        self._ledger.execute(
            "UPDATE deliveries SET state = ?, due = ?, attempts = ?, last_status = ?,"
            " last_error = ? WHERE id = ?",
            (
                delivery.state,
                delivery.due,
                delivery.attempts,
                delivery.last_status,
                delivery.last_error,
                delivery.id,
            ),
        )

    def pending(self) -> list[Delivery]:
        """All that are still owed, in order of creation."""
        rows = self._ledger.execute(
            f"SELECT {_FIELDS} FROM deliveries WHERE state = 'pending' ORDER BY id"  # noqa: S608
        )
        return [Delivery(*row) for row in rows]

    def pending_of(self, event: str) -> int:
        """To how many endpoints an event is still owed."""
        row = self._ledger.execute(
            "SELECT count(*) FROM deliveries WHERE event = ? AND state = 'pending'", (event,)
        ).fetchone()
        return int(row[0])

    def latest(self, state: str | None = None, limit: int = 100) -> list[Delivery]:
        rows = self._ledger.execute(
            f"SELECT {_FIELDS} FROM deliveries"  # noqa: S608  # a constant
            " WHERE ? IS NULL OR state = ? ORDER BY id DESC LIMIT ?",
            (state, state, limit),
        )
        return [Delivery(*row) for row in rows]
