"""Refunds told apart, events that wait for their turn, former sessions, the last sweep.

What had gone back by then is kept as one sum without a name, until Stripe is asked for the names.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BEFORE = "'payment_differs', 'file_missing', 'second_payment_kept', 'files_unreachable', 'receipt_unsent'"
_SINCE = "'payment_differs', 'file_missing', 'second_payment_kept', 'refund_failed', 'files_unreachable', 'receipt_unsent'"


def upgrade() -> None:
    nothing = sa.text("'{}'::jsonb")
    op.add_column("orders", sa.Column("refunds", JSONB(), server_default=nothing, nullable=False))
    op.execute(
        """
        UPDATE orders SET refunds = jsonb_build_object('unnamed', jsonb_build_object(
            'state', 'sent',
            'minor', CASE WHEN is_refunded_in_full THEN total_minor ELSE refunded_minor END,
            'of', total_minor
        ))
        WHERE refunded_minor > 0 OR is_refunded_in_full
        """
    )
    _allow_attentions(_SINCE)
    op.create_table(
        "former_sessions",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_former_sessions_order_id")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_former_sessions")),
    )
    op.create_index(op.f("ix_former_sessions_order_id"), "former_sessions", ["order_id"])
    op.execute(
        """
        INSERT INTO former_sessions (session_id, order_id)
        SELECT DISTINCT detail ->> 'session', order_id
        FROM order_events JOIN orders ON orders.id = order_id
        WHERE type IN ('session_opened', 'session_adopted')
        AND detail ->> 'session' <> session_id
        """
    )
    op.create_table(
        "sweeps",
        sa.Column("id", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id", name=op.f("ck_sweeps_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    for column in _tries():
        op.add_column("webhook_events", column)
    _index_undelivered(sa.text("coalesce(next_try_at, received_at)"))


def downgrade() -> None:
    op.drop_table("sweeps")
    op.drop_table("former_sessions")
    _index_undelivered("received_at")
    for column in reversed(_tries()):
        op.drop_column("webhook_events", column.name)
    op.execute(
        "UPDATE orders SET attention = NULL, attention_since = NULL "
        "WHERE attention = 'refund_failed'"
    )
    _allow_attentions(_BEFORE)
    op.drop_column("orders", "refunds")


def _allow_attentions(values: str) -> None:
    name = op.f("ck_orders_attention")
    op.drop_constraint(name, "orders")
    op.create_check_constraint(name, "orders", f"attention IN ({values})")


def _tries() -> list["sa.Column[object]"]:
    return [
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
    ]


def _index_undelivered(by: "str | sa.TextClause") -> None:
    name = "ix_webhook_events_undelivered"
    op.drop_index(name, table_name="webhook_events")
    op.create_index(name, "webhook_events", [by], postgresql_where=sa.text("delivered_at IS NULL"))
