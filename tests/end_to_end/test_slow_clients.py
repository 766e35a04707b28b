"""Slow, endless and silent clients of the running system: each ends, the others are served."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.shop import Shop
from tests.raw import Line, connected, request

BOUND = 14.0  # seconds: ten for a head, and some for a busy machine
WEBHOOK = "POST /api/stripe/webhook"
CHUNK = b"FFFF\r\n" + b"x" * 65_535 + b"\r\n"


@pytest.fixture
async def lines(shop: Shop) -> AsyncIterator[list[Line]]:
    """200 connections, opened and not a word said."""
    port = urlsplit(shop.addresses.api).port or 80
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connected(port)) for _ in range(200)]


async def test_two_hundred_bad_clients_end_in_time_and_hold_nobody_up(
    shop: Shop, lines: list[Line]
) -> None:
    begun = (
        (b"", b""),
        (b"GET /api/health HTTP/1.1\r\nX: ", b"x"),
        (request(WEBHOOK, "Content-Length: 100000"), b"x"),
        (request(WEBHOOK, "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        (request("GET /api/health", "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    )
    started = time.monotonic()
    clients = []
    for number, line in enumerate(lines):
        opening, piece = begun[number % len(begun)]
        await line.send(opening)
        clients.append(asyncio.create_task(line.drip(piece, every=0.3)))
    served = 0
    while not all(client.done() for client in clients):
        assert time.monotonic() - started < BOUND
        asked = time.monotonic()
        assert (await shop.http.get("/api/beats")).status_code == 200
        assert time.monotonic() - asked < 3
        served += 1
    await asyncio.gather(*clients)
    assert served > 10


@pytest.mark.parametrize("path", ["stripe/webhook", "stripe/create-checkout"])
async def test_a_body_that_trickles_is_answered_within_three_seconds(
    shop: Shop, lines: list[Line], path: str
) -> None:
    line, *_ = lines
    json = "Content-Type: application/json"
    await line.send(request(f"POST /api/{path}", json, "Content-Length: 100000"))
    dripping = asyncio.create_task(line.drip(b" ", every=0.2))
    answer = await line.answer(within=3)
    assert answer.status == 400
    assert answer.json() == {
        "success": False,
        "error": "The request's body did not arrive in time.",
        "code": "body_too_slow",
    }
    async with asyncio.timeout(5):
        await dripping


@pytest.mark.parametrize("path", ["stripe/webhook", "download/multi-order/ord_x"])
async def test_a_body_without_end_is_answered_and_cut_off(
    shop: Shop, lines: list[Line], path: str
) -> None:
    line, *_ = lines
    json = "Content-Type: application/json"
    await line.send(request(f"POST /api/{path}", json, "Transfer-Encoding: chunked"))
    endless = asyncio.create_task(line.drip(CHUNK, every=0))
    answer = await line.answer(within=3)
    assert (answer.status, answer.json()["code"]) == (413, "body_too_large")
    async with asyncio.timeout(5):
        await endless
