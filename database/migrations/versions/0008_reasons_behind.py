"""An order may wait for a person for several reasons: none of them is forgotten for another.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    behind = sa.Column(
        "attention_behind", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
    )
    op.add_column("orders", behind)


def downgrade() -> None:
    op.drop_column("orders", "attention_behind")
