"""Orders are found by the session that another one, which was paid first, took the place of.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_order_events_replaced_session",
        "order_events",
        [sa.text("(detail ->> 'instead_of')")],
        postgresql_where=sa.text("type = 'session_adopted'"),
    )


def downgrade() -> None:
    op.drop_index("ix_order_events_replaced_session", table_name="order_events")
