"""The tables of orders, and of what came of them.

Amounts are whole minor units; times are timestamptz, in UTC.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from database.catalog_tables import beats, users
from database.schema import instant, one_of
from database.schema import metadata as metadata  # of all tables, once this is imported
from domain.license import LicenseType
from domain.order import Attention, OrderKind, OrderStatus
from domain.shop_event import ShopEventType

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
    instant("created_at"),
    CheckConstraint(one_of("kind", OrderKind), "kind"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", ForeignKey("checkout_requests.order_id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("user_id", ForeignKey(users.c.id), index=True),
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
    # When each was last looked at with something new, by the same ids: ISO 8601, UTC.
    Column("disputes_seen_at", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
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
    instant("created_at"),
    instant("updated_at"),
    CheckConstraint(one_of("kind", OrderKind), "kind"),
    CheckConstraint(one_of("status", OrderStatus), "status"),
    CheckConstraint(one_of("attention", Attention), "attention"),
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
    Column("beat_id", ForeignKey(beats.c.id), nullable=False, index=True),
    Column("license_type", Text, nullable=False),
    Column("stripe_price_id", Text, nullable=False),
    Column("quantity", SmallInteger, nullable=False),
    Column("unit_minor", BigInteger, nullable=False),
    Column("usage_rights", ARRAY(Text), nullable=False),
    Column("has_stems", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("order_id", "line"),
    UniqueConstraint("order_id", "beat_id", "license_type"),
    CheckConstraint(one_of("license_type", LicenseType), "license_type"),
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
    instant("occurred_at"),
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
    instant("received_at"),
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
    instant("granted_at"),
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
    instant("issued_at"),
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
    CheckConstraint(one_of("type", ShopEventType), "type"),
    CheckConstraint(f"license_type = '' OR {one_of('license_type', LicenseType)}", "license_type"),
    CheckConstraint("count > 0", "count"),
)
