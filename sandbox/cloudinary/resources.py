"""How Cloudinary describes an asset in its answers."""

from typing import Any
from urllib.parse import quote

from sandbox.cloudinary.assets import Asset
from sandbox.cloudinary.signatures import Credentials


def delivery_url(asset: Asset, base_url: str, credentials: Credentials) -> str:
    """Where an asset is delivered; signed unless it is public."""
    resource_type, delivery_type, _ = asset.key
    signature = f"s--{credentials.delivery_signatures(asset.file_name)[0]}--/"
    place = f"{base_url}/{credentials.cloud}/{resource_type}/{delivery_type}/"
    if delivery_type != "upload":
        place += signature
    return f"{place}v{asset.version}/{quote(asset.file_name, safe='/:')}"


def describe(asset: Asset, base_url: str, credentials: Credentials) -> dict[str, Any]:
    """The fields that upload, explicit and the Admin API share.

    `secure_url` is the plain `url`, since the emulator speaks no TLS.
    """
    url = delivery_url(asset, base_url, credentials)
    described: dict[str, Any] = {
        "asset_id": asset.asset_id,
        "public_id": asset.key.public_id,
        "version": asset.version,
        "resource_type": asset.key.resource_type,
        "type": asset.key.delivery_type,
        "created_at": asset.created_at,
        "tags": list(asset.tags),
        "bytes": asset.size,
        "etag": asset.etag,
        "placeholder": False,
        "url": url,
        "secure_url": url,
        "access_mode": "public" if asset.key.delivery_type == "upload" else "authenticated",
        **asset.measures,
    }
    described |= {"format": asset.format} if asset.format else {}
    described |= {"context": {"custom": asset.context}} if asset.context else {}
    return described


def describe_upload(asset: Asset, base_url: str, credentials: Credentials) -> dict[str, Any]:
    """An upload's answer, signed over public id and version as Cloudinary signs it."""
    signed = {"public_id": asset.key.public_id, "version": str(asset.version)}
    return {
        **describe(asset, base_url, credentials),
        "original_filename": asset.original_filename,
        "signature": credentials.sign(signed),
    }
