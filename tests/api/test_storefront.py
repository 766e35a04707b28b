"""The shop's pages, as the API serves them: beside its own addresses, never in their place."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from database.engine import Database
from settings import SettingsError
from tests.api.conftest import Api

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = b"export const shop = 1;\n" * 20
NOTHING = {"success": False, "error": "There is nothing at this address.", "code": "not_found"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it, and a file beside it that is nobody's business."""
    folder = tmp_path / "pages"
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / "index.html").write_text("<title>The shop</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "assets" / "index-1.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "font-1.woff2").write_bytes(b"wOF2")
    (tmp_path / "secrets.json").write_text("{}")
    return folder


@pytest.fixture
async def shop(api: Api, database: Database, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with api(STOREFRONT_DIR=str(built)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/beats", "/cart", "/success?session_id=cs_1", "/a/b/c"])
async def test_a_browser_gets_the_shop_wherever_it_goes(shop: httpx.AsyncClient, path: str) -> None:
    answer = await shop.get(path, headers=PAGE)
    assert (answer.status_code, answer.text) == (200, "<title>The shop</title>")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("accept", ["*/*", "application/json, text/plain, */*", None])
async def test_programs_get_the_shop_at_its_root_alone(
    shop: httpx.AsyncClient, accept: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    if accept is None:
        del shop.headers["accept"]
    assert (await shop.get("/", headers=headers)).status_code == 200
    elsewhere = await shop.get("/nothing", headers=headers)
    assert (elsewhere.status_code, elsewhere.json()) == (404, NOTHING)


async def test_who_asks_for_json_is_told_in_json(shop: httpx.AsyncClient) -> None:
    for path in ("/", "/cart", "/nothing"):
        answer = await shop.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()) == (404, NOTHING)


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/nothing",
        "//api/beats",
        "/docs/nothing",
        "/.env",
        "/.vite/manifest.json",
        "/settings.py",
        "/assets/gone-2.js",
        "/assets/gone",
        "/..%2fsecrets.json",
        "/%2e%2e/secrets.json",
        "/assets/..%2f..%2fsecrets.json",
        "/assets/%00",
        "/" + "a" * 300 + ".js",
    ],
)
async def test_what_is_no_page_is_no_page_for_browsers_either(
    shop: httpx.AsyncClient, path: str
) -> None:
    answer = await shop.get(httpx.URL("http://api.example" + path), headers=PAGE)
    assert (answer.status_code, answer.json()) == (404, NOTHING)


async def test_methods_that_no_page_takes_meet_nothing(shop: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = await shop.request(method, "/", headers=PAGE)
        assert (answer.status_code, answer.json()) == (404, NOTHING)
    refused = await shop.delete("/api/beats", headers=PAGE)
    assert refused.status_code == 405


async def test_a_file_named_by_its_content_is_kept_for_ever(shop: httpx.AsyncClient) -> None:
    script = await shop.get("/assets/index-1.js", headers={"Accept-Encoding": "identity"})
    font = await shop.get("/assets/font-1.woff2")
    icon = await shop.get("/favicon.svg")
    assert script.content == SCRIPT
    assert script.headers["content-type"].split(";")[0].endswith("/javascript")
    assert font.headers["content-type"] == "font/woff2"
    for answer in (script, font):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert icon.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "gzip"), ("gzip;q=0", None), ("br", None), ("identity", None), ("GZIP", "gzip")],
)
async def test_texts_travel_compressed_to_whoever_takes_that(
    shop: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    answer = await shop.get("/assets/index-1.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert answer.content == SCRIPT


async def test_what_has_not_changed_is_not_sent_again(shop: httpx.AsyncClient) -> None:
    first = await shop.get("/", headers=PAGE)
    again = await shop.get("/", headers=PAGE | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


async def test_a_head_is_the_answer_without_its_body(shop: httpx.AsyncClient) -> None:
    for path in ("/", "/cart", "/assets/index-1.js"):
        got, head = await shop.get(path, headers=PAGE), await shop.head(path, headers=PAGE)
        same = {"content-length", "content-type", "etag", "cache-control"}
        assert {name: head.headers[name] for name in same} == {
            name: got.headers[name] for name in same
        }
        assert head.content == b""


@pytest.mark.parametrize(
    ("cloudinary", "files"),
    [
        (
            "cloudinary://key:secret@beats",
            " ".join(f"https://{name}.cloudinary.com" for name in ("res", "beats-res", "api")),
        ),
        ("cloudinary://k:s@beats?upload_prefix=http://127.0.0.1:9", "http://127.0.0.1:9"),
    ],
)
async def test_pages_may_load_from_the_shop_and_the_files_hosts_alone(
    api: Api, database: Database, built: Path, cloudinary: str, files: str
) -> None:
    async with api(STOREFRONT_DIR=str(built), CLOUDINARY_URL=cloudinary) as client:
        answers = [await client.get(path, headers=PAGE) for path in ("/", "/favicon.svg")]
        of_the_api = await client.get("/api/health")
    for answer in answers:
        assert answer.headers["content-security-policy"].split("; ") == [
            "default-src 'self'",
            *(f"{kind} 'self' {files}" for kind in ("img-src", "media-src", "connect-src")),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "x-request-id" in answer.headers
    assert "content-security-policy" not in of_the_api.headers


async def test_until_it_is_built_a_page_says_how_to_get_it(
    api: Api, database: Database, tmp_path: Path, built: Path
) -> None:
    async with api(STOREFRONT_DIR=str(tmp_path / "later")) as client:
        early = await client.get("/", headers=PAGE)
        health = await client.get("/api/health/ready")
        await asyncio.to_thread(built.rename, tmp_path / "later")
        late = await client.get("/", headers=PAGE)
    assert (early.status_code, early.headers["retry-after"]) == (503, "3")
    assert "Node 20.19 or newer" in early.text
    assert (health.status_code, late.status_code) == (200, 200)


async def test_without_a_storefront_there_is_nothing(api: Api, database: Database) -> None:
    async with api(STOREFRONT_DIR="") as client:
        answer = await client.get("/", headers=PAGE)
    assert (answer.status_code, answer.json()) == (404, NOTHING)


async def test_production_does_not_start_on_a_storefront_that_is_not_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BEATLINE_ENV", "production")
    monkeypatch.setenv("STOREFRONT_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match=r"STOREFRONT_DIR: there is no index\.html"):
        create_app()
