"""Bodies that are no sound JSON are refused by every endpoint that takes one."""

import gzip
import json
from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.shop import Shop

JSON = {"Content-Type": "application/json"}
TAKES_BODIES = (
    "/api/stripe/create-checkout",
    "/api/stripe/create-multi-checkout",
    "/api/download/multi-order/ord_none",
)
SOUND = b'{"customerEmail": "a@b.example"}'
DEEP = 2_000

UNREADABLE: dict[str, bytes] = {
    "bytes that are no UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": "b"}'.encode("utf-16"),
    "UTF-32": '{"a": "b"}'.encode("utf-32"),
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "an overlong slash": b'{"a": "\xc0\xaf"}',
    "gzip": gzip.compress(SOUND),
    "lists in lists": b'{"items": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a list without end": b"[" * 500_000,
    "an integer of 5,000 digits": b'{"items": [{"quantity": ' + b"9" * 5000 + b"}]}",
    "an integer of a megabyte": b'{"a": ' + b"9" * 1_000_000 + b"}",
}
INVALID: dict[str, bytes] = {
    "nothing": b"",
    "half of it": b'{"priceId": ',
    "two of them": SOUND + SOUND,
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1} // b',
    "a name twice": b'{"customerEmail": "a@b.example", "customerEmail": "c@d.example"}',
    "a name twice, deeper": b'{"items": [{"priceId": "a", "priceId": "b", "quantity": 1}]}',
    "a name spelled two ways": b'{"a": 1, "\\u0061": 2}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "null": b"null",
    "a number": b"7",
    "a text": b'"priceId"',
    "a list": b"[1, 2]",
    "an empty object": b"{}",
    "a NUL": b'{"customerEmail": 7, "successUrl": 7, "a": "\x00"}',
    "half a surrogate pair": b'{"customerEmail": "\\ud800", "successUrl": "\\udfff"}',
}
NO_OBJECT = "The body must be a JSON object, sent as application/json."
NO_OBJECTS = ("nothing", "null", "a number", "a text", "a list")


@pytest.mark.parametrize("path", TAKES_BODIES)
@pytest.mark.parametrize("kind", UNREADABLE)
async def test_what_cannot_be_read_is_told_so(shop: Shop, path: str, kind: str) -> None:
    answer = await shop.http.post(path, content=UNREADABLE[kind], headers=JSON)
    assert answer.status_code == 400
    assert answer.json() == {
        "success": False,
        "error": "The request could not be read.",
        "code": "malformed_request",
    }


@pytest.mark.parametrize("path", TAKES_BODIES)
@pytest.mark.parametrize("kind", INVALID)
async def test_what_is_no_object_of_json_is_told_why(shop: Shop, path: str, kind: str) -> None:
    answer = await shop.http.post(path, content=INVALID[kind], headers=JSON)
    body = answer.json()
    assert answer.status_code == 400
    assert set(body) == {"success", "error", "code", "details"}
    assert (body["success"], body["code"]) == (False, "invalid_input")
    for problem in body["details"]:
        assert set(problem) == {"field", "message"}
    assert body["error"].startswith(NO_OBJECT if kind in NO_OBJECTS else "")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        ";;;",
        "application/json/x",
    ],
)
async def test_only_json_is_read_so_that_no_foreign_form_can_send_it(
    shop: Shop, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    for path in TAKES_BODIES:
        answer = await shop.http.post(path, content=SOUND, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


@pytest.mark.parametrize("path", [*TAKES_BODIES, "/api/stripe/webhook"])
async def test_a_mebibyte_is_read_and_a_byte_more_is_not(shop: Shop, path: str) -> None:
    mebibyte = b" " * (1024 * 1024 - len(SOUND)) + SOUND
    read = await shop.http.post(path, content=mebibyte, headers=JSON)
    refused = await shop.http.post(path, content=b" " + mebibyte, headers=JSON)
    assert read.status_code in (400, 404)
    assert (refused.status_code, refused.json()) == (
        413,
        {
            "success": False,
            "error": "The request's body is too large.",
            "code": "body_too_large",
        },
    )


@pytest.mark.parametrize("path", [*TAKES_BODIES, "/api/stripe/webhook"])
async def test_chunks_are_counted_whatever_they_announce(shop: Shop, path: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65_536

    answer = await shop.http.post(path, content=chunks(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_nothing_is_unpacked(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    body = json.dumps(shop.returns() | {"priceId": beat["stripeWavPriceId"]}).encode()
    before = await shop.traces()
    bomb = gzip.compress(b" " * 100_000_000 + body)
    for packed in (gzip.compress(body), bomb):
        answer = await shop.http.post(
            "/api/stripe/create-checkout",
            content=packed,
            headers=JSON | {"Content-Encoding": "gzip"},
        )
        assert answer.status_code == 400
    assert await shop.traces() == before


async def test_a_byte_order_mark_and_unknown_fields_are_no_reason_to_refuse(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    wanted = shop.returns() | {"priceId": beat["stripeWavPriceId"], "utm": {"source": "mail"}}
    wanted |= {str(number): number for number in range(10_000)}
    content = b"\xef\xbb\xbf" + json.dumps(wanted).encode()
    answer = await shop.http.post("/api/stripe/create-checkout", content=content, headers=JSON)
    assert answer.status_code == 200


async def test_no_title_stands_in_the_way_of_a_checkout(shop: Shop) -> None:
    wanted = shop.returns() | {"priceId": "price_unheard_of", "beatTitle": "half a \ud800 pair"}
    body = json.dumps(wanted).encode()
    answer = await shop.http.post("/api/stripe/create-checkout", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_price")
