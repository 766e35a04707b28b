"""The real servers that tests share: each is started once, by the first test that wants it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from temporalio.client import Client

from database.engine import Database, Limits
from database.migrate import upgrade
from sandbox import postgres, temporal
from sandbox.stripe.app import create_app
from sandbox.stripe.config import Config
from temporal.setup import register_search_attributes
from tests.making import empty
from tests.sandbox.serving import served
from tests.sandbox.stripe.inspection import Inspector
from tests.sandbox.stripe.shop import KEY, Shop

pytest_plugins = ["tests.system", "tests.telling"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL; in a folder that the server's own user may enter, were we root."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with postgres.running(Path(folder) / "postgres") as url:
            upgrade(url)
            with psycopg.connect(url) as connection:  # nobody pulls its plug: it need not wait
                connection.execute("ALTER DATABASE beatline SET synchronous_commit = off")
            yield url


@pytest.fixture(scope="session")
async def session_database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url, limits=Limits(pool_size=25))
    yield database
    await database.aclose()


@pytest.fixture
async def database(session_database: Database) -> Database:
    """A database in which there is nothing yet."""
    return await empty(session_database)


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    """A Temporal dev server in memory."""
    with temporal.running() as address:
        yield address


@pytest.fixture(scope="session")
async def dev_client(temporal_address: str) -> Client:
    """A client of that dev server."""
    client = await Client.connect(temporal_address)
    await register_search_attributes(client)
    return client


@pytest.fixture(scope="session")
def stripe_inspector(tmp_path_factory: pytest.TempPathFactory) -> Inspector:
    data = tmp_path_factory.mktemp("stripe")
    config = Config(data=data, secret_key=KEY, settle_after=3600)  # tests settle debits themselves
    return Inspector(create_app(config))


@pytest.fixture(scope="session")
def stripe_url(stripe_inspector: Inspector) -> Iterator[str]:
    with served(stripe_inspector) as url:
        yield url


@pytest.fixture(scope="session")
async def session_stripe_shop(stripe_url: str) -> AsyncIterator[Shop]:
    shop = Shop(stripe_url)
    yield shop
    await shop.close()


@pytest.fixture
async def stripe_shop(
    session_stripe_shop: Shop, stripe_inspector: Inspector
) -> AsyncIterator[Shop]:
    """A Stripe that knows nothing yet, and what sells through it.

    Whatever is asked of it must be as Stripe documents it, and so must its answers.
    """
    await session_stripe_shop.switch("reset")
    stripe_inspector.clear()
    yield session_stripe_shop
    assert stripe_inspector.request_problems() == []
    assert stripe_inspector.answer_problems == []
