"""What visitors of the storefront did, counted by day.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TYPES = "'add_to_cart', 'remove_from_cart', 'checkout_started', 'download_finished'"
_LICENSES = "'WAV_LEASE', 'TRACKOUT_LEASE', 'UNLIMITED_LEASE'"


def upgrade() -> None:
    op.create_table(
        "metrics_daily",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("license_type", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"type IN ({_TYPES})", name=op.f("ck_metrics_daily_type")),
        sa.CheckConstraint(
            f"license_type = '' OR license_type IN ({_LICENSES})",
            name=op.f("ck_metrics_daily_license_type"),
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_metrics_daily_count")),
        sa.PrimaryKeyConstraint(
            "day", "type", "beat_id", "license_type", name=op.f("pk_metrics_daily")
        ),
    )


def downgrade() -> None:
    op.drop_table("metrics_daily")
