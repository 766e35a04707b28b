"""Cloudinary: files published, and timed addresses to fetch the sold ones from."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils

from domain.beat import SOLD_ASSETS, Asset, AssetKind
from domain.errors import Unavailable
from gateways.cloudinary_account import SERVICE, CloudinaryAccount, delivery_type

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
            "type": delivery_type(asset.kind),
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
            "type": delivery_type(kind),
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
