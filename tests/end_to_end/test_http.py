"""What every answer has, and the shape of every error, the framework's own included."""

import re
from typing import Any

import httpx
import pytest

from tests.end_to_end.shop import Shop

WRONG_REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "an unknown path": ({"method": "GET", "url": "/api/nothing"}, 404, "not_found"),
    "another method": (
        {"method": "DELETE", "url": "/api/beats"},
        405,
        "method_not_allowed",
    ),
    "broken JSON": (
        {"method": "POST", "url": "/api/stripe/create-checkout", "content": b'{"priceId": '},
        400,
        "invalid_input",
    ),
    "no UTF-8": (
        {"method": "POST", "url": "/api/stripe/create-checkout", "content": b'{"a": "\xff\xfe"}'},
        400,
        "malformed_request",
    ),
    "no object": (
        {"method": "POST", "url": "/api/stripe/create-checkout", "content": b"[1, 2]"},
        400,
        "invalid_input",
    ),
    "no body": ({"method": "POST", "url": "/api/stripe/create-checkout"}, 400, "invalid_input"),
    "a wrong page": ({"method": "GET", "url": "/api/beats?page=0"}, 400, "invalid_input"),
    "too large a limit": ({"method": "GET", "url": "/api/beats?limit=101"}, 400, "invalid_input"),
    "a wrong sort field": (
        {"method": "GET", "url": "/api/beats?sortField=secret"},
        400,
        "invalid_input",
    ),
    "an unknown session": (
        {"method": "GET", "url": "/api/orders/multi-payment/cs_test_none"},
        404,
        "order_not_found",
    ),
    "an odd session": (
        {"method": "GET", "url": "/api/orders/lookup/%00%FF'%20OR%201=1"},
        404,
        "order_not_found",
    ),
    "an unknown beat": ({"method": "GET", "url": "/api/beats/none"}, 404, "beat_not_found"),
    "a webhook without a signature": (
        {"method": "POST", "url": "/api/stripe/webhook", "content": b"{}"},
        400,
        "signature_invalid",
    ),
    "a body past the limit": (
        {"method": "POST", "url": "/api/stripe/webhook", "content": b" " * (1024 * 1024 + 1)},
        413,
        "body_too_large",
    ),
}


@pytest.mark.parametrize("kind", WRONG_REQUESTS)
async def test_every_error_has_the_one_shape(shop: Shop, kind: str) -> None:
    request, status, code = WRONG_REQUESTS[kind]
    answer = await shop.http.request(
        **request, headers={"Content-Type": "application/json", "X-Request-ID": "story-7"}
    )
    body = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "story-7"
    assert body["success"] is False
    assert body["code"] == code
    assert isinstance(body["error"], str)
    assert set(body) <= {"success", "error", "code", "details"}


async def test_a_body_without_end_is_cut_off_by_counting(shop: Shop) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 65_536

    try:
        answer = await shop.http.post("/api/stripe/webhook", content=chunks())
    except httpx.WriteError:  # refused while we were still sending
        return
    assert answer.status_code == 413


# A call of each status that needs no order, and what else its answer must have.
CALLS: dict[int, dict[str, Any]] = {
    200: {"method": "GET", "url": "/api/beats"},
    307: {"method": "GET", "url": "/api/download/beat/midnight-drive?type=preview"},
    400: {"method": "GET", "url": "/api/beats?page=0"},
    401: {"method": "GET", "url": "/api/download/beat/midnight-drive"},
    404: {"method": "GET", "url": "/api/orders/lookup/cs_none"},
    405: {"method": "PUT", "url": "/api/beats"},
    413: {"method": "POST", "url": "/api/stripe/webhook", "content": b" " * (1024 * 1024 + 1)},
}


@pytest.mark.parametrize("status", CALLS)
async def test_every_answer_bears_its_request_id_and_guards(shop: Shop, status: int) -> None:
    asked = {"X-Request-ID": f"story-{status}", "Origin": shop.addresses.api}
    answer = await shop.http.request(**CALLS[status], headers=asked)
    unnamed = await shop.http.request(**CALLS[status])
    assert answer.status_code == status
    assert answer.headers["x-request-id"] == f"story-{status}"
    assert re.fullmatch("[0-9a-f]{32}", unnamed.headers["x-request-id"])
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    if not CALLS[status]["url"].endswith("webhook"):
        assert answer.headers["access-control-allow-origin"] == shop.addresses.api
        assert "x-request-id" in answer.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize("given", ["", "with space", "x" * 129, "<script>"])
async def test_an_odd_request_id_is_replaced(shop: Shop, given: str) -> None:
    answer = await shop.http.get("/api/health", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_health_asks_nobody_and_ready_asks_all(shop: Shop) -> None:
    alive = await shop.http.get("/api/health")
    ready = await shop.http.get("/api/health/ready")
    assert alive.json() == {"success": True, "data": {"status": "ok"}}
    assert ready.json() == {"success": True, "data": {"postgresql": "ok", "temporal": "ok"}}


async def test_the_documents_need_no_other_server(shop: Shop) -> None:
    page = await shop.http.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert (await shop.http.get(address)).status_code == 200
        assert address.startswith((shop.addresses.api, "/"))


async def test_only_allowed_origins_may_read_from_a_browser(shop: Shop) -> None:
    ours = await shop.http.get("/api/licenses", headers={"Origin": shop.addresses.api})
    other = await shop.http.get("/api/licenses", headers={"Origin": "https://elsewhere.example"})
    assert ours.headers["access-control-allow-origin"] == shop.addresses.api
    assert "access-control-allow-origin" not in other.headers
