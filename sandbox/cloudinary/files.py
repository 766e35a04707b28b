"""Serves the files themselves: by a signed link that expires, or by a delivery URL."""

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from sandbox.cloudinary import parameters
from sandbox.cloudinary.assets import Asset, AssetKey
from sandbox.cloudinary.cloud import Cloud
from sandbox.cloudinary.media import media_type
from sandbox.cloudinary.refusals import NotFound, Refusal
from sandbox.cloudinary.signatures import check_expiry

SIGNATURE = re.compile(r"s--([A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--")
VERSION = re.compile(r"v[0-9]+")
TRANSFORMATION = re.compile(r"[a-z]{1,3}_[^/]+(,[a-z]{1,3}_[^/,]+)*")
YEAR = 365 * 24 * 3600


class Files:
    """The endpoints that answer with an asset's bytes; ranges and HEAD included."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def download(self, request: Request) -> Response:
        """GET what `private_download_url` points to."""
        self._cloud.check_name(request)
        given = parameters.single_values(request.query_params.multi_items())
        self._cloud.credentials.check_signature(given)
        check_expiry(given, self._cloud.clock.timestamp())
        key = AssetKey(
            parameters.checked_resource_type(request.path_params["resource_type"]),
            parameters.delivery_type(given),
            parameters.checked_public_id(given.get("public_id", "")),
        )
        asset = self._cloud.assets.get(key)
        if asset is None:
            raise NotFound(key.public_id)
        _check_same_format(asset, given.get("format", ""))
        headers = {"Cache-Control": "private, no-store"}
        if parameters.boolean(given, "attachment"):
            name = given.get("target_filename") or _base_name(asset)
            headers["Content-Disposition"] = attachment(name)
        return self._file(request, asset, headers)

    async def deliver(self, request: Request) -> Response:
        """GET `[{cloud}/]{resource_type}/{type}/[s--…--/][v1/]{public_id}[.{format}]`."""
        parts = request.path_params["path"].split("/")
        if parts[0] == self._cloud.credentials.cloud:
            parts = parts[1:]
        if len(parts) < 3 or parts[0] not in parameters.RESOURCE_TYPES:
            raise Refusal(404, "Not found")
        resource_type, delivery_type, *rest = parts
        if delivery_type not in parameters.DELIVERY_TYPES:
            raise Refusal(404, f"Invalid type {delivery_type}")
        signed = SIGNATURE.fullmatch(rest[0])
        rest = rest[1:] if signed else rest
        asset, path = self._find(resource_type, delivery_type, rest)
        if signed or delivery_type != "upload":
            self._cloud.credentials.check_delivery(signed[1] if signed else "", path)
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
            "Cache-Control": _caching(delivery_type, rest),
            "Timing-Allow-Origin": "*",
        }
        return self._file(request, asset, headers)

    def _find(self, resource_type: str, delivery_type: str, rest: list[str]) -> tuple[Asset, str]:
        """The asset that a delivery path ends in, and the path that its signature signs."""
        version = next((at for at, part in enumerate(rest) if VERSION.fullmatch(part)), None)
        before = rest[:version] if version is not None else []
        starts = [version + 1, 0] if version is not None and len(rest) > version + 1 else [0]
        for start in starts:
            path = "/".join(rest[start:])
            stem, _, extension = path.rpartition(".")
            for public_id, wanted in ((path, ""), (stem, extension)):
                asset = self._cloud.assets.get(AssetKey(resource_type, delivery_type, public_id))
                if asset is None:
                    continue
                if start and before:
                    _refuse_transformation("/".join(before))
                _check_same_format(asset, wanted)
                return asset, path
        if TRANSFORMATION.fullmatch(rest[0]):
            _refuse_transformation(rest[0])
        raise NotFound("/".join(rest[starts[0] :]))

    def _file(self, request: Request, asset: Asset, headers: dict[str, str]) -> Response:
        headers |= {"ETag": f'"{asset.etag}"', "X-Content-Type-Options": "nosniff"}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return FileResponse(
            self._cloud.assets.content(asset),
            headers=headers,
            media_type=media_type(asset.extension),
        )


def _caching(delivery_type: str, rest: list[str]) -> str:
    """A year where the path names a version (v1 is the library's word for none), else a minute."""
    if delivery_type != "upload":
        return "private"
    versioned = any(VERSION.fullmatch(part) and part != "v1" for part in rest[:-1])
    return f"public, max-age={YEAR}, immutable" if versioned else "public, max-age=60"


def attachment(name: str) -> str:
    """A Content-Disposition that every browser saves under the same name (RFC 6266, RFC 8187)."""
    shown = re.sub(r'[\x00-\x1f\x7f"\\/]', "_", name)
    plain = shown.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    if plain == shown:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown, safe='')}"


def _base_name(asset: Asset) -> str:
    return PurePosixPath(asset.file_name).name


def _check_same_format(asset: Asset, wanted: str) -> None:
    """Refuse a format that would need a conversion."""
    if wanted and wanted.lower() != asset.extension.lower():
        raise Refusal(400, f"Converting {asset.extension} to {wanted} is beyond this emulator")


def _refuse_transformation(transformation: str) -> None:
    raise Refusal(400, f"This emulator renders no transformations - {transformation}")
