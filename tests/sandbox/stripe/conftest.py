"""One emulator for all tests, emptied before each, and an endpoint that hears its webhooks."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from sandbox.stripe.app import create_app
from sandbox.stripe.config import Config, Endpoint
from tests.sandbox.serving import free_port, served
from tests.sandbox.stripe.inspection import Inspector
from tests.sandbox.stripe.receiver import SECRET, Receiver, receiving
from tests.sandbox.stripe.shop import KEY, Shop


@dataclass(frozen=True)
class Running:
    """Where the shared emulator and its endpoint are."""

    url: str
    receiver_port: int
    inspector: Inspector


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port = free_port()
    config = Config(
        data=tmp_path_factory.mktemp("stripe"),
        secret_key=KEY,
        endpoints=(Endpoint(f"http://127.0.0.1:{port}/webhook"),),
        webhook_secrets=("whsec_older", SECRET),
        settle_after=3600,  # tests settle debits themselves
        retry_scale=0.1,
    )
    inspector = Inspector(create_app(config))
    with served(inspector) as url:
        yield Running(url, port, inspector)


@pytest.fixture(scope="session")
async def session_receiver(running: Running) -> AsyncIterator[Receiver]:
    async with receiving(running.receiver_port) as receiver:
        yield receiver


@pytest.fixture(scope="session")
async def session_shop(running: Running) -> AsyncIterator[Shop]:
    shop = Shop(running.url)
    yield shop
    await shop.close()


@pytest.fixture
async def shop(session_shop: Shop, receiver: Receiver, inspector: Inspector) -> AsyncIterator[Shop]:
    """A shop on an emulator that knows nothing yet; all it is answered must be as at Stripe."""
    receiver.former = {each["event"] for each in await session_shop.deliveries("pending")}
    await session_shop.switch("reset")
    receiver.clear()
    inspector.clear()
    yield session_shop
    assert inspector.answer_problems == []
    assert receiver.problems() == []


@pytest.fixture
def inspector(running: Running) -> Inspector:
    return running.inspector


@pytest.fixture
def receiver(session_receiver: Receiver) -> Receiver:
    return session_receiver
