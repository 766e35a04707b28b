"""The answers that idempotency keys keep, for a day."""

from dataclasses import dataclass
from datetime import timedelta

from sandbox.stripe.ledger import Ledger

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """What a call was answered."""

    status: int
    body: str
    request: str  # the id of the request that was answered so first


class Answers:
    """Saved answers, by key."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def find(self, key: str, now: int) -> tuple[str, Answer] | None:
        """The fingerprint of the call that the key was used for, and its answer."""
        row = self._ledger.execute(
            "SELECT fingerprint, status, body, request FROM answers"
            " WHERE idempotency_key = ? AND created > ?",
            (key, _horizon(now)),
        ).fetchone()
        return None if row is None else (row[0], Answer(*row[1:]))

    def keep(self, key: str, fingerprint: str, answer: Answer, now: int) -> None:
        self._ledger.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
            (key, fingerprint, answer.status, answer.body, answer.request, now),
        )

    def forget_old(self, now: int) -> None:
        self._ledger.execute("DELETE FROM answers WHERE created <= ?", (_horizon(now),))


def _horizon(now: int) -> int:
    return now - int(KEPT_FOR.total_seconds())
