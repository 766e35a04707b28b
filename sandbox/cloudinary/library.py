"""What can be done to assets that stand: look them up, change them, remove them."""

import base64
import binascii
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.cloudinary import parameters
from sandbox.cloudinary.assets import AssetKey
from sandbox.cloudinary.cloud import Cloud, base_url
from sandbox.cloudinary.refusals import NotFound, Refusal
from sandbox.cloudinary.resources import describe, describe_upload
from sandbox.cloudinary.signatures import equal


class Library:
    """The Upload API's `explicit` and `destroy`, and the Admin API's calls."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def explicit(self, request: Request) -> Response:
        """POST new tags or context for an asset."""
        given = await self._cloud.signed_form(request)
        key = _key(request, given)
        asset = self._cloud.assets.get(key)
        if asset is None:
            raise NotFound(key.public_id)
        changed = replace(
            asset,
            tags=parameters.tags(given) if "tags" in given else asset.tags,
            context=parameters.context(given) if "context" in given else asset.context,
        )
        await run_in_threadpool(self._cloud.assets.put, changed)
        return JSONResponse(describe_upload(changed, base_url(request), self._cloud.credentials))

    async def destroy(self, request: Request) -> Response:
        """POST the removal of an asset; that there was none is an answer, not an error."""
        key = _key(request, await self._cloud.signed_form(request))
        removed = await run_in_threadpool(self._cloud.assets.remove, key)
        return JSONResponse({"result": "ok" if removed else "not found"})

    async def resource(self, request: Request) -> Response:
        """GET an asset's details."""
        self._check_administrator(request)
        key = _key(request, {**request.path_params, "type": request.path_params["delivery_type"]})
        asset = self._cloud.assets.get(key)
        if asset is None:
            raise NotFound(key.public_id)
        return JSONResponse(describe(asset, base_url(request), self._cloud.credentials))

    async def resources(self, request: Request) -> Response:
        """GET the details of those assets of one kind that bear some public ids."""
        self._check_administrator(request)
        names = parameters.public_ids(request.query_params.multi_items())
        kind = {**request.path_params, "type": request.path_params["delivery_type"]}
        keys = (_key(request, kind | {"public_id": name}) for name in names)
        found = [asset for key in keys if (asset := self._cloud.assets.get(key)) is not None]
        base, credentials = base_url(request), self._cloud.credentials
        return JSONResponse({"resources": [describe(each, base, credentials) for each in found]})

    async def ping(self, request: Request) -> Response:
        """GET a sign of life, with the right key pair."""
        self._check_administrator(request)
        return JSONResponse({"status": "ok"})

    def _check_administrator(self, request: Request) -> None:
        self._cloud.check_name(request)
        credentials = self._cloud.credentials
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            pair = ""
        if scheme.lower() != "basic" or not equal(
            pair, f"{credentials.api_key}:{credentials.api_secret}"
        ):
            raise Refusal(401, "Invalid credentials")


def _key(request: Request, given: dict[str, str]) -> AssetKey:
    return AssetKey(
        parameters.checked_resource_type(request.path_params["resource_type"]),
        parameters.delivery_type(given),
        parameters.checked_public_id(given.get("public_id", "")),
    )
