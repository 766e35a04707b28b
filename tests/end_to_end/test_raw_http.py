"""Requests that a proxy and we might read differently are refused, not guessed at."""

from urllib.parse import urlsplit

import pytest

from tests.end_to_end.shop import Shop
from tests.raw import connected, exchange, request

POST = "POST /api/stripe/webhook"
CHUNKED = "Transfer-Encoding: chunked"

AMBIGUOUS: dict[str, bytes] = {
    "two lengths": request(POST, "Content-Length: 2", "Content-Length: 3", body=b"{}}"),
    "two lengths in one": request(POST, "Content-Length: 2, 3", body=b"{}}"),
    "a length and chunks": request(POST, "Content-Length: 2", CHUNKED, body=b"0\r\n\r\n"),
    "chunks and a length": request(POST, CHUNKED, "Content-Length: 2", body=b"0\r\n\r\n"),
    "chunked and then not": request(POST, CHUNKED, "Transfer-Encoding: identity"),
    "nearly chunked": request(POST, "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a space before the colon": request(POST, "Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "a negative length": request(POST, "Content-Length: -2"),
    "a signed length": request(POST, "Content-Length: +2", body=b"{}"),
    "a length in hexadecimal": request(POST, "Content-Length: 0x2", body=b"{}"),
    "a length past all counting": request(POST, "Content-Length: " + "9" * 30),
    "a chunk past all counting": request(POST, CHUNKED, body=b"F" * 17 + b"\r\n"),
    "a chunk without a size": request(POST, CHUNKED, body=b"ZZ\r\n"),
    "a folded header": request("GET /api/health", "X-Request-ID: a\r\n b"),
    "a carriage return in a header": request("GET /api/health", "X-Request-ID: a\rSet-Cookie: b"),
    "a line feed in a header": request("GET /api/health", "X-Request-ID: a\nSet-Cookie: b=c: d\r"),
    "a NUL in a header": request("GET /api/health", "X-Request-ID: a\0b"),
    "a header without a name": request("GET /api/health", ": value"),
    "bare line feeds": b"GET /api/health HTTP/1.1\nHost: api\n\n",
    "a raw control character": request("GET /api/\x01"),
    "a raw letter": request("GET /api/\xe9"),
    "another version": b"GET /api/health HTTP/9.9\r\n\r\n",
    "a tunnel": b"CONNECT elsewhere.example:80 HTTP/1.1\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "two hosts": request("GET /api/health", "Host: elsewhere.example"),
}


@pytest.fixture
def port(shop: Shop) -> int:
    return urlsplit(shop.addresses.api).port or 80


@pytest.mark.parametrize("kind", AMBIGUOUS)
async def test_an_ambiguous_request_is_refused_in_the_one_shape(port: int, kind: str) -> None:
    answer = await exchange(port, AMBIGUOUS[kind])
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    assert "set-cookie" not in answer.headers
    assert set(answer.json()) == {"success", "error", "code"}
    assert answer.json()["code"] in ("malformed_request", "unknown_host")


async def test_what_follows_a_refused_request_is_not_taken_for_another(port: int) -> None:
    smuggled = request("GET /api/licenses")
    async with connected(port) as line:
        await line.send(AMBIGUOUS["a length and chunks"] + smuggled)
        assert (await line.answer()).status == 400
        await line.ended(within=5)


async def test_a_body_is_never_taken_for_a_request(port: int) -> None:
    inner = request("GET /api/licenses")
    outer = request(POST, f"Content-Length: {len(inner)}", body=inner)
    async with connected(port) as line:
        await line.send(outer + request("GET /api/health"))
        assert (await line.answer()).json()["code"] == "signature_invalid"
        assert (await line.answer()).json()["data"] == {"status": "ok"}


async def test_an_upgrade_is_not_taken_up(port: int) -> None:
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    answer = await exchange(port, request("GET /api/health", *upgrade, key))
    assert (answer.status, answer.json()["data"]) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "given", ["\xe9\xe8", "a;b", "a,b", "a\tb", "../../x", "%0d%0aSet-Cookie:b", "{{7*7}}", "'--"]
)
async def test_no_odd_request_id_comes_back(port: int, given: str) -> None:
    answer = await exchange(port, request("GET /api/health", f"X-Request-ID: {given}"))
    assert answer.status == 200
    assert answer.headers["x-request-id"].isalnum()
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 128, "0123456789abcdef"])
async def test_a_sane_request_id_comes_back(port: int, given: str) -> None:
    twice = (f"X-Request-ID: {given}", "X-Request-ID: another")
    answer = await exchange(port, request("GET /api/health", *twice))
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "header",
    ["Stripe-Signature: t=1,v1=\xe9", "Stripe-Signature: \xff", "Stripe-Signature: t=\xb2,v1=00"],
)
async def test_a_signature_that_is_no_ascii_is_refused_as_any_other(port: int, header: str) -> None:
    answer = await exchange(port, request(POST, header, "Content-Length: 2", body=b"{}"))
    assert (answer.status, answer.json()["code"]) == (400, "signature_invalid")


async def test_ten_thousand_parameters_are_no_burden(port: int) -> None:
    many = "&".join(f"p{number}" for number in range(10_000))
    same = "&".join("page=1" for _ in range(9_000))
    for query in (many, same):
        answer = await exchange(port, request(f"GET /api/beats?{query}"))
        assert answer.status == 200


async def test_an_address_past_all_measure_is_refused(port: int) -> None:
    answer = await exchange(port, request("GET /api/beats/" + "a" * 65_536))
    assert (answer.status, answer.json()["code"]) == (400, "malformed_request")
