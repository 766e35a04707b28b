"""What was counted in the catalogue: known for as long as the catalogue stays as it is.

To count is what costs most in a large catalogue, and the answer hardly ever changes. It holds for
one edition of the catalogue: every change of a beat begins a new one, in the same transaction, and
so does the hour at which the next beat is released. Whoever asks is told what is so now, never what
was so a moment ago.
"""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from database.catalog_tables import beats, catalog_edition
from database.engine import Reader

# Of how many questions the answers are kept: those that were asked last.
KEPT = 256


class Editions:
    """One process's memory of what it was answered, and of the edition in which it was."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[list[Any], list[Any]]] = OrderedDict()

    async def ask(
        self, reader: Reader, now: datetime, question: Hashable, answer: list[ColumnElement[Any]]
    ) -> list[Any]:
        """The columns of an answer, for which equal questions stand; one statement, or two."""
        edition = _edition(now)
        if question in self._kept:
            asked_in, kept = self._kept[question]
            if await _row(reader, edition) == asked_in:
                self._kept.move_to_end(question)
                return kept
        # By one statement: what is kept under an edition was counted in that very edition.
        row = await _row(reader, [*edition, *answer])
        current, told = row[: len(edition)], row[len(edition) :]
        if current[0] is not None:  # nothing was ever published: there is no edition yet
            self._keep(question, current, told)
        return told

    def _keep(self, question: Hashable, edition: list[Any], told: list[Any]) -> None:
        self._kept[question] = (edition, told)
        self._kept.move_to_end(question)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _edition(now: datetime) -> list[ColumnElement[Any]]:
    """The catalogue's name for its state, and when the next beat is released."""
    released = beats.c.scheduled_release_at
    next_release = select(func.min(released)).where(beats.c.is_active, released > now)
    return [select(catalog_edition.c.name).scalar_subquery(), next_release.scalar_subquery()]


async def _row(reader: Reader, columns: list[ColumnElement[Any]]) -> list[Any]:
    return list((await reader.sql.execute(select(*columns))).one())
