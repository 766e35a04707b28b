"""What the catalogue's pages are read from: an index for each order, and one for searches."""

from sqlalchemy import Index, func, text


def beat_indexes() -> list[Index]:
    return [
        _sorted("created_at", "created_at"),
        _sorted("title", "lower(title)", "title"),
        _sorted("genre", "lower(genre)", "genre"),
        _sorted("genre_created_at", "lower(genre), created_at", "genre"),
        _sorted("bpm", "bpm"),
        _sorted("wav_minor", "wav_minor"),
        _sorted("wav_minor_falling", "wav_minor DESC NULLS LAST"),
        Index(
            "ix_beats_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index("ix_beats_key", func.lower(text("key"))),
        Index(
            "ix_beats_scheduled_release_at",
            "scheduled_release_at",
            postgresql_where=text("is_active"),
        ),
        Index("ix_beats_flags", "is_active", "featured", "is_exclusive", "has_stems"),
    ]


def _sorted(name: str, columns: str, *needed: str) -> Index:
    """An index from which a page of beats is read in order, without a look at the rows.

    PostgreSQL wants what an expression is made of (`needed`) to be there beside it.
    """
    return Index(
        f"ix_beats_{name}",
        *map(text, columns.split(", ")),
        "id",
        postgresql_include=[*needed, "scheduled_release_at"],
        postgresql_where=text("is_active"),
    )
