"""What operators look for: orders by their buyers' address, events about no order of ours.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_orders_customer_email", "orders", [sa.text("lower(customer_email)")])
    op.create_index(
        "ix_webhook_events_unknown",
        "webhook_events",
        ["received_at"],
        postgresql_where=sa.text("outcome = 'unknown_order'"),
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_events_unknown", table_name="webhook_events")
    op.drop_index("ix_orders_customer_email", table_name="orders")
