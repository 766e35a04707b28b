"""Whatever we ask of Stripe: its faults are Unavailable, met once, with their Retry-After."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from domain.errors import Unavailable
from domain.license import LicenseType
from domain.money import Money
from gateways.stripe_catalog import CatalogEntry, StripeCatalog
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_client import TIMEOUT_SECONDS, stripe_client
from gateways.stripe_events import StripeEvents
from gateways.stripe_pace import PacedHTTPClient
from gateways.stripe_payments import RefundWish, StripePayments
from tests.making import order
from tests.sandbox.stripe.shop import KEY, Shop

SINCE = datetime.now(UTC) - timedelta(hours=1)
WISH = RefundWish("refund:1", "ord_1", "pi_1")
ENTRY = CatalogEntry("dusk", "Dusk", "Slow and warm", None)
PRICE = Money(1999, "EUR")


async def all_of(found: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in found]


Ask = Callable[[stripe.StripeClient], Coroutine[Any, Any, Any]]

# Every question and every order that our gateways have for Stripe.
ASKED: dict[str, Ask] = {
    "open": lambda client: StripeCheckout(client, "test", timedelta(hours=12)).open_session(
        order("price_1")
    ),
    "find": lambda client: StripePayments(client, "test").find("cs_1"),
    "order_of": lambda client: StripePayments(client, "test").order_of("pi_1"),
    "expire": lambda client: StripePayments(client, "test").expire("cs_1"),
    "refund": lambda client: StripePayments(client, "test").refund(WISH),
    "paid_orders": lambda client: all_of(StripePayments(client, "test").paid_orders(SINCE)),
    "returns": lambda client: all_of(StripePayments(client, "test").returns(SINCE)),
    "events": lambda client: all_of(StripeEvents(client).since(SINCE)),
    "product": lambda client: StripeCatalog(client).publish_product(ENTRY),
    "price": lambda client: StripeCatalog(client).publish_price(
        "dusk", LicenseType.WAV_LEASE, PRICE
    ),
    "retire": lambda client: StripeCatalog(client).retire_prices("dusk", []),
}


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[stripe.StripeClient]:
    async with stripe_client(KEY, shop.url) as client:
        yield client


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("effect", "wait"),
    [
        ({"status": 429, "retry_after": 3}, timedelta(seconds=3)),
        ({"status": 503, "retry_after": 9000}, timedelta(hours=1)),
        ({"status": 500}, None),
        ({"status": 409}, None),
    ],
)
async def test_a_fault_of_stripes_is_met_once_and_left_to_temporal(
    shop: Shop,
    client: stripe.StripeClient,
    asked: str,
    effect: dict[str, Any],
    wait: timedelta | None,
) -> None:
    await shop.switch("faults", on="api", path="/v1/", times=9, **effect)
    with pytest.raises(Unavailable) as away:
        await ASKED[asked](client)
    assert (away.value.service, away.value.retry_after) == ("Stripe", wait)
    standing = (await shop.browser.get("/_emulator/faults")).json()
    assert [fault["times"] for fault in standing["api"]] == [8]


@pytest.mark.parametrize("asked", ASKED)
async def test_a_cut_line_is_no_answer(shop: Shop, client: stripe.StripeClient, asked: str) -> None:
    await shop.switch("faults", on="api", path="/v1/", cut=True)
    with pytest.raises(Unavailable):
        await ASKED[asked](client)


@asynccontextmanager
async def answering(*pieces: bytes, ends: bool) -> AsyncIterator[str]:
    """A server that says this to whoever calls, and then hangs up or falls silent."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.writelines(pieces)
        await writer.drain()
        if not ends:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


HALF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"id":'


@pytest.mark.parametrize(
    ("said", "ends"), [(HALF, True), (HALF, False), (b"", False), (b"no HTTP\r\n\r\n", True)]
)
async def test_half_an_answer_is_none_whether_it_ends_or_stalls(said: bytes, ends: bool) -> None:
    hasty = PacedHTTPClient(20, timeout=0.2)
    async with answering(said, ends=ends) as url:
        client = stripe.StripeClient(KEY, base_addresses={"api": url}, http_client=hasty)
        with pytest.raises(Unavailable):
            await StripePayments(client, "test").find("cs_1")
        await hasty.close_async()  # type: ignore[no-untyped-call]


async def test_our_client_waits_ten_seconds_and_never_tries_again(
    client: stripe.StripeClient,
) -> None:
    options = client._requestor._options
    assert options.max_network_retries == 0
    assert TIMEOUT_SECONDS == 10
