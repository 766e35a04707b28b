"""What the database itself refuses, and which columns it can find rows by."""

import pytest
from sqlalchemy import text

from database.engine import Database, StatementFailed
from tests.making import TRACKOUT, WAV, empty, publication, publish, sell

# Every column that a query compares with something.
FILTERED = {
    "users": {"email"},
    "beats": {
        "id",
        "genre",
        "bpm",
        "key",
        "title",
        "created_at",
        "is_active",
        "has_stems",
        "is_exclusive",
        "featured",
        "scheduled_release_at",
    },
    "beat_prices": {"beat_id", "license_type", "amount_minor", "stripe_price_id"},
    "beat_assets": {"beat_id", "kind"},
    "checkout_requests": {"order_id"},
    "orders": {"id", "status", "session_id", "user_id", "created_at", "customer_email"},
    "former_sessions": {"session_id", "order_id"},
    "order_items": {"order_id", "beat_id"},
    "order_events": {"order_id"},
    "webhook_events": {"id", "order_id", "payment_id", "received_at"},
    "download_grants": {"id", "order_item_id", "asset"},
    "download_links": {"grant_id"},
    "metrics_daily": {"day"},
}

# A foreign key whose columns lead no index.
UNINDEXED = text(
    """
    SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = conrelid
        AND (indkey::int2[])[0:cardinality(conkey) - 1] OPERATOR(pg_catalog.@>) conkey
    )
    """
)
# Each column that an index has, as such or within an expression.
INDEXED = text(
    """
    SELECT DISTINCT refobjid::regclass::text, attname
    FROM pg_depend
    JOIN pg_index ON indexrelid = objid
    JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    JOIN pg_class ON pg_class.oid = refobjid
    WHERE refobjsubid > 0 AND relnamespace = 'public'::regnamespace
    UNION
    SELECT indrelid::regclass::text, attname
    FROM pg_index
    JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = 'public'::regnamespace
    """
)


@pytest.fixture(scope="module")
async def shop(session_database: Database) -> Database:
    """Two sales for all tests here, none of which gets to change them."""
    database = await empty(session_database)
    await publish(database, publication())
    for _ in range(2):
        await sell(database, ("dusk", WAV), ("dusk", TRACKOUT))
    return database


async def test_every_foreign_key_is_indexed(shop: Database) -> None:
    async with shop.reading() as reader:
        assert list(await reader.sql.scalars(UNINDEXED)) == []


async def test_every_column_that_a_query_filters_on_is_indexed(shop: Database) -> None:
    async with shop.reading() as reader:
        indexed = {(table, column) for table, column in await reader.sql.execute(INDEXED)}
    wanted = {(table, column) for table, columns in FILTERED.items() for column in columns}
    assert wanted - indexed == set()


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("ck_beats_bpm", "UPDATE beats SET bpm = 19"),
        ("ck_beats_bpm", "UPDATE beats SET bpm = 401"),
        ("ck_beats_duration", "UPDATE beats SET duration_seconds = -1"),
        ("ck_beat_prices_amount", "UPDATE beat_prices SET amount_minor = 0"),
        ("ck_beat_prices_currency", "UPDATE beat_prices SET currency = 'eur'"),
        ("ck_beat_prices_license_type", "UPDATE beat_prices SET license_type = 'GIFT'"),
        ("uq_beat_prices_stripe_price_id", "UPDATE beat_prices SET stripe_price_id = 'price_1'"),
        ("ck_beat_assets_kind", "UPDATE beat_assets SET kind = 'lyrics' WHERE kind = 'stems'"),
        ("ck_beat_assets_sha256", "UPDATE beat_assets SET sha256 = 'AB'"),
        ("ck_beat_assets_sold_assets_have_no_url", "UPDATE beat_assets SET url = 'https://x'"),
        ("ck_checkout_requests_kind", "UPDATE checkout_requests SET kind = 'gift'"),
        ("fk_orders_id", "DELETE FROM checkout_requests"),
        ("ck_orders_kind", "UPDATE orders SET kind = 'gift'"),
        ("ck_orders_status", "UPDATE orders SET status = 'paid'"),
        ("ck_orders_total", "UPDATE orders SET total_minor = 0"),
        ("ck_orders_refunded", "UPDATE orders SET refunded_minor = total_minor + 1"),
        ("ck_orders_refunded", "UPDATE orders SET refunded_minor = -1"),
        ("ck_orders_currency", "UPDATE orders SET currency = 'EURO'"),
        ("ck_orders_paid_orders_have_a_time", "UPDATE orders SET paid_at = NULL"),
        ("uq_orders_session_id", "UPDATE orders SET session_id = 'cs_1'"),
        ("uq_orders_payment_id", "UPDATE orders SET payment_id = 'pi_1'"),
        ("ck_order_items_quantity", "UPDATE order_items SET quantity = 0"),
        ("ck_order_items_quantity", "UPDATE order_items SET quantity = 11"),
        ("ck_order_items_unit", "UPDATE order_items SET unit_minor = 0"),
        ("ck_order_items_license_type", "UPDATE order_items SET license_type = 'GIFT'"),
        (
            "ck_order_items_wav_leases_have_no_stems",
            "UPDATE order_items SET has_stems = true WHERE license_type = 'WAV_LEASE'",
        ),
        ("uq_order_items_order_id_line", "UPDATE order_items SET line = 0"),
        (
            "uq_order_items_order_id_beat_id_license_type",
            "UPDATE order_items SET license_type = 'TRACKOUT_LEASE'",
        ),
        ("ck_download_grants_asset", "UPDATE download_grants SET asset = 'preview'"),
        (
            "uq_download_grants_order_item_id_asset",
            "UPDATE download_grants SET asset = 'master'",
        ),
        ("fk_beat_assets_beat_id", "DELETE FROM beats"),
        ("fk_order_events_order_id", "DELETE FROM orders"),
        ("uq_users_email", "UPDATE users SET email = 'a@example.com'"),
    ],
)
async def test_a_row_that_cannot_be_true_is_refused(
    shop: Database, constraint: str, statement: str
) -> None:
    async def change() -> None:
        async with shop.writing() as writer:
            await writer.sql.execute(text(statement))

    with pytest.raises(StatementFailed) as refused:
        await change()
    assert str(refused.value).split()[-1] == constraint
