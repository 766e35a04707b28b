"""Uploads through the official library."""

import io
from typing import Any

import cloudinary.api
import cloudinary.uploader
import cloudinary.utils
import httpx
import pytest
from cloudinary.exceptions import AuthorizationRequired, BadRequest, NotFound
from PIL import Image

from sandbox.cloudinary.parameters import context
from tests.sandbox.cloudinary.conftest import CREDENTIALS, Emulator, md5, sha1


def png() -> bytes:
    """A small image."""
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(file, "PNG")
    return file.getvalue()


def test_audio_is_measured_and_kept_as_a_video_resource(emulator: Emulator, master: bytes) -> None:
    answer = emulator.upload(
        master,
        resource_type="video",
        type="authenticated",
        public_id="beats/one/master",
        filename="Größer als Gold.wav",
        tags=["master", "wav"],
        context={"beat": "one", "note": "a|b=c"},
        overwrite=True,
        invalidate=True,
    )
    assert answer["public_id"] == "beats/one/master"
    assert (answer["resource_type"], answer["type"]) == ("video", "authenticated")
    assert (answer["format"], answer["is_audio"], answer["duration"]) == ("wav", True, 0.5)
    assert (answer["bytes"], answer["etag"]) == (len(master), md5(master))
    assert answer["original_filename"] == "Größer als Gold"
    assert answer["tags"] == ["master", "wav"]
    assert answer["context"] == {"custom": {"beat": "one", "note": "a|b=c"}}
    assert answer["created_at"].endswith("Z")


def test_an_upload_answer_is_signed(emulator: Emulator) -> None:
    answer = emulator.upload(png(), public_id="signed")
    assert cloudinary.utils.verify_api_response_signature(
        answer["public_id"], answer["version"], answer["signature"]
    )


def test_sha256_signatures_are_taken(emulator: Emulator) -> None:
    answer = emulator.upload(png(), public_id="sha256", signature_algorithm="sha256")
    assert (answer["width"], answer["height"], answer["format"]) == (30, 20, "png")


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [("png", "cover.png", "image"), ("wav", "loop.bin", "video"), ("text", "notes.txt", "raw")],
)
def test_auto_finds_out_what_a_file_is(
    emulator: Emulator, master: bytes, content: str, name: str, kind: str
) -> None:
    contents = {"png": png(), "wav": master, "text": b"some words"}
    answer = emulator.upload(contents[content], resource_type="auto", filename=name)
    assert answer["resource_type"] == kind


def test_a_raw_public_id_carries_its_extension(emulator: Emulator) -> None:
    chosen = emulator.upload(b"zip", resource_type="raw", public_id="beats/one/stems.zip")
    random = emulator.upload(b"zip", resource_type="raw", filename="stems.zip")
    assert chosen["public_id"] == "beats/one/stems.zip"
    assert random["public_id"].endswith(".zip")
    assert "format" not in chosen


def test_a_large_upload_comes_in_chunks(emulator: Emulator, master: bytes) -> None:
    answer = cloudinary.uploader.upload_large(
        io.BytesIO(master),
        resource_type="video",
        public_id="beats/large",
        filename="large.wav",
        chunk_size=20_000,
    )
    assert (answer["public_id"], answer["bytes"]) == ("beats/large", len(master))
    assert answer["etag"] == md5(master)
    assert list((emulator.folder / "chunks").iterdir()) == []


def signed(**fields: str) -> dict[str, str]:
    """A form that is signed by hand."""
    fields = {"timestamp": cloudinary.utils.now(), **fields}
    text = "&".join(sorted(f"{name}={value}" for name, value in fields.items()))
    digest = sha1((text + CREDENTIALS.api_secret).encode()).hex()
    return {**fields, "api_key": CREDENTIALS.api_key, "signature": digest}


def send_chunk(http: httpx.Client, content: bytes, start: int, end: int, total: int) -> Any:
    """Upload bytes `start` to `end` (exclusive) of a file."""
    return http.post(
        "/v1_1/demo-cloud/raw/upload",
        data=signed(public_id="chunked.bin"),
        files={"file": ("chunked.bin", content[start:end])},
        headers={
            "X-Unique-Upload-Id": "upload-1",
            "Content-Range": f"bytes {start}-{end - 1}/{total}",
        },
    ).json()


def test_chunks_may_come_in_any_order_and_twice(http: httpx.Client) -> None:
    content = bytes(range(256)) * 4
    assert send_chunk(http, content, 600, 1024, 1024)["done"] is False
    assert send_chunk(http, content, 0, 300, 1024)["done"] is False
    assert send_chunk(http, content, 0, 300, 1024)["done"] is False
    complete = send_chunk(http, content, 300, 600, 1024)
    assert complete["etag"] == md5(content)
    assert send_chunk(http, content, 300, 600, 1024)["version"] == complete["version"]


@pytest.mark.parametrize("content_range", ["bytes 0-9/5", "0-9/10", "bytes 5-2/10", "bytes 0-3/9"])
def test_a_chunk_whose_range_is_wrong_is_refused(http: httpx.Client, content_range: str) -> None:
    answer = http.post(
        "/v1_1/demo-cloud/raw/upload",
        data=signed(public_id="broken.bin"),
        files={"file": ("broken.bin", b"0123456789")},
        headers={"X-Unique-Upload-Id": "upload-2", "Content-Range": content_range},
    )
    assert answer.status_code == 400


def test_an_asset_is_replaced_unless_told_otherwise(emulator: Emulator) -> None:
    first = emulator.upload(b"one", resource_type="raw", public_id="kept.txt")
    kept = emulator.upload(b"two", resource_type="raw", public_id="kept.txt", overwrite=False)
    replaced = emulator.upload(b"two", resource_type="raw", public_id="kept.txt")
    assert (kept["existing"], kept["etag"], kept["version"]) == (
        True,
        first["etag"],
        first["version"],
    )
    assert (replaced["overwritten"], replaced["asset_id"]) == (True, first["asset_id"])
    assert replaced["version"] > first["version"]


def test_explicit_changes_tags_and_destroy_removes(emulator: Emulator) -> None:
    emulator.upload(png(), public_id="mutable", tags="old", context={"a": "b"})
    changed = cloudinary.uploader.explicit("mutable", type="upload", tags=["new", "newer"])
    assert changed["tags"] == ["new", "newer"]
    assert cloudinary.api.resource("mutable")["context"] == {"custom": {"a": "b"}}
    assert cloudinary.uploader.destroy("mutable") == {"result": "ok"}
    assert cloudinary.uploader.destroy("mutable") == {"result": "not found"}
    with pytest.raises(NotFound, match="Resource not found - mutable"):
        cloudinary.api.resource("mutable")
    with pytest.raises(NotFound):
        cloudinary.uploader.explicit("mutable", type="upload")


def test_the_admin_api_knows_assets_by_kind_and_type(emulator: Emulator) -> None:
    emulator.upload(
        b"x",
        resource_type="raw",
        type="authenticated",
        public_id="señal/one y two.zip",
    )
    found = cloudinary.api.resource(
        "señal/one y two.zip", resource_type="raw", type="authenticated"
    )
    assert found["bytes"] == 1
    with pytest.raises(NotFound):
        cloudinary.api.resource("señal/one y two.zip", resource_type="raw")
    assert cloudinary.api.ping() == {"status": "ok"}


def test_wrong_secrets_open_nothing(emulator: Emulator) -> None:
    with pytest.raises(AuthorizationRequired, match="Invalid Signature"):
        emulator.upload(b"x", resource_type="raw", public_id="w.bin", api_secret="wrong")
    with pytest.raises(AuthorizationRequired, match="Unknown API key"):
        emulator.upload(b"x", resource_type="raw", public_id="w.bin", api_key="wrong")
    with pytest.raises(AuthorizationRequired, match="Invalid cloud_name"):
        emulator.upload(b"x", resource_type="raw", public_id="w.bin", cloud_name="wrong")
    with pytest.raises(AuthorizationRequired, match="Invalid credentials"):
        cloudinary.api.ping(api_secret="wrong")
    with pytest.raises(NotFound):
        cloudinary.api.resource("w.bin", resource_type="raw")


def test_a_stale_call_is_refused(emulator: Emulator, http: httpx.Client) -> None:
    answer = http.post(
        "/v1_1/demo-cloud/raw/upload",
        data=signed(public_id="stale.bin", timestamp="1434805181"),
        files={"file": b"x"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        "Stale request - reported time is 2015-06-20 12:59:41 +0000 which is more than 1 hour ago"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resource_type": "image"}, "Invalid image file"),
        ({"resource_type": "video"}, "Invalid video file"),
        ({"resource_type": "raw", "public_id": "a?b"}, "is invalid"),
        ({"resource_type": "raw", "public_id": "/a"}, "is invalid"),
        ({"resource_type": "raw", "type": "secret"}, "Invalid type"),
        ({"resource_type": "sculpture"}, "Invalid resource type"),
        ({"resource_type": "raw", "width": 10, "crop": "scale"}, "not supported"),
        ({"resource_type": "raw", "allowed_formats": ["zip"]}, "not allowed"),
    ],
)
def test_a_bad_upload_is_refused_with_a_reason(
    emulator: Emulator, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequest, match=message):
        emulator.upload(b"only words", **options)
    assert list((emulator.folder / "incoming").iterdir()) == []


def test_a_missing_file_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1_1/demo-cloud/raw/upload", data=signed(public_id="none.bin"))
    assert answer.status_code == 400
    assert "file" in answer.json()["error"]["message"]


def test_a_parameter_given_twice_is_refused(http: httpx.Client) -> None:
    answer = http.post(
        "/v1_1/demo-cloud/raw/destroy",
        content="public_id=a&public_id=b&timestamp=1",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.json() == {"error": {"message": "Duplicate parameter - public_id"}}


def test_context_may_hold_its_own_separators() -> None:
    assert context({"context": r"a=1\=2|b\|c=3|broken"}) == {"a": "1=2", "b|c": "3"}
