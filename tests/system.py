"""One whole system, all parts real, for the tests that use it as a storefront does."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest

from cli.ports import Ports, require_free
from cli.shopper import Shopper
from cli.state import Addresses
from cli.system import running
from sandbox.process import ProcessError
from tests.end_to_end.shop import Shop


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    data = tmp_path_factory.mktemp("system")
    with running(data, free_base()) as found:
        yield found


@pytest.fixture(scope="session")
async def shop(addresses: Addresses) -> AsyncIterator[Shop]:
    async with Shop.at(addresses) as opened:
        yield opened


@pytest.fixture
def shopper(addresses: Addresses) -> Iterator[Shopper]:
    with closing(Shopper(addresses.api, "buyer@beatline.example", "A Buyer")) as visitor:
        yield visitor


def free_base() -> int:
    """The first of as many free ports as a system needs."""
    for _ in range(100):
        base = random.randrange(20_000, 32_000, 10)  # below the ports that systems hand out
        ports = Ports.starting_at(base)
        try:
            require_free(ports, set(vars(ports)))
        except ProcessError:
            continue
        return base
    raise RuntimeError("no run of free ports")
