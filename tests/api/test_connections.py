"""Clients that take their time: each comes to an end, and the others are served meanwhile."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from structlog.testing import capture_logs

from api import errors
from api.connections import BoundedConnection
from api.middleware import BodyLimit, LastCatch, RequestContext
from sandbox.process import free_port
from tests.raw import connected, exchange, request
from tests.waiting import meanwhile

CHUNK = b"FFFF\r\n" + b"x" * 65_535 + b"\r\n"
LARGE = 8 * 1024 * 1024  # more than the kernel takes off our hands


class HastyConnection(BoundedConnection):
    """The same, with less patience than a client in a test has."""

    head_patience = timedelta(seconds=1.5)
    idle_patience = timedelta(seconds=4)
    lingering = timedelta(seconds=0.3)
    send_patience = timedelta(seconds=0.5)


def echo() -> FastAPI:
    """Answers with what was sent; on /early at once, and on /large with far more."""
    app = FastAPI()
    errors.install(app)
    app.add_middleware(BodyLimit, patience=timedelta(seconds=0.5))
    app.add_middleware(LastCatch)
    app.add_middleware(RequestContext)

    @app.post("/")
    async def say_it_again(request: Request) -> Response:
        return PlainTextResponse(await request.body())

    @app.api_route("/early", methods=["GET", "POST"])
    async def answer_early() -> Response:
        return PlainTextResponse("early")

    @app.get("/large")
    async def answer_at_length() -> Response:
        return PlainTextResponse(b"x" * LARGE)

    return app


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    """A server on a real port; bodies have half a second."""
    config = uvicorn.Config(
        echo(),
        port=free_port(),
        http=HastyConnection,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await meanwhile(lambda: server.started)
    yield config.port
    server.should_exit = True
    await serving


@pytest.fixture
def no_complaint(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails if the server complains of an error, in its words or in ours."""
    with caplog.at_level(logging.ERROR), capture_logs() as lines:
        yield
    assert [record.getMessage() for record in caplog.records] == []
    assert [line for line in lines if line["log_level"] == "error"] == []


async def test_whoever_says_nothing_is_let_go(port: int) -> None:
    async with connected(port) as line:
        await line.ended(within=4)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\n", b"GET /", b"\r\n"])
async def test_a_head_that_trickles_is_let_go(port: int, begun: bytes) -> None:
    async with connected(port) as line:
        await line.send(begun)
        async with asyncio.timeout(5):
            await line.drip(b"\r\n" if begun == b"\r\n" else b"X")


async def test_empty_lines_after_an_answer_keep_no_connection(port: int) -> None:
    async with connected(port) as line:
        await line.send(request("GET /early"))
        assert (await line.answer()).status == 200
        async with asyncio.timeout(8):
            await line.drip(b"\r\n")


async def test_a_connection_may_rest_between_two_requests(port: int) -> None:
    async with connected(port) as line:
        for _ in range(2):
            await line.send(request("GET /early"))
            assert (await line.answer()).body == b"early"
            with pytest.raises(TimeoutError):  # though no head may take so long
                await line.ended(within=2)


async def test_a_head_after_a_rest_has_no_longer_than_the_first(port: int) -> None:
    async with connected(port) as line:
        await line.send(request("GET /early"))
        await line.answer()
        await line.send(b"GET /early")
        await line.ended(within=3.5)  # sooner than by its rest


@pytest.mark.parametrize("piece", [b"x" * 4096, b"X: " + b"x" * 4096 + b"\r\n", b"X: y\r\n" * 1000])
async def test_a_head_without_end_is_refused_by_counting(port: int, piece: bytes) -> None:
    async with connected(port) as line:
        await line.send(b"GET / HTTP/1.1\r\nX: ")
        async with asyncio.timeout(1.2):  # sooner than by its time
            await line.drip(piece, every=0)


@pytest.mark.parametrize(
    "head",
    [
        request("GET /", "X-Large: " + "x" * 70_000),
        request("GET /" + "x" * 66_000),
        request("GET /", *(f"X-{number}: y" for number in range(10_000))),
    ],
)
async def test_a_head_too_large_is_told_so_in_the_one_shape(port: int, head: bytes) -> None:
    answer = await exchange(port, head)
    assert answer.status == 400
    assert answer.json()["code"] == "malformed_request"
    assert answer.headers["connection"] == "close"


async def test_a_large_head_and_a_larger_body_are_no_reason_to_refuse(port: int) -> None:
    body = b"x" * 300_000
    large = request("POST /", "X-Large: " + "x" * 60_000, f"Content-Length: {len(body)}", body=body)
    answer = await exchange(port, large)
    assert (answer.status, answer.body) == (200, body)


@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
async def test_a_body_that_trickles_is_told_so_and_let_go(port: int, framing: str) -> None:
    async with connected(port) as line:
        await line.send(request("POST /", framing))
        piece = b"x" if framing.startswith("Content") else b"1\r\nx\r\n"
        dripping = asyncio.create_task(line.drip(piece))
        answer = await line.answer(within=2)
        assert (answer.status, answer.json()["code"]) == (400, "body_too_slow")
        async with asyncio.timeout(2):
            await dripping


@pytest.mark.parametrize("path", ["/early", "/"])
async def test_an_answered_request_does_not_go_on_sending(port: int, path: str) -> None:
    async with connected(port) as line:
        await line.send(request(f"POST {path}", "Transfer-Encoding: chunked"))
        endless = asyncio.create_task(line.drip(CHUNK, every=0))
        await line.answer(within=2)
        async with asyncio.timeout(2):
            await endless


async def test_a_body_that_ends_soon_after_its_answer_keeps_the_connection(port: int) -> None:
    async with connected(port) as line:
        await line.send(request("POST /early", "Content-Length: 4", body=b"ab"))
        assert (await line.answer()).body == b"early"
        await line.send(b"cd" + request("POST /", "Content-Length: 2", body=b"ef"))
        assert (await line.answer()).body == b"ef"


async def test_an_answer_that_nobody_takes_is_dropped(port: int, no_complaint: None) -> None:
    async with connected(port) as line:
        line.stop_listening()
        async with asyncio.timeout(4):
            await line.drip(request("GET /large"))


async def test_requests_in_one_go_are_answered_in_turn(port: int) -> None:
    async with connected(port) as line:
        await line.send(
            request("POST /", "Content-Length: 1", body=b"a")
            + request("GET /early")
            + request("POST /", "Content-Length: 1", body=b"b")
        )
        assert [(await line.answer()).body for _ in range(3)] == [b"a", b"early", b"b"]
        await line.ended(within=8)


async def test_a_patient_client_is_served_however_it_cuts_its_words(port: int) -> None:
    async with connected(port) as line:
        await line.say(b"POST / HT", b"TP/1.1\r\nContent-Le", b"ngth: 3\r\n\r\n", b"ab", b"c")
        assert (await line.answer()).body == b"abc"


async def test_half_open_connections_keep_nobody_out(port: int) -> None:
    begun = [b"", b"GET / HTTP/1.1\r\nX: ", request("POST /", "Content-Length: 9", body=b"x")]
    async with AsyncExitStack() as open_lines:
        lines = [await open_lines.enter_async_context(connected(port)) for _ in range(300)]
        for number, line in enumerate(lines):
            await line.send(begun[number % len(begun)])
        for _ in range(20):
            async with asyncio.timeout(1):
                assert (await exchange(port, request("GET /early"))).body == b"early"
        await asyncio.gather(*(line.ended(within=5) for line in lines))


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # somebody speaks TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"EHLO mail\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_told_so_in_the_one_shape(port: int, said: bytes) -> None:
    answer = await exchange(port, said)
    assert answer.status == 400
    assert answer.json() == {
        "success": False,
        "error": "The request could not be read.",
        "code": "malformed_request",
    }
    assert len(answer.headers["x-request-id"]) == 32
