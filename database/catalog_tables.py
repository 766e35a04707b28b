"""The catalogue's tables. Amounts are whole minor units; times are timestamptz, in UTC."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from database.beat_indexes import beat_indexes
from database.schema import instant, metadata, one_of
from domain.beat import AssetKind
from domain.license import LicenseType

# Producers own beats; buyers own orders, known by their e-mail address.
users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # normalized: trimmed, case folded
    instant("created_at"),
)

beats = Table(
    "beats",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("genre", Text, nullable=False),
    Column("bpm", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("has_stems", Boolean, nullable=False),
    Column("is_exclusive", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("featured", Boolean, nullable=False),
    Column("scheduled_release_at", DateTime(timezone=True)),
    instant("created_at"),
    instant("updated_at"),
    # The database keeps these two: a copy of the WAV lease's price, in hundredths of a unit
    # whatever its currency, and what searches look through.
    Column("wav_minor", BigInteger),
    Column(
        "search_text",
        Text,
        Computed(
            "lower(title || ' ' || description || ' ' || genre || ' ' || beat_tags(tags))",
            persisted=True,
        ),
    ),
    CheckConstraint("bpm BETWEEN 20 AND 400", "bpm"),
    CheckConstraint("duration_seconds >= 0", "duration"),
    *beat_indexes(),
)

# The name of the catalogue as it stands. Every change of a beat gives it a new one, which nobody
# had before: what was counted under a name holds for as long as that is the catalogue's.
catalog_edition = Table(
    "catalog_edition",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("name", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    CheckConstraint("id = 1", "one_row"),
)

beat_prices = Table(
    "beat_prices",
    metadata,
    Column("beat_id", ForeignKey("beats.id"), primary_key=True),
    Column("license_type", Text, primary_key=True),
    Column("stripe_price_id", Text, nullable=False, unique=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint(one_of("license_type", LicenseType), "license_type"),
    CheckConstraint("amount_minor > 0", "amount"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency"),
    Index("ix_beat_prices_license_type_amount_minor", "license_type", "amount_minor"),
)

beat_assets = Table(
    "beat_assets",
    metadata,
    Column("beat_id", ForeignKey("beats.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("public_id", Text, nullable=False),  # Cloudinary's name of the file
    Column("resource_type", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("url", Text),  # public assets alone have one
    Column("verified_at", DateTime(timezone=True)),  # when Cloudinary was last seen to have it
    CheckConstraint(one_of("kind", AssetKind), "kind"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", "sha256"),
    CheckConstraint("url IS NULL OR kind NOT IN ('master', 'stems')", "sold_assets_have_no_url"),
)
