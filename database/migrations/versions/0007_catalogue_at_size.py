"""A catalogue of any size: each order and each search has its index, each change its name.

Revision ID: 0007
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# PostgreSQL calls array_to_string merely stable, since not every type prints the same everywhere:
# text does.
_TAGS = """
    CREATE FUNCTION beat_tags(tags text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN array_to_string(tags, ' ')
"""
_SEARCHED = "lower(title || ' ' || description || ' ' || genre || ' ' || beat_tags(tags))"

_COPY_PRICE = """
    CREATE FUNCTION copy_wav_price() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.license_type = 'WAV_LEASE' THEN
                UPDATE beats SET wav_minor = NULL WHERE id = OLD.beat_id;
            END IF;
        ELSIF NEW.license_type = 'WAV_LEASE' THEN
            UPDATE beats SET wav_minor = NEW.amount_minor
            WHERE id = NEW.beat_id AND wav_minor IS DISTINCT FROM NEW.amount_minor;
        END IF;
        RETURN NULL;
    END $$
"""
_PRICE_CHANGES = """
    CREATE TRIGGER copy_wav_price AFTER INSERT OR UPDATE OR DELETE ON beat_prices
    FOR EACH ROW EXECUTE FUNCTION copy_wav_price()
"""
_COPY_PRICES = """
    UPDATE beats SET wav_minor = amount_minor FROM beat_prices
    WHERE beat_id = beats.id AND license_type = 'WAV_LEASE'
"""

_BEGIN_EDITION = """
    CREATE FUNCTION begin_catalog_edition() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM changed) THEN
            INSERT INTO catalog_edition (id) VALUES (1)
            ON CONFLICT (id) DO UPDATE SET name = gen_random_uuid();
        END IF;
        RETURN NULL;
    END $$
"""
_CHANGES = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}

_SORTED = {
    "ix_beats_created_at": ("created_at", ["scheduled_release_at"]),
    "ix_beats_title": ("lower(title)", ["title", "scheduled_release_at"]),
    "ix_beats_genre": ("lower(genre)", ["genre", "scheduled_release_at"]),
    "ix_beats_genre_created_at": ("lower(genre), created_at", ["genre", "scheduled_release_at"]),
    "ix_beats_bpm": ("bpm", ["scheduled_release_at"]),
    "ix_beats_wav_minor": ("wav_minor", ["scheduled_release_at"]),
    "ix_beats_wav_minor_falling": ("wav_minor DESC NULLS LAST", ["scheduled_release_at"]),
}
_BEFORE = {
    "ix_beats_created_at": "created_at",
    "ix_beats_title": "lower(title)",
    "ix_beats_genre": "lower(genre)",
    "ix_beats_bpm": "bpm",
}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(_TAGS)
    op.add_column("beats", sa.Column("wav_minor", sa.BigInteger()))
    op.add_column("beats", sa.Column("search_text", sa.Text(), sa.Computed(_SEARCHED, True)))
    op.execute(_COPY_PRICES)
    op.execute(_COPY_PRICE)
    op.execute(_PRICE_CHANGES)
    _create_edition()
    for name in _BEFORE:
        op.drop_index(name, table_name="beats")
    for name, (column, beside) in _SORTED.items():
        op.create_index(
            name,
            "beats",
            [*map(sa.text, column.split(", ")), "id"],
            postgresql_include=beside,
            postgresql_where=sa.text("is_active"),
        )
    op.drop_index("ix_beats_scheduled_release_at", table_name="beats")
    op.create_index(
        "ix_beats_scheduled_release_at",
        "beats",
        ["scheduled_release_at"],
        postgresql_where=sa.text("is_active"),
    )
    op.create_index(
        "ix_beats_search_text",
        "beats",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )


def downgrade() -> None:
    op.drop_index("ix_beats_search_text", table_name="beats")
    op.drop_index("ix_beats_scheduled_release_at", table_name="beats")
    op.create_index("ix_beats_scheduled_release_at", "beats", ["scheduled_release_at"])
    for name in _SORTED:
        op.drop_index(name, table_name="beats")
    for name, column in _BEFORE.items():
        op.create_index(name, "beats", [sa.text(column)])
    for change in _CHANGES:
        op.execute(f"DROP TRIGGER begin_catalog_edition_on_{change.lower()} ON beats")
    op.execute("DROP FUNCTION begin_catalog_edition")
    op.drop_table("catalog_edition")
    op.execute("DROP TRIGGER copy_wav_price ON beat_prices")
    op.execute("DROP FUNCTION copy_wav_price")
    op.drop_column("beats", "search_text")
    op.drop_column("beats", "wav_minor")
    op.execute("DROP FUNCTION beat_tags")  # the extension stays: others may use it


def _create_edition() -> None:
    op.create_table(
        "catalog_edition",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalog_edition_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_edition")),
    )
    op.execute("INSERT INTO catalog_edition (id) VALUES (1)")
    op.execute(_BEGIN_EDITION)
    for change, rows in _CHANGES.items():
        op.execute(
            f"CREATE TRIGGER begin_catalog_edition_on_{change.lower()} AFTER {change} ON beats "
            f"REFERENCING {rows} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION begin_catalog_edition()"
        )
