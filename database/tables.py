"""The tables. Amounts are whole minor units; times are timestamptz, in UTC."""

from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from database.beat_indexes import beat_indexes
from domain.beat import AssetKind
from domain.license import LicenseType
from domain.order import Attention, OrderKind, OrderStatus
from domain.shop_event import ShopEventType

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


# Producers own beats; buyers own orders, known by their e-mail address.
users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # normalized: trimmed, case folded
    _instant("created_at"),
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
    _instant("created_at"),
    _instant("updated_at"),
    # The database keeps these two: a copy of the WAV lease's price, and what searches look through.
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
    CheckConstraint(_one_of("license_type", LicenseType), "license_type"),
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
    CheckConstraint(_one_of("kind", AssetKind), "kind"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", "sha256"),
    CheckConstraint("url IS NULL OR kind NOT IN ('master', 'stems')", "sold_assets_have_no_url"),
)

# What a buyer asked for, before anything came of it. The row claims its order id, and so its
# idempotency key. Names and addresses stay here: workflows carry the order id alone.
checkout_requests = Table(
    "checkout_requests",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),  # SHA-256 of the request, hex
    Column("cart", JSONB, nullable=False),
    Column("success_url", Text, nullable=False),
    Column("cancel_url", Text, nullable=False),
    Column("customer_email", Text),
    _instant("created_at"),
    CheckConstraint(_one_of("kind", OrderKind), "kind"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", ForeignKey("checkout_requests.order_id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("user_id", ForeignKey("users.id"), index=True),
    Column("customer_email", Text),
    Column("customer_name", Text),
    Column("customer_phone", Text),
    Column("total_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("is_refunded_in_full", Boolean, nullable=False, server_default=text("false")),
    Column("currency", Text, nullable=False),
    Column("payment_method", Text),
    Column("payment_id", Text, unique=True),  # Stripe's payment intent
    Column("approved_payment_id", Text),  # one that an operator took, though not as quoted
    Column("paid_at", DateTime(timezone=True)),
    Column("granted_at", DateTime(timezone=True)),
    # By Stripe's id of each refund: its state, its amount of the payment's, what it was made for.
    Column("refunds", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # Stripe's ids of the disputes that the buyer opened, and where each stands: open, won, lost.
    Column("disputes", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("session_id", Text, unique=True),  # Stripe's checkout session
    Column("session_url", Text),
    Column("session_expires_at", DateTime(timezone=True)),
    Column("checkout_attempt", SmallInteger, nullable=False, server_default="1"),
    Column("success_url", Text, nullable=False),
    Column("cancel_url", Text, nullable=False),
    Column("attention", Text),  # why an operator should look at it
    Column("attention_since", DateTime(timezone=True)),
    # Less pressing reasons, and since when each has been one.
    Column("attention_behind", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _instant("created_at"),
    _instant("updated_at"),
    CheckConstraint(_one_of("kind", OrderKind), "kind"),
    CheckConstraint(_one_of("status", OrderStatus), "status"),
    CheckConstraint(_one_of("attention", Attention), "attention"),
    CheckConstraint("(attention IS NULL) = (attention_since IS NULL)", "attention_has_a_time"),
    CheckConstraint("total_minor > 0", "total"),
    CheckConstraint("refunded_minor BETWEEN 0 AND total_minor", "refunded"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency"),
    CheckConstraint(
        "status NOT IN ('PAID', 'COMPLETED') OR paid_at IS NOT NULL", "paid_orders_have_a_time"
    ),
    Index("ix_orders_attention", "attention_since", postgresql_where=text("attention IS NOT NULL")),
    Index("ix_orders_created_at", "created_at"),
    Index("ix_orders_customer_email", func.lower(text("customer_email"))),
)

# Checkout sessions that were an order's own before another one was paid: buyers still hold them.
former_sessions = Table(
    "former_sessions",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
)

order_items = Table(
    "order_items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("beat_id", ForeignKey("beats.id"), nullable=False, index=True),
    Column("license_type", Text, nullable=False),
    Column("stripe_price_id", Text, nullable=False),
    Column("quantity", SmallInteger, nullable=False),
    Column("unit_minor", BigInteger, nullable=False),
    Column("usage_rights", ARRAY(Text), nullable=False),
    Column("has_stems", Boolean, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    UniqueConstraint("order_id", "line"),
    UniqueConstraint("order_id", "beat_id", "license_type"),
    CheckConstraint(_one_of("license_type", LicenseType), "license_type"),
    CheckConstraint("quantity BETWEEN 1 AND 10", "quantity"),
    CheckConstraint("unit_minor > 0", "unit"),
    CheckConstraint("NOT has_stems OR license_type <> 'WAV_LEASE'", "wav_leases_have_no_stems"),
)

# Append-only: what happened to an order, when and why.
order_events = Table(
    "order_events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _instant("occurred_at"),
)

# The inbox: every webhook event that concerns an order, once, before anything is done with it.
webhook_events = Table(
    "webhook_events",
    metadata,
    Column("id", Text, primary_key=True),  # Stripe's event id
    Column("type", Text, nullable=False),
    Column("order_id", Text, index=True),  # no foreign key: it may be an order we never made
    Column("payment_id", Text, index=True),  # Stripe's payment intent
    Column("object_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),  # by Stripe's clock
    _instant("received_at"),
    Column("delivered_at", DateTime(timezone=True)),
    Column("outcome", Text),
    # How often its delivery failed for its own sake, with what, and before when it is not tried.
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("next_try_at", DateTime(timezone=True)),
    Index(
        "ix_webhook_events_undelivered",
        func.coalesce(text("next_try_at"), text("received_at")),
        postgresql_where=text("delivered_at IS NULL"),
    ),
    Index(
        "ix_webhook_events_unknown",
        "received_at",
        postgresql_where=text("outcome = 'unknown_order'"),
    ),
)

# One row: when the last reconciliation began that came to its end.
sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Boolean, primary_key=True, server_default=text("true")),
    Column("began_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("id", "one_row"),
)

# The right to one file of one sold item, made when the order is paid.
download_grants = Table(
    "download_grants",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_item_id", ForeignKey("order_items.id"), nullable=False),
    Column("asset", Text, nullable=False),
    _instant("granted_at"),
    UniqueConstraint("order_item_id", "asset"),
    CheckConstraint("asset IN ('master', 'stems')", "asset"),
)

# Append-only: each time a file's address was handed out.
download_links = Table(
    "download_links",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("grant_id", ForeignKey("download_grants.id"), nullable=False, index=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    _instant("issued_at"),
)

# What visitors of the storefront did, in counts of a day. '' is no beat and no license.
metrics_daily = Table(
    "metrics_daily",
    metadata,
    Column("day", Date, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("beat_id", Text, primary_key=True),
    Column("license_type", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    CheckConstraint(_one_of("type", ShopEventType), "type"),
    CheckConstraint(f"license_type = '' OR {_one_of('license_type', LicenseType)}", "license_type"),
    CheckConstraint("count > 0", "count"),
)
