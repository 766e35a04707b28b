"""What surrounds every answer: hosts, headers, browsers' access, documents."""

import pytest

from api.admission import HEALTH_PATHS
from database.engine import Database
from tests.api.conftest import Api
from tests.making import BUYER, WAV, publication, publish, sell

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
        answer = await client.get("/api/licenses", headers={"Host": host})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["code"] == "unknown_host"
        assert "x-request-id" in answer.headers


async def test_health_is_told_under_any_host(api: Api, database: Database) -> None:
    async with api(ALLOWED_HOSTS="api.example") as client:
        for path in HEALTH_PATHS:
            answer = await client.get(path, headers={"Host": "127.0.0.1:8000"})
            assert answer.status_code == 200


async def test_a_call_that_names_two_hosts_is_refused(api: Api, database: Database) -> None:
    for allowed in ("*", "api.example"):
        async with api(ALLOWED_HOSTS=allowed) as client:
            hosts = [("Host", "api.example"), ("Host", "elsewhere.example")]
            answer = await client.get("/api/health", headers=hosts)
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "x:y:z", "%zz", "é".encode()])
async def test_links_survive_whatever_host_a_call_names(
    api: Api, database: Database, host: str
) -> None:
    await publish(database, publication())
    order_id = await sell(database, ("dusk", WAV))
    path = f"/api/download/multi-order/{order_id}"
    async with api(PUBLIC_URL="https://api.shop.example/") as client:
        answer = await client.post(path, json={"customerEmail": BUYER}, headers={"Host": host})
        url = answer.json()["data"]["beats"][0]["downloadUrls"]["master"]
    assert url.startswith("https://api.shop.example/api/download/beat/dusk?grant=")


async def test_every_answer_guards_the_browser(api: Api, database: Database) -> None:
    async with api() as client:
        for path in ("/api/health", "/api/nothing", "/api/beats?page=0"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"
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


@pytest.mark.parametrize(
    "asked",
    [
        {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
        {"Origin": "null", "Access-Control-Request-Method": "GET"},
        {"Origin": "https://shop.example.", "Access-Control-Request-Method": "GET"},
        {"Origin": "http://shop.example", "Access-Control-Request-Method": "GET"},
        ORIGIN | {"Access-Control-Request-Method": "DELETE"},
        ORIGIN
        | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "X-Admin"},
    ],
)
async def test_a_preflight_is_refused_in_the_one_shape(
    api: Api, database: Database, asked: dict[str, str]
) -> None:
    async with api() as client:
        answer = await client.options("/api/beats", headers=asked)
    assert answer.status_code == 400
    assert answer.json() == {
        "success": False,
        "error": "Browsers on this site may not make this call.",
        "code": "cors_refused",
    }
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("configured", "origin"),
    [
        ("https://SHOP.example:443/some/page", "https://shop.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://xn--grer-5qa8f.example", "https://xn--grer-5qa8f.example"),
    ],
)
async def test_an_origin_is_known_however_its_operator_spells_it(
    api: Api, database: Database, configured: str, origin: str
) -> None:
    async with api(ALLOWED_ORIGINS=configured) as client:
        answer = await client.get("/api/licenses", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin


async def test_the_documents_are_shown_unless_the_operator_hides_them(
    api: Api, database: Database
) -> None:
    production = {
        "BEATLINE_ENV": "production",
        "PUBLIC_URL": "https://api.example",
        "PAYLOAD_KEYS": "off",
    }
    paths = ("/docs", "/openapi.json")
    async with api(**production) as client:
        shown = [(await client.get(path)).status_code for path in paths]
    async with api(**production, API_DOCS="false") as client:
        hidden = [(await client.get(path)).status_code for path in paths]
    assert (shown, hidden) == ([200, 200], [404, 404])
