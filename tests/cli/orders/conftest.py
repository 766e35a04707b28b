"""An operator at the command line, and the orders that need one."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.state import Addresses
from tests.end_to_end.shop import Shop
from tests.waiting import until

SAYS = ("--reason", "as tested", "--by", "A Tester")
DECIDED = [("A Tester", "as tested")]


class Operator(Protocol):
    async def __call__(self, *arguments: str, says: str | None = None) -> Result: ...


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """A command takes the settings of the system that it works on into its environment."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def operator(addresses: Addresses) -> Operator:
    """Runs `beatline orders …` beside the running system; `says` is typed when it asks."""

    async def run(*arguments: str, says: str | None = None) -> Result:
        return await invoked(*arguments, "--data", addresses.data, says=says)

    return run


async def invoked(*arguments: str, says: str | None = None) -> Result:
    """Runs `beatline orders …` on what the environment names."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["orders", *arguments], input=says)


async def told(operator: Operator, *arguments: str) -> Any:
    """What a command that succeeds prints for programs."""
    result = await operator(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def checkout(shop: Shop, number: int = 0) -> dict[str, Any]:
    """A PENDING order of one trackout lease, with the address of its page."""
    beats = await shop.full_beats()
    answer = await shop.check_out({"priceId": beats[number]["stripeTrackoutPriceId"]})
    session = answer.json()
    return await shop.order(session["sessionId"]) | {"url": session["url"]}


async def bought(shop: Shop, number: int = 0, **fields: str) -> dict[str, Any]:
    """A COMPLETED order."""
    order = await checkout(shop, number)
    await shop.pay(order["url"], **fields)
    return await shop.order_in("COMPLETED", order["sessionId"])


async def held(shop: Shop, operator: Operator) -> dict[str, Any]:
    """An order that is held: the catalogue's price is ten euros below Stripe's."""
    async with lowered_price(shop):
        order = await checkout(shop)
    assert (await shop.pay(order["url"])).status_code == 200

    async def is_held() -> bool:
        return (await told(operator, "show", order["id"]))["stuck"] is not None

    await until(is_held)
    return order


@asynccontextmanager
async def lowered_price(shop: Shop) -> AsyncIterator[None]:
    """A price that was changed in the catalogue alone, until it is put right."""
    beat, *_ = await shop.full_beats()
    change = "UPDATE beat_prices SET amount_minor = amount_minor + %s WHERE stripe_price_id = %s"
    await shop.database.execute(change, (-1000, beat["stripeTrackoutPriceId"]))
    try:
        yield
    finally:
        await shop.database.execute(change, (1000, beat["stripeTrackoutPriceId"]))


async def history(operator: Operator, order_id: str) -> list[tuple[str, dict[str, str]]]:
    """What is noted of an order, line by line."""
    record = await told(operator, "show", order_id)
    return [(line["event"], line["detail"]) for line in record["history"]]


def decided(lines: list[tuple[str, dict[str, str]]], event: str) -> list[tuple[str, str]]:
    """Who decided what, and why."""
    return [(detail["by"], detail["reason"]) for kind, detail in lines if kind == event]


async def record_of(operator: Operator, order: dict[str, Any]) -> Any:
    return await told(operator, "show", order["id"])


async def downloads(shop: Shop, order: dict[str, Any]) -> int:
    """What a buyer who asks for the files is answered."""
    body = {"customerEmail": "buyer@beatline.example"}
    path = f"/api/download/multi-order/{order['id']}"
    return (await shop.http.post(path, json=body)).status_code
