"""Every endpoint takes its own method and refuses every other, in the shape of every error."""

import json
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.shop import Shop
from tests.end_to_end.test_openapi import DOCUMENT
from tests.raw import exchange, request

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
DECLARED: dict[str, list[str]] = {
    path: sorted(method.upper() for method in methods)
    for path, methods in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items()
}


@pytest.mark.parametrize("path", DECLARED)
async def test_an_endpoint_takes_no_method_but_its_own(shop: Shop, path: str) -> None:
    url = path.format(sessionId="cs_1", orderId="ord_1", beatId="dusk")
    for method in set(METHODS) - set(DECLARED[path]):
        answer = await shop.http.request(method, url, headers={"X-Request-ID": f"by-{method}"})
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == ", ".join(DECLARED[path])
        assert answer.headers["x-request-id"] == f"by-{method}"
        assert answer.headers["content-type"] == "application/json"
        if method != "HEAD":
            assert answer.json() == {
                "success": False,
                "error": "This address takes another method.",
                "code": "method_not_allowed",
            }


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_no_header_changes_a_method(shop: Shop, header: str) -> None:
    posted = await shop.http.post("/api/beats", headers={header: "GET"})
    fetched = await shop.http.get("/api/beats?_method=DELETE", headers={header: "DELETE"})
    assert (posted.status_code, fetched.status_code) == (405, 200)


@pytest.mark.parametrize(
    "header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Path"]
)
async def test_no_header_changes_a_path(shop: Shop, header: str) -> None:
    answer = await shop.http.get("/api/nothing", headers={header: "/api/health"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/API/beats",
        "/api/beats/",
        "//api/beats",
        "/api//beats",
        "/api/./beats",
        "/api/beats/../licenses",
        "/api/%2e%2e/etc/passwd",
        "/api/%252e%252e/beats",
        "/api/beats%00",
        "/api/beats;jsessionid=1",
        "/api/beats/a/b",
        "/api/beats/..%2f..%2fetc",
        "/api/orders/lookup/",
        "/api/download/multi-order",
        "/docs/../api/nothing",
        "/.env",
        "/.git/config",
        "/metrics/../../settings.py",
        "/api/%E2%80%AEnothing",
    ],
)
async def test_whatever_is_no_address_of_ours_is_nothing(shop: Shop, path: str) -> None:
    port = urlsplit(shop.addresses.api).port or 80
    answer = await exchange(port, request(f"GET {path}", "X-Request-ID: story-8"))  # to the letter
    assert answer.status == 404
    assert answer.headers["x-request-id"] == "story-8"
    assert answer.json() == {
        "success": False,
        "error": "There is nothing at this address.",
        "code": "not_found",
    }
