"""Downloads by expiring links, and delivery."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import cloudinary
import cloudinary.utils
import httpx
import pytest

from sandbox.cloudinary.files import attachment
from tests.sandbox.cloudinary.conftest import CREDENTIALS, Emulator, md5


@pytest.fixture(scope="module")
def beat(emulator: Emulator, master: bytes) -> bytes:
    """An authenticated master and stems, and a public preview; gives the master's bytes."""
    emulator.upload(master, resource_type="video", type="authenticated", public_id="señal/master")
    emulator.upload(b"PK", resource_type="raw", type="authenticated", public_id="señal/stems.zip")
    emulator.upload(master, resource_type="video", public_id="señal/preview")
    return master


def link(public_id: str = "señal/master", extension: str = "wav", **options: Any) -> str:
    """A download link made by the official library, good for a minute."""
    options = {"resource_type": "video", "type": "authenticated", **options}
    options.setdefault("expires_at", int(datetime.now(UTC).timestamp()) + 60)
    url: str = cloudinary.utils.private_download_url(public_id, extension, **options)
    return url


def test_a_link_serves_the_file(beat: bytes) -> None:
    answer = httpx.get(link(attachment=True))
    assert answer.content == beat
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-length"] == str(len(beat))
    assert answer.headers["content-disposition"] == 'attachment; filename="master.wav"'
    assert answer.headers["etag"] == f'"{md5(beat)}"'
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_link_without_attachment_is_shown_inline(beat: bytes) -> None:
    assert "content-disposition" not in httpx.get(link()).headers


@pytest.mark.parametrize("extension", ["", "zip"])
def test_a_raw_file_is_served_by_its_whole_name(beat: bytes, extension: str) -> None:
    answer = httpx.get(link("señal/stems.zip", extension, resource_type="raw", attachment=True))
    assert (answer.content, answer.headers["content-type"]) == (b"PK", "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="stems.zip"'


def test_a_link_dies_at_its_time(emulator: Emulator, beat: bytes) -> None:
    url = link()
    emulator.clock.offset = timedelta(seconds=61)
    expired = httpx.get(url)
    emulator.clock.offset = timedelta()
    assert expired.status_code == 401
    assert expired.json() == {"error": {"message": "The download link has expired"}}
    assert httpx.get(url).status_code == 200


def test_a_link_without_an_expiry_dies_after_an_hour(emulator: Emulator, beat: bytes) -> None:
    url = link(expires_at=None)
    assert httpx.get(url).status_code == 200
    emulator.clock.offset = timedelta(seconds=3601)
    stale = httpx.get(url)
    emulator.clock.offset = timedelta()
    assert stale.status_code == 400
    assert "Stale request" in stale.json()["error"]["message"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("master", "preview"),
        ("type=authenticated", "type=upload"),
        ("attachment=1", "attachment=0"),
        ("expires_at=", "expires_at=9"),
        ("/video/", "/raw/"),
    ],
)
def test_an_altered_link_opens_nothing(beat: bytes, old: str, new: str) -> None:
    url = link(attachment=True)
    assert old in url
    answer = httpx.get(url.replace(old, new, 1))
    assert answer.status_code in (401, 404)
    assert set(answer.json()) == {"error"}


def test_a_smuggled_parameter_opens_nothing(beat: bytes) -> None:
    assert httpx.get(f"{link()}&public_id=other").status_code == 400
    assert httpx.get(f"{link()}&target_filename=x.wav").status_code == 401


def test_a_link_to_nothing_or_to_another_format_is_refused(beat: bytes) -> None:
    missing = httpx.get(link("señal/other"))
    assert missing.status_code == 404
    assert missing.json()["error"]["message"] == "Resource not found - señal/other"
    assert httpx.get(link(type="upload")).status_code == 404
    converted = httpx.get(link(extension="mp3"))
    assert converted.status_code == 400
    assert "beyond this emulator" in converted.json()["error"]["message"]


@pytest.mark.parametrize(
    ("wanted", "status", "content_range"),
    [
        ("bytes=0-99", 206, "bytes 0-99/{size}"),
        ("bytes=100-", 206, "bytes 100-{last}/{size}"),
        ("bytes=-10", 206, "bytes {tail}-{last}/{size}"),
        ("bytes=99999999-", 416, "bytes */{size}"),
    ],
)
def test_ranges_are_served(beat: bytes, wanted: str, status: int, content_range: str) -> None:
    answer = httpx.get(link(), headers={"Range": wanted})
    size = len(beat)
    expected = content_range.format(size=size, last=size - 1, tail=size - 10)
    assert (answer.status_code, answer.headers["content-range"]) == (status, expected)
    if status == 206:
        first, last = (int(part) for part in expected[6:].split("/")[0].split("-"))
        assert answer.content == beat[first : last + 1]


def test_head_and_etag_spare_the_body(beat: bytes) -> None:
    head = httpx.head(link())
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(beat))
    assert httpx.get(link(), headers={"If-None-Match": head.headers["etag"]}).status_code == 304


def named_link(emulator: Emulator, name: str) -> str:
    """A link with `target_filename`, which the library's helper does not offer."""
    call = {
        "attachment": "true",
        "expires_at": str(int(datetime.now(UTC).timestamp()) + 60),
        "format": "wav",
        "public_id": "señal/master",
        "target_filename": name,
        "timestamp": cloudinary.utils.now(),
        "type": "authenticated",
    }
    text = "&".join(f"{key}={value}".replace("&", "%26") for key, value in sorted(call.items()))
    digest = hashlib.sha256((text + CREDENTIALS.api_secret).encode()).hexdigest()
    query = urlencode({**call, "api_key": CREDENTIALS.api_key, "signature": digest})
    return f"{emulator.url}/v1_1/{CREDENTIALS.cloud}/video/download?{query}"


def test_a_link_may_name_the_file_it_saves(emulator: Emulator, beat: bytes) -> None:
    answer = httpx.get(named_link(emulator, "Señal Nocturna & Größe (WAV).wav"))
    assert answer.content == beat
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Se_al Nocturna & Gr__e (WAV).wav"; '
        "filename*=UTF-8''Se%C3%B1al%20Nocturna%20%26%20Gr%C3%B6%C3%9Fe%20%28WAV%29.wav"
    )


def test_a_file_name_can_not_break_out_of_its_header() -> None:
    assert attachment('a"\r\nX: b/../c\\d.wav') == 'attachment; filename="a___X: b_.._c_d.wav"'


def delivered(emulator: Emulator, public_id: str, **options: Any) -> str:
    """A delivery URL made by the official library, without the cloud's name in its path."""
    host = emulator.url.removeprefix("http://")
    options = {"resource_type": "video", "secure": False, "format": "wav", **options}
    url: str = cloudinary.utils.cloudinary_url(public_id, cname=host, **options)[0]
    return url


@pytest.mark.parametrize("private_cdn", [True, False])
def test_public_files_are_delivered_to_any_origin(
    emulator: Emulator, beat: bytes, private_cdn: bool
) -> None:
    url = delivered(emulator, "señal/preview", private_cdn=private_cdn)
    answer = httpx.get(url, headers={"Range": "bytes=0-9", "Origin": "http://shop.test"})
    assert (CREDENTIALS.cloud in url) is not private_cdn
    assert (answer.status_code, answer.content) == (206, beat[:10])
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_an_upload_answers_with_a_url_that_delivers(emulator: Emulator, beat: bytes) -> None:
    for delivery_type in ("upload", "authenticated", "private"):
        answer = emulator.upload(
            beat, resource_type="video", type=delivery_type, public_id="url/größe"
        )
        assert httpx.get(answer["secure_url"]).content == beat
    versioned = httpx.get(emulator.upload(beat, resource_type="video", public_id="v")["url"])
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_protected_files_need_a_signed_url(emulator: Emulator, beat: bytes) -> None:
    plain = delivered(emulator, "señal/master", type="authenticated")
    assert httpx.get(plain).status_code == 401
    for options in ({}, {"long_url_signature": True}, {"signature_algorithm": "sha256"}):
        url = delivered(emulator, "señal/master", type="authenticated", sign_url=True, **options)
        answer = httpx.get(url)
        assert (answer.content, answer.headers["cache-control"]) == (beat, "private")
    forged = delivered(
        emulator, "señal/master", type="authenticated", sign_url=True, api_secret="wrong"
    )
    assert httpx.get(forged).status_code == 401


@pytest.mark.parametrize("options", [{"width": 300, "crop": "scale"}, {"format": "mp3"}])
def test_transformations_are_refused_and_say_so(
    emulator: Emulator, beat: bytes, options: dict[str, Any]
) -> None:
    answer = httpx.get(delivered(emulator, "señal/preview", **options))
    assert answer.status_code == 400
    assert "emulator" in answer.json()["error"]["message"]
    assert "emulator" in answer.headers["x-cld-error"]


def test_a_folder_that_looks_like_a_transformation_is_no_transformation(
    emulator: Emulator, beat: bytes
) -> None:
    answer = emulator.upload(beat, resource_type="video", public_id="lo_fi/v2/tape")
    assert httpx.get(answer["url"]).content == beat
    assert httpx.get(delivered(emulator, "lo_fi/v2/tape", force_version=False)).content == beat


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/demo-cloud/video/upload/missing.wav",
        "/demo-cloud/video/secret/missing.wav",
        "/other-cloud/video/upload/señal/preview.wav",
        "/v1_1/demo-cloud/video/upload/x/y",
    ],
)
def test_what_is_not_there_is_answered_in_cloudinarys_shape(
    http: httpx.Client, beat: bytes, path: str
) -> None:
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]
