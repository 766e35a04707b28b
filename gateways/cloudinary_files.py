"""Cloudinary: files published, and timed addresses to fetch the sold ones from."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils

from domain.beat import SOLD_ASSETS, Asset, AssetKind
from domain.errors import Unavailable

SERVICE = "Cloudinary"
UPLOAD_TIMEOUT_SECONDS = 300
CHUNK_BYTES = 20 * 1024 * 1024

# What Cloudinary calls the kinds of file that we keep there; it counts audio as video.
_RESOURCE_TYPES = {
    AssetKind.MASTER: "video",
    AssetKind.PREVIEW: "video",
    AssetKind.STEMS: "raw",
    AssetKind.ARTWORK: "image",
}

# The answer is no. All else, a lost connection and an unreadable answer too, is Cloudinary's day.
_REFUSALS = (
    cloudinary.exceptions.AlreadyExists,
    cloudinary.exceptions.AuthorizationRequired,
    cloudinary.exceptions.BadRequest,
    cloudinary.exceptions.NotAllowed,
    cloudinary.exceptions.NotFound,
)


class UploadRefused(Exception):
    """Cloudinary does not take a file, and says why."""


@dataclass(frozen=True)
class CloudinaryAccount:
    """Credentials and addresses, read from a `cloudinary://` URL."""

    cloud_name: str
    api_key: str
    api_secret: str
    upload_prefix: str

    @classmethod
    def from_url(cls, url: str) -> "CloudinaryAccount":
        """Reads a CLOUDINARY_URL; raises ValueError if a part of it is missing."""
        parts = urlsplit(url)
        if parts.scheme != "cloudinary" or not (
            parts.hostname and parts.username and parts.password
        ):
            raise ValueError("CLOUDINARY_URL must be cloudinary://KEY:SECRET@CLOUD")
        prefix = parse_qs(parts.query).get("upload_prefix", ["https://api.cloudinary.com"])[0]
        cloud_name = parts.netloc.rpartition("@")[2]  # hostname would lower its case
        return cls(cloud_name, unquote(parts.username), unquote(parts.password), prefix)

    @property
    def options(self) -> dict[str, Any]:
        return {
            "cloud_name": self.cloud_name,
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "upload_prefix": self.upload_prefix,
        }

    @property
    def file_origins(self) -> list[str]:
        """From where browsers get files: Cloudinary's own hosts, or what stands in for them.

        Source: cloudinary.com/documentation/advanced_url_delivery_options (shared and private CDN).
        """
        api = urlsplit(self.upload_prefix)
        origin = f"{api.scheme}://{api.netloc}"
        if not f".{api.hostname}".endswith(".cloudinary.com"):
            return [origin]
        shared, private = "res.cloudinary.com", f"{self.cloud_name}-res.cloudinary.com"
        return [f"https://{shared}", f"https://{private}", origin]


@dataclass(frozen=True)
class Upload:
    """A file that Cloudinary has; `duration_seconds` where it measured one."""

    asset: Asset
    duration_seconds: float | None


class CloudinaryFiles:
    """The files of beats. Sold files are `authenticated`: only a signed address opens them."""

    def __init__(self, account: CloudinaryAccount) -> None:
        self._account = account

    async def publish(self, beat_id: str, kind: AssetKind, path: Path) -> Upload:
        """Uploads a file in place of an earlier one; returns what and where it is.

        Raises UploadRefused where Cloudinary says no, Unavailable where it cannot answer.
        """
        return await asyncio.to_thread(self._publish, beat_id, kind, path)

    def download_url(self, asset: Asset, filename: str, expires_at: datetime) -> str:
        """An address that serves a file as an attachment until `expires_at`.

        `cloudinary_url` cannot expire; the download API can. Source:
        cloudinary.com/documentation/control_access_to_media#providing_time_limited_access.
        """
        parameters = {
            "timestamp": cloudinary.utils.now(),
            "public_id": asset.public_id,
            "format": asset.format if asset.resource_type != "raw" else None,
            "type": _delivery_type(asset.kind),
            "attachment": "true",
            "target_filename": filename,
            "expires_at": int(expires_at.timestamp()),
        }
        options = self._account.options | {"resource_type": asset.resource_type}
        signed = cloudinary.utils.sign_request(parameters, options)
        address = cloudinary.utils.cloudinary_api_url("download", **options)
        return f"{address}?{urlencode(signed)}"

    def _publish(self, beat_id: str, kind: AssetKind, path: Path) -> Upload:
        extension = path.suffix.lstrip(".").lower()
        resource_type = _RESOURCE_TYPES[kind]
        name = f"beats/{beat_id}/{kind}"
        options = self._account.options | {
            # A raw file's public id bears its extension; the others' format is apart.
            "public_id": f"{name}.{extension}" if resource_type == "raw" else name,
            "resource_type": resource_type,
            "type": _delivery_type(kind),
            "filename": path.name,
            "overwrite": True,
            "invalidate": True,
            "timeout": UPLOAD_TIMEOUT_SECONDS,
        }
        answer = _upload(path, options)
        asset = Asset(
            kind=kind,
            public_id=answer["public_id"],
            resource_type=resource_type,
            format=answer.get("format") or extension,
            size=path.stat().st_size,
            sha256=sha256_of(path),
            url=None if kind in SOLD_ASSETS else answer["secure_url"],
        )
        return Upload(asset, answer.get("duration"))


def _delivery_type(kind: AssetKind) -> str:
    """Cloudinary's word for who may fetch a file: anybody, or who has a signed address."""
    return "authenticated" if kind in SOLD_ASSETS else "upload"


def sha256_of(path: Path) -> str:
    """The hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _upload(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    large = path.stat().st_size > CHUNK_BYTES
    try:
        if large:
            answer = cloudinary.uploader.upload_large(str(path), chunk_size=CHUNK_BYTES, **options)
        else:
            answer = cloudinary.uploader.upload(str(path), **options)
    except _REFUSALS as error:
        raise UploadRefused(f"{path.name}: {error}") from error
    except cloudinary.exceptions.Error as error:
        raise Unavailable(SERVICE, detail=type(error).__name__) from error
    return dict(answer)
