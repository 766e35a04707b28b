"""Migrations, each test on a database of its own."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from database import migrate
from database.tables import metadata
from domain.standing import UNNAMED
from tests.waiting import eventually


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows}


def test_the_migrations_make_the_very_tables_of_the_code(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert migrate.drift(empty_url) == []
    assert tables(empty_url) == {*metadata.tables, "alembic_version"}


def test_the_migrations_can_be_taken_back_and_done_again(empty_url: str) -> None:
    reached = migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    assert migrate.upgrade(empty_url) == reached
    assert migrate.drift(empty_url) == []


def test_a_migrated_database_is_left_as_it_is(empty_url: str) -> None:
    reached = migrate.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("INSERT INTO users (email) VALUES ('a@example.com')")
    assert migrate.upgrade(empty_url) == reached
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT email FROM users").fetchall() == [("a@example.com",)]


def test_two_migrations_at_once_take_turns(empty_url: str) -> None:
    program = "import sys; from database.migrate import upgrade; print(upgrade(sys.argv[1]))"
    command = [sys.executable, "-c", program, empty_url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603
    said = [process.communicate(timeout=20)[0] for process in both]
    assert said[0] == said[1] != ""
    assert [process.returncode for process in both] == [0, 0]
    assert migrate.drift(empty_url) == []


def test_a_column_that_only_the_database_has_is_noticed(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("ALTER TABLE orders ADD COLUMN surplus text")
    assert "surplus" in str(migrate.drift(empty_url))


def test_a_database_newer_than_the_code_is_refused(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(migrate.MigrationError, match="9999"):
        migrate.upgrade(empty_url)


ORDERS_BEFORE = """
    INSERT INTO checkout_requests (order_id, kind, fingerprint, cart, success_url, cancel_url)
    SELECT id, 'single', 'f', '{}', '', '' FROM unnest(ARRAY['a', 'b', 'c']) id;
    INSERT INTO orders (
        id, kind, status, total_minor, currency, success_url, cancel_url, session_id,
        refunded_minor, is_refunded_in_full
    )
    SELECT id, 'single', 'PENDING', 9, 'EUR', '', '', 'cs_' || id, refunded, in_full
    FROM (VALUES ('a', 0, false), ('b', 5, false), ('c', 9, true)) made (id, refunded, in_full);
    INSERT INTO order_events (order_id, type, detail) VALUES
        ('a', 'session_opened', '{"session": "cs_a"}'),
        ('b', 'session_opened', '{"session": "cs_first"}'),
        ('b', 'session_adopted', '{"session": "cs_b"}');
"""


@pytest.fixture
def url_from_before(empty_url: str) -> str:
    """A database of the fifth version, with three orders."""
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "0005")
    with psycopg.connect(empty_url) as connection:
        connection.execute(ORDERS_BEFORE)
    return empty_url


def test_what_had_gone_back_before_refunds_were_told_apart_still_counts(
    url_from_before: str,
) -> None:
    migrate.upgrade(url_from_before)
    with psycopg.connect(url_from_before) as connection:
        rows = connection.execute("SELECT refunds FROM orders ORDER BY id").fetchall()
    sent = {"state": "sent", "of": 9}
    assert rows == [({},), ({UNNAMED: sent | {"minor": 5}},), ({UNNAMED: sent | {"minor": 9}},)]


def test_sessions_that_were_replaced_before_are_known_again(url_from_before: str) -> None:
    migrate.upgrade(url_from_before)
    with psycopg.connect(url_from_before) as connection:
        query = "SELECT session_id, order_id FROM former_sessions"
        assert connection.execute(query).fetchall() == [("cs_first", "b")]


def hasty(tries: int) -> migrate.Patience:
    return migrate.Patience(timedelta(milliseconds=200), tries, timedelta(milliseconds=50))


@pytest.fixture
def url_of_the_seventh(empty_url: str) -> str:
    """A database whose next revision changes the orders."""
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "0007")
    return empty_url


@contextmanager
def long_reading(url: str) -> Iterator[None]:
    """One transaction that has read the orders, and does not end: a dump, say."""
    with psycopg.connect(url, options="-c idle_in_transaction_session_timeout=15s") as reader:
        reader.execute("SELECT FROM orders")
        yield


def test_a_table_that_others_keep_locked_is_named_and_nothing_of_the_revision_kept(
    url_of_the_seventh: str,
) -> None:
    told = "the revision after 0007 could not lock orders in 3 tries"
    with (
        long_reading(url_of_the_seventh),
        pytest.raises(migrate.MigrationError, match=told),
    ):
        migrate.upgrade(url_of_the_seventh, hasty(tries=3))
    with psycopg.connect(url_of_the_seventh) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0007",)
        ]
    assert "attention_behind" in str(migrate.drift(url_of_the_seventh))
    migrate.upgrade(url_of_the_seventh)
    assert migrate.drift(url_of_the_seventh) == []


def test_a_migration_that_waits_for_a_table_lets_the_shop_through_and_ends_well(
    url_of_the_seventh: str,
) -> None:
    waits = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass"
    with (
        ThreadPoolExecutor(1) as beside,
        psycopg.connect(url_of_the_seventh, autocommit=True) as shop,
    ):
        shop.execute("SET lock_timeout = '5s'")
        with long_reading(url_of_the_seventh):
            migration = beside.submit(migrate.upgrade, url_of_the_seventh, hasty(tries=100))
            for _ in range(3):
                eventually(lambda: shop.execute(waits).fetchall())
                shop.execute("SELECT FROM orders")
            assert not migration.done()
        migration.result(timeout=20)
    assert migrate.drift(url_of_the_seventh) == []
