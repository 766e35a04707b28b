"""Files at Cloudinary: uploaded whole, opened by a signed address alone, and only for a while."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from domain.beat import Asset, AssetKind
from domain.errors import Unavailable
from gateways.cloudinary_account import CloudinaryAccount
from gateways.cloudinary_files import CloudinaryFiles, UploadRefused, sha256_of
from sandbox.clock import Clock
from sandbox.cloudinary.app import create_app
from sandbox.cloudinary.signatures import Credentials
from sandbox.process import free_port
from tests.sandbox.serving import served

ACCOUNT = CloudinaryAccount("Demo-Cloud", "k-1234", "s3cr3t-api", "http://127.0.0.1:1")
CREDENTIALS = Credentials(ACCOUNT.cloud_name, ACCOUNT.api_key, ACCOUNT.api_secret)
MASTER = Asset(AssetKind.MASTER, "beats/dusk/master", "video", "wav", 7, "ab" * 32)
LATER = datetime(2033, 5, 18, 3, 33, 20, tzinfo=UTC)
STEMS_ZIP = b"PK\x05\x06" + b"\0" * 18


@dataclass(frozen=True)
class Cloud:
    """A running emulator."""

    url: str
    clock: Clock
    files: CloudinaryFiles


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    clock = Clock()
    with served(create_app(CREDENTIALS, tmp_path_factory.mktemp("cloudinary"), clock)) as url:
        yield Cloud(url, clock, CloudinaryFiles(replace(ACCOUNT, upload_prefix=url)))


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    path = tmp_path / "Stems.ZIP"
    path.write_bytes(STEMS_ZIP)
    return path


def signature(signed: dict[str, str]) -> str:
    """The documented computation, from the words of Cloudinary's page alone."""
    text = "&".join(f"{name}={value.replace('&', '%26')}" for name, value in sorted(signed.items()))
    return hashlib.sha1((text + ACCOUNT.api_secret).encode(), usedforsecurity=False).hexdigest()


def test_the_computation_below_gives_the_published_vector() -> None:
    signed = dict(
        parse_qsl(
            "attachment=true&expires_at=2000000000&format=mp4&public_id=courses/l1"
            "&timestamp=1700000000&type=authenticated"
        )
    )
    assert signature(signed) == "9880818fc427fd9481ce9d2f26771e5e1824c762"


@pytest.mark.parametrize("filename", ["Dusk (WAV Lease).wav", "Nächte & 夜 = 1.wav"])
def test_an_address_is_signed_and_expires_as_cloudinary_documents_it(filename: str) -> None:
    address = urlsplit(CloudinaryFiles(ACCOUNT).download_url(MASTER, filename, LATER))
    assert address.netloc == "127.0.0.1:1"
    assert address.path == "/v1_1/Demo-Cloud/video/download"
    given = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert given.pop("signature") == signature(
        {name: value for name, value in given.items() if name != "api_key"}
    )
    assert abs(int(given.pop("timestamp")) - datetime.now(UTC).timestamp()) < 60
    assert given == {
        "api_key": "k-1234",
        "public_id": "beats/dusk/master",
        "format": "wav",
        "type": "authenticated",
        "attachment": "true",
        "target_filename": filename,
        "expires_at": "2000000000",
    }


def test_a_raw_file_has_no_format_apart_from_its_name() -> None:
    stems = replace(MASTER, kind=AssetKind.STEMS, public_id="b/stems.zip", resource_type="raw")
    address = urlsplit(CloudinaryFiles(ACCOUNT).download_url(stems, "a.zip", LATER))
    assert address.path == "/v1_1/Demo-Cloud/raw/download"
    assert "format" not in parse_qs(address.query)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


async def test_a_sold_file_comes_back_byte_for_byte_under_its_name(
    cloud: Cloud, http: httpx.AsyncClient, stems: Path
) -> None:
    upload = await cloud.files.publish("dusk", AssetKind.STEMS, stems)
    assert upload.asset == Asset(
        kind=AssetKind.STEMS,
        public_id="beats/dusk/stems.zip",
        resource_type="raw",
        format="zip",
        size=len(STEMS_ZIP),
        sha256=hashlib.sha256(STEMS_ZIP).hexdigest(),
        url=None,
    )
    expires_at = datetime.now(UTC) + timedelta(minutes=5)
    address = cloud.files.download_url(upload.asset, "Dusk (Trackout Lease, Stems).zip", expires_at)
    answer = await http.get(address)
    assert (answer.status_code, answer.content) == (200, STEMS_ZIP)
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert "Dusk (Trackout Lease, Stems).zip" in disposition


async def test_an_address_dies_at_its_time_and_cannot_be_altered(
    cloud: Cloud, http: httpx.AsyncClient, stems: Path
) -> None:
    asset = (await cloud.files.publish("dawn", AssetKind.STEMS, stems)).asset
    expires_at = datetime.now(UTC) + timedelta(minutes=5)
    address = cloud.files.download_url(asset, "a.zip", expires_at)
    assert (await http.get(address)).status_code == 200
    split = urlsplit(address)
    given = dict(parse_qsl(split.query))
    for name, value in (("expires_at", "2000000000"), ("public_id", "beats/dusk/stems.zip")):
        query = urlencode({**given, name: value})
        assert (await http.get(split._replace(query=query).geturl())).status_code == 401
    cloud.clock.offset = timedelta(minutes=5)
    assert (await http.get(address)).status_code == 401
    cloud.clock.offset = timedelta()


async def test_a_sold_file_has_no_public_address(
    cloud: Cloud, http: httpx.AsyncClient, stems: Path
) -> None:
    asset = (await cloud.files.publish("noon", AssetKind.STEMS, stems)).asset
    for kind in ("upload", "authenticated"):
        path = f"{ACCOUNT.cloud_name}/raw/{kind}/{asset.public_id}"
        assert (await http.get(f"{cloud.url}/{path}")).status_code in (401, 404)


async def test_a_public_file_has_an_address_for_all(
    cloud: Cloud, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    artwork = tmp_path / "cover.png"
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
    )
    artwork.write_bytes(pixel)
    asset = (await cloud.files.publish("dusk", AssetKind.ARTWORK, artwork)).asset
    assert (asset.public_id, asset.resource_type, asset.format) == (
        "beats/dusk/artwork",
        "image",
        "png",
    )
    assert asset.url is not None
    assert (await http.get(asset.url)).content == pixel


async def test_publishing_again_takes_the_place_of_the_earlier_file(
    cloud: Cloud, http: httpx.AsyncClient, stems: Path, tmp_path: Path
) -> None:
    longer = tmp_path / "longer.zip"
    longer.write_bytes(STEMS_ZIP + b"more")
    before, after = [
        (await cloud.files.publish("echo", AssetKind.STEMS, path)).asset for path in (stems, longer)
    ]
    assert after.public_id == before.public_id
    address = cloud.files.download_url(after, "a.zip", datetime.now(UTC) + timedelta(minutes=1))
    assert (await http.get(address)).content == STEMS_ZIP + b"more"


@pytest.mark.parametrize("status", [420, 500, 502, 503])
async def test_a_cloudinary_that_cannot_answer_is_unavailable(
    cloud: Cloud, http: httpx.AsyncClient, stems: Path, status: int
) -> None:
    fault = {"method": "POST", "path": "upload", "status": status, "times": 1}
    (await http.post(f"{cloud.url}/_emulator/faults", json=fault)).raise_for_status()
    with pytest.raises(Unavailable):
        await cloud.files.publish("dusk", AssetKind.STEMS, stems)


async def test_a_cloudinary_that_nobody_serves_is_unavailable(stems: Path) -> None:
    away = replace(ACCOUNT, upload_prefix=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        await CloudinaryFiles(away).publish("dusk", AssetKind.STEMS, stems)


async def test_a_file_that_cloudinary_does_not_take_is_refused(
    cloud: Cloud, tmp_path: Path
) -> None:
    noise = tmp_path / "noise.png"
    noise.write_bytes(b"no picture")
    with pytest.raises(UploadRefused, match=r"noise\.png"):
        await cloud.files.publish("dusk", AssetKind.ARTWORK, noise)


def test_a_wrong_secret_opens_nothing(cloud: Cloud) -> None:
    forger = CloudinaryFiles(replace(ACCOUNT, upload_prefix=cloud.url, api_secret="guessed"))
    assert httpx.get(forger.download_url(MASTER, "a.wav", LATER)).status_code == 401


def test_a_digest_is_that_of_the_files_bytes(stems: Path) -> None:
    assert sha256_of(stems) == hashlib.sha256(STEMS_ZIP).hexdigest()


def test_an_account_is_read_from_its_url() -> None:
    assert CloudinaryAccount.from_url("cloudinary://123:s3cr3t@Demo-Cloud") == CloudinaryAccount(
        "Demo-Cloud", "123", "s3cr3t", "https://api.cloudinary.com"
    )
    url = "cloudinary://k%2F1:s%40c@demo?upload_prefix=http://127.0.0.1:9004"
    assert CloudinaryAccount.from_url(url) == CloudinaryAccount(
        "demo", "k/1", "s@c", "http://127.0.0.1:9004"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "demo",
        "https://123:s3cr3t@demo",
        "cloudinary://demo",
        "cloudinary://123@demo",
        "cloudinary://:s3cr3t@demo",
        "cloudinary://123:@demo",
        "cloudinary://123:s3cr3t@",
        "cloudinary://123:s3cr3t",
        "cloudinary://123:s3cr3t@[",
    ],
)
def test_half_an_account_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        CloudinaryAccount.from_url(url)
