"""The emulator as a service: faults, clock, durability, the end."""

import io
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cloudinary
import cloudinary.api
import cloudinary.uploader
import httpx
import pytest
from cloudinary.exceptions import Error, GeneralError, NotFound, RateLimited

from sandbox.serving import required_environment
from tests.sandbox.cloudinary.conftest import CREDENTIALS, Emulator, point_library_at
from tests.sandbox.serving import answers, free_port, started, wait_until


@contextmanager
def fault(http: httpx.Client, **fields: Any) -> Iterator[None]:
    """Something that goes wrong for a while."""
    assert http.post("/_emulator/faults", json=fields).status_code == 200
    yield
    assert http.delete("/_emulator/faults").json() == {"faults": []}


def test_a_rate_limit_passes_after_so_many_calls(emulator: Emulator, http: httpx.Client) -> None:
    with fault(http, path="/upload$", status=420, retry_after=7, times=2):
        assert http.get("/v1_1/demo-cloud/ping").status_code == 401
        for _ in range(2):
            with pytest.raises(RateLimited):
                emulator.upload(b"x", resource_type="raw", public_id="limited.bin")
        assert emulator.upload(b"x", resource_type="raw", public_id="limited.bin")["bytes"] == 1


def test_a_refusal_carries_retry_after_and_spares_the_controls(http: httpx.Client) -> None:
    with fault(http, status=429, retry_after=3):
        refused = http.get("/v1_1/demo-cloud/ping")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
        assert "error" in refused.json()
        assert http.get("/_health").status_code == 200


def test_a_server_error_is_seen_by_the_library(emulator: Emulator, http: httpx.Client) -> None:
    with fault(http, status=500, method="GET"), pytest.raises(GeneralError):
        cloudinary.api.ping()


def test_a_cut_line_hides_work_that_was_done(emulator: Emulator, http: httpx.Client) -> None:
    with (
        fault(http, path="/upload$", cut=True, executed=True),
        pytest.raises(Error, match="ProtocolError"),
    ):
        emulator.upload(b"done", resource_type="raw", public_id="cut.bin")
    assert cloudinary.api.resource("cut.bin", resource_type="raw")["bytes"] == 4


def test_a_line_cut_before_the_call_leaves_nothing_done(
    emulator: Emulator, http: httpx.Client
) -> None:
    with fault(http, path="/upload$", cut=True), pytest.raises(Error, match="ProtocolError"):
        emulator.upload(b"x" * 3_000_000, resource_type="raw", public_id="lost.bin")
    with pytest.raises(NotFound):
        cloudinary.api.resource("lost.bin", resource_type="raw")


def test_a_large_upload_sees_its_refusal(emulator: Emulator, http: httpx.Client) -> None:
    with fault(http, path="/upload$", status=429), pytest.raises(RateLimited):
        emulator.upload(b"x" * 3_000_000, resource_type="raw", public_id="large.bin")


def test_a_delay_is_kept_and_a_probability_is_believed(http: httpx.Client) -> None:
    with fault(http, delay=0.2, times=1):
        began = time.monotonic()
        http.get("/v1_1/demo-cloud/ping")
        assert time.monotonic() - began >= 0.2
    with fault(http, status=503, probability=0.5):
        seen = {http.get("/v1_1/demo-cloud/ping").status_code for _ in range(60)}
        assert seen == {401, 503}


@pytest.mark.parametrize(
    "body", ['{"status": 200}', '{"path": "("}', '{"what": 1}', '{"executed": true}', "[", "null"]
)
def test_a_fault_that_makes_no_sense_is_refused(http: httpx.Client, body: str) -> None:
    assert http.post("/_emulator/faults", content=body).status_code == 400
    assert http.get("/_emulator/faults").json() == {"faults": []}


def test_the_clock_can_be_set_over_http(emulator: Emulator, http: httpx.Client) -> None:
    before = http.get("/_emulator/clock").json()["now"]
    moved = http.post("/_emulator/clock", json={"offset_seconds": 7200}).json()
    assert moved["now"] - before >= 7200
    with pytest.raises(Error, match="Stale request"):
        emulator.upload(b"x", resource_type="raw", timestamp=int(time.time()))
    assert http.post("/_emulator/clock", content="soon").status_code == 400
    assert http.post("/_emulator/clock", json={"offset_seconds": 0}).status_code == 200


def test_the_page_shows_what_is_there_and_links_only_public_files(
    emulator: Emulator, http: httpx.Client
) -> None:
    emulator.upload(b"x", resource_type="raw", type="authenticated", public_id="(script).zip")
    emulator.upload(b"x", resource_type="raw", public_id="public.zip")
    page = http.get("/")
    assert "(script).zip" in page.text
    assert 'href="/demo-cloud/raw/upload/' in page.text
    assert "/raw/authenticated/" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_reset_leaves_nothing(emulator: Emulator, http: httpx.Client) -> None:
    emulator.upload(b"x", resource_type="raw", public_id="gone.zip")
    assert http.post("/_emulator/reset").status_code == 200
    assert "Nothing has been uploaded yet." in http.get("/").text


ENVIRONMENT = {
    "SANDBOX_CLOUDINARY_CLOUD": CREDENTIALS.cloud,
    "SANDBOX_CLOUDINARY_API_KEY": CREDENTIALS.api_key,
    "SANDBOX_CLOUDINARY_API_SECRET": CREDENTIALS.api_secret,
}


@contextmanager
def process(folder: Path) -> Iterator[tuple[Any, str]]:
    """The emulator as `python -m` starts it, ready."""
    port = free_port()
    arguments = ("--host", "127.0.0.1", "--port", str(port), "--data", str(folder))
    with started("sandbox.cloudinary", *arguments, environment=ENVIRONMENT) as running:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url))
        point_library_at(url)
        yield running, url


def upload_part(content: bytes, content_range: str) -> Any:
    """Upload a chunk of the one large file of these tests."""
    headers = {"Content-Range": content_range, "X-Unique-Upload-Id": "half"}
    return cloudinary.uploader.upload_large_part(
        ("half.bin", content), public_id="half.bin", http_headers=headers
    )


def test_assets_and_chunks_survive_kill_9_and_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    with process(tmp_path) as (running, _):
        kept = cloudinary.uploader.upload(
            io.BytesIO(b"kept"), resource_type="raw", public_id="kept.zip", tags="a,b"
        )
        assert upload_part(b"ha", "bytes 0-1/4")["done"] is False
        running.send_signal(signal.SIGKILL)
        running.wait(5)
    (tmp_path / "incoming" / "leftover").write_bytes(b"half a file")
    (tmp_path / "contents" / "orphan").write_bytes(b"nobody's")
    with process(tmp_path) as (running, _):
        found = cloudinary.api.resource("kept.zip", resource_type="raw")
        assert (found["etag"], found["tags"]) == (kept["etag"], ["a", "b"])
        assert httpx.get(found["url"]).content == b"kept"
        assert httpx.get(upload_part(b"lf", "bytes 2-3/4")["url"]).content == b"half"
        assert not (tmp_path / "incoming" / "leftover").exists()
        assert not (tmp_path / "contents" / "orphan").exists()
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(5) == 0
        assert time.monotonic() - began < 1


@pytest.mark.parametrize("value", [None, ""])
def test_without_its_secret_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("SANDBOX_CLOUDINARY_API_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("SANDBOX_CLOUDINARY_API_SECRET", value)
    with pytest.raises(SystemExit, match="SANDBOX_CLOUDINARY_API_SECRET is not set"):
        required_environment("SANDBOX_CLOUDINARY_API_SECRET")
