"""The codec server, by Temporal's remote codec protocol: over HTTP, and asked by Temporal's CLI."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from structlog.testing import capture_logs
from temporalio.client import Client

from api.codec.app import MAX_BODY_BYTES, create_app
from domain.order import new_order_id
from domain.payload_keys import KeyRing
from settings import CodecSettings, SettingsError, load, variables
from temporal.encryption import data_converter
from tests.rings import NEW, OLD, entries, ring
from tests.sandbox.serving import served
from workflows.checkout import Checkout

UI = "https://temporal.example"
TOKEN = "t" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, nothing_set: None) -> CodecSettings:
    monkeypatch.setenv("PAYLOAD_KEYS", entries(NEW, OLD))
    monkeypatch.setenv("CODEC_TOKENS", f"one:{TOKEN}")
    monkeypatch.setenv("CODEC_ORIGINS", f"{UI}/, http://localhost:8080")
    return load(CodecSettings)


@pytest.fixture
async def server(settings: CodecSettings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://codec.example", headers=BEARER
    ) as client:
        yield client


async def wire(keys: KeyRing, *values: object) -> dict[str, Any]:
    """Values as Temporal's UI holds them: payloads in protobuf's JSON."""
    payloads = await data_converter(keys).encode(values)
    return {"payloads": [MessageToDict(payload) for payload in payloads]}


async def test_what_is_encrypted_comes_back_plain_whichever_key_wrote_it(
    server: httpx.AsyncClient,
) -> None:
    for keys in (ring(NEW), ring(OLD), KeyRing()):
        asked = await wire(keys, "cs_secret", {"order_id": "ord_1"})
        answer = await server.post("/decode", json=asked, headers={"X-Namespace": "default"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        plain = answer.json()["payloads"]
        assert [base64.b64decode(payload["data"]) for payload in plain] == [
            b'"cs_secret"',
            b'{"order_id":"ord_1"}',
        ]
        assert base64.b64decode(plain[0]["metadata"]["encoding"]) == b"json/plain"


async def test_what_the_ui_sends_to_a_workflow_is_encrypted_for_it(
    server: httpx.AsyncClient,
) -> None:
    plain = await wire(KeyRing(), "cs_secret")
    encrypted = (await server.post("/encode", json=plain)).json()
    key_id = encrypted["payloads"][0]["metadata"]["encryption-key-id"]
    assert base64.b64decode(key_id).decode() == NEW
    assert (await server.post("/decode", json=encrypted)).json() == plain


async def test_only_operators_are_answered(server: httpx.AsyncClient) -> None:
    asked = await wire(ring(NEW), "cs_secret")
    for path in ("/decode", "/encode"):
        for authorization in ("", "Bearer nonsense", f"Basic {TOKEN}"):
            headers = {"Authorization": authorization}
            answer = await server.post(path, json=asked, headers=headers)
            assert answer.status_code == 401
            assert answer.json()["code"] == "unknown_operator"
            assert answer.headers["www-authenticate"].startswith("Basic ")
    assert (await server.get("/", headers={"Authorization": ""})).status_code == 401
    assert "Signed in as one" in (await server.get("/")).text
    assert (await server.get("/health", headers={"Authorization": ""})).status_code == 200


async def test_browsers_on_the_uis_own_site_alone_may_ask(server: httpx.AsyncClient) -> None:
    asked = await wire(ring(NEW), "cs_secret")
    asks = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
        "Authorization": "",  # browsers ask beforehand without credentials
    }
    for origin, status in ((UI, 200), ("http://localhost:8080", 200), ("null", 403)):
        from_there = {"Origin": origin}
        allowed = await server.options("/decode", headers=asks | from_there)
        answer = await server.post("/decode", json=asked, headers=from_there)
        assert answer.status_code == status
        if status == 200:
            assert allowed.status_code == 200
            for headers in (allowed.headers, answer.headers):
                assert headers["access-control-allow-origin"] == origin
                assert headers["access-control-allow-credentials"] == "true"
        else:
            assert allowed.status_code == 400
            assert "access-control-allow-origin" not in answer.headers


async def test_a_browser_is_told_why_it_is_not_answered(server: httpx.AsyncClient) -> None:
    headers = {"Origin": UI, "Authorization": ""}
    answer = await server.post("/decode", json={}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == UI


async def test_a_key_that_is_missing_is_named(server: httpx.AsyncClient) -> None:
    answer = await server.post("/decode", json=await wire(ring("k-lost"), "cs_secret"))
    assert answer.status_code == 400
    assert answer.json()["code"] == "payload_unreadable"
    assert "the payload key 'k-lost' is not in PAYLOAD_KEYS" in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[7]",
        b"null",
        b"[" * 100_000,
        b'{"payloads":' * 2_000,
        b'{"payloads": [{"data": 7}]}',
        b'{"payloads": {"data": ""}}',
        b"\xff",
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_not_the_protocol_is_refused(server: httpx.AsyncClient, body: bytes) -> None:
    answer = await server.post("/decode", content=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_request"


async def test_a_body_without_end_is_cut_off(server: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65_536 + 1):
            yield b" " * 65_536

    assert (await server.post("/decode", content=endless())).status_code == 413


async def test_the_log_says_who_asked_and_never_for_what(server: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        encrypted = await wire(ring(NEW), "cs_secret")
        await server.post("/decode", json=encrypted)
        await server.post("/encode", json=await wire(KeyRing(), "cs_secret"))
        await server.post("/decode", json=await wire(ring("k-lost"), "cs_secret"))
    told = str(lines)
    assert [line["operator"] for line in lines if "payloads" in line] == ["one", "one"]
    assert "cs_secret" not in told
    assert encrypted["payloads"][0]["data"] not in told
    assert TOKEN not in told


@pytest.fixture
def served_codec(settings: CodecSettings) -> Iterator[str]:
    with served(create_app(settings)) as url:
        yield url


async def test_temporals_own_cli_shows_an_encrypted_history(
    served_codec: str, temporal_address: str
) -> None:
    client = await Client.connect(temporal_address, data_converter=data_converter(ring(NEW)))
    order_id = new_order_id()
    await client.start_workflow(
        "Checkout",
        Checkout.of(order_id),
        id=order_id,
        task_queue=order_id,
        static_summary="words-of-a-summary",
    )
    shown = await _shown(temporal_address, order_id)
    assert "words-of-a-summary" not in shown
    options = ("--codec-endpoint", served_codec, "--codec-auth", f"Bearer {TOKEN}")
    shown = await _shown(temporal_address, order_id, *options)
    assert "words-of-a-summary" in shown
    assert f"order_id: {order_id}" in shown


async def _shown(address: str, workflow_id: str, *options: str) -> str:
    """What the CLI prints of a history."""
    program = Path(sys.executable).with_name("temporal")
    show = ("workflow", "show", "--detailed", "--address", address, "--workflow-id", workflow_id)
    process = await asyncio.create_subprocess_exec(
        str(program), *show, *options, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    return printed.decode()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"PAYLOAD_KEYS": "off"}, "PAYLOAD_KEYS: it holds no key"),
        ({"PAYLOAD_KEYS": ""}, "PAYLOAD_KEYS: it holds no key"),
        ({"CODEC_ORIGINS": ""}, "CODEC_ORIGINS is not set"),
        ({"CODEC_TOKENS": "", "BEATLINE_ENV": "production"}, "CODEC_TOKENS is not set"),
        ({"CODEC_TOKENS": "", "CODEC_HOST": "0.0.0.0"}, "CODEC_TOKENS is not set"),  # noqa: S104
        ({"CODEC_TOKENS": "one:short"}, "CODEC_TOKENS: one's token needs"),
    ],
)
def test_what_it_lacks_is_named(
    settings: CodecSettings, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], fault: str
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=fault):
        load(CodecSettings)


def test_on_ones_own_machine_it_needs_no_tokens(
    settings: CodecSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEC_TOKENS")
    assert load(CodecSettings).codec_tokens.identify("") == "anybody"
