"""Migrations, each test on a database of its own."""

import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from database import migrate
from database.tables import metadata
from domain.standing import UNNAMED


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


def test_what_had_gone_back_before_refunds_were_told_apart_still_counts(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "0005")
    with psycopg.connect(empty_url) as connection:
        for order_id, back, in_full in (
            ("ord_a", 0, False),
            ("ord_b", 5, False),
            ("ord_c", 9, True),
        ):
            connection.execute(
                "INSERT INTO checkout_requests (order_id, kind, fingerprint, cart, success_url, "
                "cancel_url) VALUES (%s, 'single', 'f', '{}', '', '')",
                (order_id,),
            )
            connection.execute(
                "INSERT INTO orders (id, kind, status, total_minor, currency, success_url, "
                "cancel_url, refunded_minor, is_refunded_in_full) "
                "VALUES (%s, 'single', 'PENDING', 9, 'EUR', '', '', %s, %s)",
                (order_id, back, in_full),
            )
    migrate.upgrade(empty_url)
    with psycopg.connect(empty_url) as connection:
        rows = connection.execute("SELECT refunds FROM orders ORDER BY id").fetchall()
    sent = {"state": "sent", "of": 9}
    assert rows == [({},), ({UNNAMED: sent | {"minor": 5}},), ({UNNAMED: sent | {"minor": 9}},)]
