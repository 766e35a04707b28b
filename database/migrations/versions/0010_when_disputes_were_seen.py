"""Of two looks at a dispute the later one holds, so when it was looked at is kept.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seen_at = sa.Column(
        "disputes_seen_at", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
    )
    op.add_column("orders", seen_at)


def downgrade() -> None:
    op.drop_column("orders", "disputes_seen_at")
