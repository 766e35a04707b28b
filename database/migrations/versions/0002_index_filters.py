"""index every column that the catalogue filters on

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FLAGS = ["is_active", "featured", "is_exclusive", "has_stems"]


def upgrade() -> None:
    op.create_index("ix_beats_key", "beats", [sa.literal_column("lower(key)")])
    op.create_index("ix_beats_scheduled_release_at", "beats", ["scheduled_release_at"])
    op.create_index("ix_beats_flags", "beats", FLAGS)


def downgrade() -> None:
    op.drop_index("ix_beats_flags", table_name="beats")
    op.drop_index("ix_beats_scheduled_release_at", table_name="beats")
    op.drop_index("ix_beats_key", table_name="beats")
