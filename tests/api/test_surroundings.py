"""What surrounds every answer: hosts, headers, browsers' access, documents."""

import pytest

from database.engine import Database
from tests.api.conftest import Api

ORIGIN = {"Origin": "https://shop.example"}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("api.example", 200),
        ("API.example:8000", 200),
        ("eu.shop.example", 200),
        ("elsewhere.example", 400),
        ("api.example.elsewhere.example", 400),
        ("", 400),
    ],
)
async def test_only_known_hosts_are_served(
    api: Api, database: Database, host: str, status: int
) -> None:
    async with api(ALLOWED_HOSTS="api.example, *.shop.example") as client:
        answer = await client.get("/api/health", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["code"] == "unknown_host"
        assert "x-request-id" in answer.headers


async def test_every_answer_guards_the_browser(api: Api, database: Database) -> None:
    async with api() as client:
        for path in ("/api/health", "/api/nothing", "/api/beats?page=0"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "referrer-policy" in headers
            assert "strict-transport-security" in headers
            assert "server" not in headers


async def test_the_webhook_is_not_for_browsers(api: Api, database: Database) -> None:
    asks = ORIGIN | {"Access-Control-Request-Method": "POST"}
    async with api() as client:
        checkout = await client.options("/api/stripe/create-checkout", headers=asks)
        webhook = await client.options("/api/stripe/webhook", headers=asks)
        called = await client.post("/api/stripe/webhook", content=b"{}", headers=ORIGIN)
    assert checkout.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert webhook.status_code == 405
    assert "access-control-allow-origin" not in webhook.headers
    assert "access-control-allow-origin" not in called.headers


async def test_production_shows_its_documents_only_when_asked(api: Api, database: Database) -> None:
    production = {
        "BEATLINE_ENV": "production",
        "PUBLIC_URL": "https://api.example",
        "PAYLOAD_KEYS": "off",
    }
    async with api(**production) as client:
        hidden = [(await client.get(path)).status_code for path in ("/docs", "/openapi.json")]
    async with api(**production, API_DOCS="true") as client:
        shown = (await client.get("/openapi.json")).status_code
    assert (hidden, shown) == ([404, 404], 200)
