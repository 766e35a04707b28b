"""Refunds, disputes, and orders that wait for a person.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ATTENTIONS = "'payment_differs', 'file_missing', 'second_payment_kept', 'receipt_unsent'"
_NO_DISPUTES = sa.text("'{}'::jsonb")


def _columns() -> list["sa.Column[object]"]:
    return [
        sa.Column(
            "is_refunded_in_full", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("disputes", JSONB(), server_default=_NO_DISPUTES, nullable=False),
        sa.Column("approved_payment_id", sa.Text()),
        sa.Column("granted_at", sa.DateTime(timezone=True)),
        sa.Column("attention", sa.Text()),
        sa.Column("attention_since", sa.DateTime(timezone=True)),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("orders", column)
    op.execute("UPDATE orders SET granted_at = updated_at WHERE status = 'COMPLETED'")
    op.create_check_constraint(
        op.f("ck_orders_attention"), "orders", f"attention IN ({_ATTENTIONS})"
    )
    op.create_check_constraint(
        op.f("ck_orders_attention_has_a_time"),
        "orders",
        "(attention IS NULL) = (attention_since IS NULL)",
    )
    op.create_index(
        "ix_orders_attention",
        "orders",
        ["attention_since"],
        postgresql_where=sa.text("attention IS NOT NULL"),
    )
    op.create_index("ix_orders_created_at", "orders", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_created_at", table_name="orders")
    op.drop_index("ix_orders_attention", table_name="orders")
    op.drop_constraint(op.f("ck_orders_attention_has_a_time"), "orders")
    op.drop_constraint(op.f("ck_orders_attention"), "orders")
    for column in reversed(_columns()):
        op.drop_column("orders", column.name)
