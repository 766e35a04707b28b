"""The Upload API's `upload`: a file, whole or in chunks, becomes an asset."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from secrets import token_hex
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.cloudinary import parameters
from sandbox.cloudinary.assets import Asset, AssetKey
from sandbox.cloudinary.chunks import Chunk, ChunkedUploads, parse_chunk
from sandbox.cloudinary.cloud import LONGEST_FIELD, Cloud, base_url
from sandbox.cloudinary.media import Media, probe
from sandbox.cloudinary.refusals import Refusal
from sandbox.cloudinary.resources import describe_upload


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has wholly arrived and is synced, before it becomes an asset."""

    path: Path
    name: PurePath
    size: int  # bytes
    etag: str  # MD5
    digest: str  # SHA-256


class Uploads:
    """The endpoint that creates and replaces assets."""

    def __init__(self, cloud: Cloud, chunks: ChunkedUploads) -> None:
        self._cloud = cloud
        self._chunks = chunks
        self._finished: dict[str, Asset] = {}  # by upload id, for a last chunk that comes again

    async def upload(self, request: Request) -> Response:
        """POST a signed multipart form with the file."""
        self._cloud.check_name(request)
        parameters.checked_resource_type(request.path_params["resource_type"], "auto")
        async with request.form(max_part_size=LONGEST_FIELD) as form:
            given = self._cloud.check_call(form.multi_items())
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Refusal(400, "Missing required parameter - file (only files are taken)")
            name = PurePath(given.get("filename_override") or file.filename or "file")
            return await self._take(request, given, file.file, PurePath(name.name))

    async def _take(
        self, request: Request, given: Mapping[str, str], source: BinaryIO, name: PurePath
    ) -> Response:
        chunk = _chunk_of(request)
        if chunk is not None and (finished := self._finished.get(chunk.upload_id)):
            return JSONResponse(self._describe(finished, request))
        received = await run_in_threadpool(self._receive, source, name, chunk)
        if received is None:
            # The library sends this public id with the next chunk in place of the caller's.
            return JSONResponse({"done": False, "public_id": given.get("public_id")})
        resource_type = request.path_params["resource_type"]
        asset, fate = await run_in_threadpool(self._keep, resource_type, given, received)
        if chunk is not None:
            self._finished[chunk.upload_id] = asset
        return JSONResponse(self._describe(asset, request) | fate)

    def _describe(self, asset: Asset, request: Request) -> dict[str, Any]:
        credentials = self._cloud.credentials
        return describe_upload(asset, base_url(request), credentials) | {"done": True}

    def _receive(self, source: BinaryIO, name: PurePath, chunk: Chunk | None) -> Received | None:
        """Write what arrived to disk; None while chunks are missing."""
        path = self._cloud.assets.incoming / token_hex(16)
        if chunk is None:
            with path.open("wb") as target:
                shutil.copyfileobj(source, target)
        elif pieces := self._chunks.add(chunk, source):
            self._chunks.join(pieces, path)
        else:
            return None
        with path.open("rb") as file:
            os.fsync(file.fileno())
            etag = hashlib.file_digest(file, "md5").hexdigest()
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Received(path, name, file.tell(), etag, digest)

    def _keep(
        self, resource_type: str, given: Mapping[str, str], received: Received
    ) -> tuple[Asset, dict[str, bool]]:
        """Make an asset of a file; gives the asset that stands now, and what became of which."""
        try:
            extension = received.name.suffix.removeprefix(".").lower()
            media = probe(received.path, resource_type, extension)
            _check_format(given, media)
            key = AssetKey(
                media.resource_type,
                parameters.delivery_type(given),
                parameters.checked_public_id(_public_id(given, received.name, media)),
            )
            standing = self._cloud.assets.get(key)
            self._cloud.assets.keep_content(received.path, received.digest)
            made = self._asset(key, given, received, media, standing)
            overwrite = parameters.boolean(given, "overwrite", default=True)
            kept = self._cloud.assets.put(made, overwrite=overwrite)
            existing = kept is not made
            return kept, {
                "existing": existing,
                "overwritten": standing is not None and not existing,
            }
        finally:
            received.path.unlink(missing_ok=True)

    def _asset(
        self,
        key: AssetKey,
        given: Mapping[str, str],
        received: Received,
        media: Media,
        standing: Asset | None,
    ) -> Asset:
        now = self._cloud.clock.timestamp()
        return Asset(
            key=key,
            asset_id=standing.asset_id if standing else token_hex(16),
            version=max(now, standing.version + 1) if standing else now,
            format="" if media.resource_type == "raw" else media.format,
            size=received.size,
            etag=received.etag,
            digest=received.digest,
            created_at=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            original_filename=received.name.stem,
            tags=parameters.tags(given),
            context=parameters.context(given),
            measures=media.measures,
        )


def _chunk_of(request: Request) -> Chunk | None:
    upload_id = request.headers.get("x-unique-upload-id")
    content_range = request.headers.get("content-range")
    return parse_chunk(upload_id, content_range) if upload_id and content_range else None


def _check_format(given: Mapping[str, str], media: Media) -> None:
    wanted = given.get("format", media.format)
    if wanted not in ("", media.format):
        raise Refusal(400, f"Converting {media.format} to {wanted} is beyond this emulator")
    allowed = given.get("allowed_formats", "")
    if allowed and media.format not in allowed.split(","):
        raise Refusal(400, f"File format {media.format} not allowed")


def _public_id(given: Mapping[str, str], name: PurePath, media: Media) -> str:
    """The caller's id as it is, or a random one; then a raw file's carries its extension."""
    public_id = given.get("public_id")
    if not public_id:
        public_id = token_hex(10) + (name.suffix if media.resource_type == "raw" else "")
    folder = given.get("folder")
    return f"{folder.strip('/')}/{public_id}" if folder else public_id
