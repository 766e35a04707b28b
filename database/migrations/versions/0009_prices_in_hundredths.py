"""Prices by which beats are found and sorted are hundredths of a unit, in every currency.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Those whose minor unit is the unit itself, at Stripe.
_ZERO_DECIMAL = (
    "'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA',"
    " 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'"
)


def upgrade() -> None:
    _copy_as(f"NEW.amount_minor * CASE WHEN NEW.currency IN ({_ZERO_DECIMAL}) THEN 100 ELSE 1 END")
    _copy_again("amount_minor * 100")


def downgrade() -> None:
    _copy_as("NEW.amount_minor")
    _copy_again("amount_minor")


def _copy_as(price: str) -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION copy_wav_price() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            price bigint;
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.license_type = 'WAV_LEASE' THEN
                    UPDATE beats SET wav_minor = NULL WHERE id = OLD.beat_id;
                END IF;
            ELSIF NEW.license_type = 'WAV_LEASE' THEN
                price := {price};
                UPDATE beats SET wav_minor = price
                WHERE id = NEW.beat_id AND wav_minor IS DISTINCT FROM price;
            END IF;
            RETURN NULL;
        END $$
    """)  # noqa: S608 - of constants


def _copy_again(price: str) -> None:
    op.execute(f"""
        UPDATE beats SET wav_minor = {price} FROM beat_prices
        WHERE beat_id = beats.id AND license_type = 'WAV_LEASE' AND currency IN ({_ZERO_DECIMAL})
    """)  # noqa: S608 - of constants
