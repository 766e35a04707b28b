"""When Cloudinary was last seen to have a file, and orders that wait for it to say so.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BEFORE = "'payment_differs', 'file_missing', 'second_payment_kept', 'receipt_unsent'"
_SINCE = "'payment_differs', 'file_missing', 'second_payment_kept', 'files_unreachable', 'receipt_unsent'"


def upgrade() -> None:
    op.add_column("beat_assets", sa.Column("verified_at", sa.DateTime(timezone=True)))
    _allow_attentions(_SINCE)


def downgrade() -> None:
    op.execute(
        "UPDATE orders SET attention = NULL, attention_since = NULL "
        "WHERE attention = 'files_unreachable'"
    )
    _allow_attentions(_BEFORE)
    op.drop_column("beat_assets", "verified_at")


def _allow_attentions(values: str) -> None:
    name = op.f("ck_orders_attention")
    op.drop_constraint(name, "orders")
    op.create_check_constraint(name, "orders", f"attention IN ({values})")
