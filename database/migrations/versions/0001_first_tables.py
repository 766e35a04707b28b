"""first tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkout_requests",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("cart", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("cancel_url", sa.Text(), nullable=False),
        sa.Column("customer_email", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('single', 'multi')", name=op.f("ck_checkout_requests_kind")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_checkout_requests")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
    )
    op.create_index(
        op.f("ix_webhook_events_order_id"), "webhook_events", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_events_payment_id"), "webhook_events", ["payment_id"], unique=False
    )
    op.create_index(
        "ix_webhook_events_undelivered",
        "webhook_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.create_table(
        "beats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("genre", sa.Text(), nullable=False),
        sa.Column("bpm", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("has_stems", sa.Boolean(), nullable=False),
        sa.Column("is_exclusive", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.Column("scheduled_release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("bpm BETWEEN 20 AND 400", name=op.f("ck_beats_bpm")),
        sa.CheckConstraint("duration_seconds >= 0", name=op.f("ck_beats_duration")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_beats_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beats")),
    )
    op.create_index("ix_beats_bpm", "beats", ["bpm"], unique=False)
    op.create_index("ix_beats_created_at", "beats", ["created_at"], unique=False)
    op.create_index(
        "ix_beats_flags",
        "beats",
        ["is_active", "featured", "is_exclusive", "has_stems"],
        unique=False,
    )
    op.create_index("ix_beats_genre", "beats", [sa.literal_column("lower(genre)")], unique=False)
    op.create_index("ix_beats_key", "beats", [sa.literal_column("lower(key)")], unique=False)
    op.create_index(op.f("ix_beats_owner_id"), "beats", ["owner_id"], unique=False)
    op.create_index(
        "ix_beats_scheduled_release_at", "beats", ["scheduled_release_at"], unique=False
    )
    op.create_index("ix_beats_title", "beats", [sa.literal_column("lower(title)")], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_email", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("customer_phone", sa.Text(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("session_url", sa.Text(), nullable=True),
        sa.Column("session_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checkout_attempt", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("cancel_url", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_orders_currency")),
        sa.CheckConstraint("kind IN ('single', 'multi')", name=op.f("ck_orders_kind")),
        sa.CheckConstraint(
            "status IN ('PENDING', 'PAID', 'COMPLETED', 'CANCELLED', 'FAILED', 'REFUNDED', 'DISPUTED')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('PAID', 'COMPLETED') OR paid_at IS NOT NULL",
            name=op.f("ck_orders_paid_orders_have_a_time"),
        ),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND total_minor", name=op.f("ck_orders_refunded")
        ),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_orders_total")),
        sa.ForeignKeyConstraint(["id"], ["checkout_requests.order_id"], name=op.f("fk_orders_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orders_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_orders_payment_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_orders_session_id")),
    )
    op.create_index(op.f("ix_orders_status"), "orders", ["status"], unique=False)
    op.create_index(op.f("ix_orders_user_id"), "orders", ["user_id"], unique=False)
    op.create_table(
        "beat_assets",
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('master', 'stems', 'preview', 'artwork')", name=op.f("ck_beat_assets_kind")
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_beat_assets_sha256")),
        sa.CheckConstraint(
            "url IS NULL OR kind NOT IN ('master', 'stems')",
            name=op.f("ck_beat_assets_sold_assets_have_no_url"),
        ),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_beat_assets_beat_id")),
        sa.PrimaryKeyConstraint("beat_id", "kind", name=op.f("pk_beat_assets")),
    )
    op.create_table(
        "beat_prices",
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("license_type", sa.Text(), nullable=False),
        sa.Column("stripe_price_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_beat_prices_currency")),
        sa.CheckConstraint(
            "license_type IN ('WAV_LEASE', 'TRACKOUT_LEASE', 'UNLIMITED_LEASE')",
            name=op.f("ck_beat_prices_license_type"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_beat_prices_amount")),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_beat_prices_beat_id")),
        sa.PrimaryKeyConstraint("beat_id", "license_type", name=op.f("pk_beat_prices")),
        sa.UniqueConstraint("stripe_price_id", name=op.f("uq_beat_prices_stripe_price_id")),
    )
    op.create_index(
        "ix_beat_prices_license_type_amount_minor",
        "beat_prices",
        ["license_type", "amount_minor"],
        unique=False,
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "occurred_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
    )
    op.create_index(op.f("ix_order_events_order_id"), "order_events", ["order_id"], unique=False)
    op.create_table(
        "order_items",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("license_type", sa.Text(), nullable=False),
        sa.Column("stripe_price_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("usage_rights", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("has_stems", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "NOT has_stems OR license_type <> 'WAV_LEASE'",
            name=op.f("ck_order_items_wav_leases_have_no_stems"),
        ),
        sa.CheckConstraint(
            "license_type IN ('WAV_LEASE', 'TRACKOUT_LEASE', 'UNLIMITED_LEASE')",
            name=op.f("ck_order_items_license_type"),
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10", name=op.f("ck_order_items_quantity")),
        sa.CheckConstraint("unit_minor > 0", name=op.f("ck_order_items_unit")),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_order_items_beat_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
        sa.UniqueConstraint(
            "order_id",
            "beat_id",
            "license_type",
            name=op.f("uq_order_items_order_id_beat_id_license_type"),
        ),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_order_items_order_id_line")),
    )
    op.create_index(op.f("ix_order_items_beat_id"), "order_items", ["beat_id"], unique=False)
    op.create_table(
        "download_grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_item_id", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column(
            "granted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("asset IN ('master', 'stems')", name=op.f("ck_download_grants_asset")),
        sa.ForeignKeyConstraint(
            ["order_item_id"], ["order_items.id"], name=op.f("fk_download_grants_order_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download_grants")),
        sa.UniqueConstraint(
            "order_item_id", "asset", name=op.f("uq_download_grants_order_item_id_asset")
        ),
    )
    op.create_table(
        "download_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["download_grants.id"], name=op.f("fk_download_links_grant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download_links")),
    )
    op.create_index(
        op.f("ix_download_links_grant_id"), "download_links", ["grant_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_download_links_grant_id"), table_name="download_links")
    op.drop_table("download_links")
    op.drop_table("download_grants")
    op.drop_index(op.f("ix_order_items_beat_id"), table_name="order_items")
    op.drop_table("order_items")
    op.drop_index(op.f("ix_order_events_order_id"), table_name="order_events")
    op.drop_table("order_events")
    op.drop_index("ix_beat_prices_license_type_amount_minor", table_name="beat_prices")
    op.drop_table("beat_prices")
    op.drop_table("beat_assets")
    op.drop_index(op.f("ix_orders_user_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_status"), table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_beats_title", table_name="beats")
    op.drop_index("ix_beats_scheduled_release_at", table_name="beats")
    op.drop_index(op.f("ix_beats_owner_id"), table_name="beats")
    op.drop_index("ix_beats_key", table_name="beats")
    op.drop_index("ix_beats_genre", table_name="beats")
    op.drop_index("ix_beats_flags", table_name="beats")
    op.drop_index("ix_beats_created_at", table_name="beats")
    op.drop_index("ix_beats_bpm", table_name="beats")
    op.drop_table("beats")
    op.drop_index(
        "ix_webhook_events_undelivered",
        table_name="webhook_events",
        postgresql_where=sa.text("delivered_at IS NULL"),
    )
    op.drop_index(op.f("ix_webhook_events_payment_id"), table_name="webhook_events")
    op.drop_index(op.f("ix_webhook_events_order_id"), table_name="webhook_events")
    op.drop_table("webhook_events")
    op.drop_table("users")
    op.drop_table("checkout_requests")
