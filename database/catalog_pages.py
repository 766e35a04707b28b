"""The catalogue, page by page: what a shop's visitor looks for, sorted as they ask."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from database.catalog import beat_of, beat_query
from database.catalog_tables import beats
from database.editions import Editions
from database.engine import Reader
from domain.beat import Beat

_THREE_LETTERS = re.compile(r"[^\W_]{3}")
# A search that finds no more than these is not done again for each of its pages.
FEW = 1000

SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "title": func.lower(beats.c.title),
    "genre": func.lower(beats.c.genre),
    "bpm": beats.c.bpm,
    "price": beats.c.wav_minor,
    "createdAt": beats.c.created_at,
}


@dataclass(frozen=True)
class BeatFilter:
    """What a shop's visitor looks for; prices are the WAV lease's, in hundredths of a unit."""

    search: str | None = None
    genre: str | None = None
    bpm_min: int | None = None
    bpm_max: int | None = None
    key: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    has_stems: bool | None = None
    is_exclusive: bool | None = None
    featured: bool | None = None


@dataclass(frozen=True)
class SortOrder:
    """How beats are sorted; equal ones by their ids, and those without a price come last."""

    field: str
    descending: bool

    def rising(self) -> list[ColumnElement[Any]]:
        """From the first beat to the last."""
        column = SORT_COLUMNS[self.field]
        if not self.descending:
            return [column.asc(), beats.c.id.asc()]  # in PostgreSQL, what is null is last
        is_nullable = self.field == "price"
        return [column.desc().nulls_last() if is_nullable else column.desc(), beats.c.id.asc()]

    def falling(self) -> list[ColumnElement[Any]]:
        """From the last beat to the first."""
        column = SORT_COLUMNS[self.field]
        if not self.descending:
            return [column.desc(), beats.c.id.desc()]
        is_nullable = self.field == "price"
        return [column.asc().nulls_first() if is_nullable else column.asc(), beats.c.id.desc()]


@dataclass(frozen=True)
class BeatPage:
    beats: tuple[Beat, ...]
    total: int


async def page(
    reader: Reader,
    editions: Editions,
    wanted: BeatFilter,
    now: datetime,
    *,
    order: SortOrder,
    limit: int,
    offset: int,
) -> BeatPage:
    """The beats on sale that match, one page of them, and how many there are in all."""
    counted = _how_many(_conditions(wanted, now, _by_index), is_filtered=wanted != BeatFilter())
    total, ids = await editions.ask(reader, now, wanted, counted)
    if offset >= total:
        return BeatPage((), total)
    conditions = _conditions(wanted, now, _by_reading)
    if ids is not None:
        conditions = [beats.c.id.in_(ids)]
    picked = _picked(conditions, order, total, limit, offset).cte("picked")
    query = beat_query().where(beats.c.id.in_(select(picked.c.id))).order_by(*order.rising())
    rows = (await reader.sql.execute(query)).mappings()
    return BeatPage(tuple(beat_of(row) for row in rows), total)


async def genres(reader: Reader, editions: Editions, now: datetime) -> list[str]:
    """The genres of the beats on sale, in alphabetical order."""
    every = aggregate_order_by(beats.c.genre.distinct(), beats.c.genre)
    query = select(func.array_agg(every)).where(*_on_sale(now))
    (found,) = await editions.ask(reader, now, "genres", [query.scalar_subquery()])
    return list(found or [])


def _on_sale(now: datetime) -> list[ColumnElement[bool]]:
    released = beats.c.scheduled_release_at
    return [beats.c.is_active, or_(released.is_(None), released <= now)]


def _conditions(
    wanted: BeatFilter, now: datetime, is_in: Callable[[str], ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    price = beats.c.wav_minor
    conditions: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (wanted.search, lambda search: _every_word(search, is_in)),
        (wanted.genre, lambda genre: func.lower(beats.c.genre) == func.lower(genre)),
        (wanted.key, lambda key: func.lower(beats.c.key) == func.lower(key)),
        (wanted.bpm_min, beats.c.bpm.__ge__),
        (wanted.bpm_max, beats.c.bpm.__le__),
        (wanted.price_min, price.__ge__),
        (wanted.price_max, price.__le__),
        (wanted.has_stems, beats.c.has_stems.is_),
        (wanted.is_exclusive, beats.c.is_exclusive.is_),
        (wanted.featured, beats.c.featured.is_),
    ]
    asked = [condition(value) for value, condition in conditions if value is not None]
    return _on_sale(now) + asked


def _every_word(search: str, is_in: Callable[[str], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Every word is found somewhere in the title, description, genre or tags."""
    return and_(True, *(is_in(word) for word in search.split()))


def _by_index(word: str) -> ColumnElement[bool]:
    """The index knows three letters in a row; for fewer it is worse than none."""
    if not _THREE_LETTERS.search(word):
        return _by_reading(word)
    for special in "/%_":
        word = word.replace(special, f"/{special}")
    return beats.c.search_text.like(func.lower(f"%{word}%"), escape="/")


def _by_reading(word: str) -> ColumnElement[bool]:
    """Beat after beat: what comes soonest to a page of a search that finds many.

    Left to choose, PostgreSQL would collect and sort them all, once it plans for any word at all.
    """
    return func.strpos(beats.c.search_text, func.lower(word)) > 0


def _how_many(
    conditions: list[ColumnElement[bool]], *, is_filtered: bool
) -> list[ColumnElement[Any]]:
    """How many beats meet the conditions; and which, where these narrow them down to a few."""
    if not is_filtered:
        every = select(func.count()).select_from(beats).where(*conditions)
        return [every.scalar_subquery(), null()]
    matched = select(beats.c.id).where(*conditions).cte("matched").prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(matched).scalar_subquery()
    ids = select(func.array_agg(matched.c.id)).scalar_subquery()
    return [total, case((total <= FEW, ids))]


def _picked(
    conditions: list[ColumnElement[bool]], order: SortOrder, total: int, limit: int, offset: int
) -> Select[Any]:
    """The ids of one page, counted from whichever end of the list is nearer."""
    after = max(total - offset - limit, 0)
    query = select(beats.c.id).where(*conditions)
    if after >= offset:
        return query.order_by(*order.rising()).limit(limit).offset(offset)
    return query.order_by(*order.falling()).limit(min(limit, total - offset)).offset(after)
