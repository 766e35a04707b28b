"""The emulator as a web application."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.cloudinary.assets import AssetStore
from sandbox.cloudinary.chunks import ChunkedUploads
from sandbox.cloudinary.cloud import Cloud
from sandbox.cloudinary.files import Files
from sandbox.cloudinary.library import Library
from sandbox.cloudinary.page import assets_page
from sandbox.cloudinary.refusals import Refusal, error_body, error_response, refuse
from sandbox.cloudinary.signatures import Credentials
from sandbox.cloudinary.uploads import Uploads
from sandbox.faults import FaultMiddleware, Faults
from sandbox.pages import HEADERS


class ClockSetting(BaseModel):
    """How far the emulator's clock is from the wall clock."""

    model_config = ConfigDict(extra="forbid")
    offset_seconds: float


class Loss(BaseModel):
    """What is to be deleted as if somebody had done it by hand."""

    model_config = ConfigDict(extra="forbid")
    public_id: str


class Controls:
    """What tests and people use, and Cloudinary does not have."""

    def __init__(self, cloud: Cloud, chunks: ChunkedUploads, faults: Faults) -> None:
        self._cloud = cloud
        self._chunks = chunks
        self._faults = faults

    async def health(self, _: Request) -> Response:
        """GET readiness."""
        return JSONResponse({"status": "ok"})

    async def index(self, _: Request) -> Response:
        """GET the list of assets."""
        return HTMLResponse(assets_page(self._cloud.assets, self._cloud.credentials), 200, HEADERS)

    async def clock(self, request: Request) -> Response:
        """GET the time, or POST `{"offset_seconds": …}` to move it."""
        clock = self._cloud.clock
        if request.method == "POST":
            try:
                setting = ClockSetting.model_validate_json(await request.body())
            except ValidationError as error:
                return error_response(400, str(error))
            clock.offset = timedelta(seconds=setting.offset_seconds)
        offset = clock.offset.total_seconds()
        return JSONResponse({"now": clock.timestamp(), "offset_seconds": offset})

    async def delete(self, request: Request) -> Response:
        """POST `{"public_id": …}` to lose the assets of that name, whatever their kind."""
        try:
            lost = Loss.model_validate_json(await request.body())
        except ValidationError as error:
            return error_response(400, str(error))
        named = [asset.key for asset in self._cloud.assets if asset.key.public_id == lost.public_id]
        for key in named:
            self._cloud.assets.remove(key)
        return JSONResponse({"deleted": len(named)})

    async def reset(self, _: Request) -> Response:
        """POST a fresh start: no assets, no faults, the right time."""
        self._cloud.assets.clear()
        self._chunks.clear()
        self._faults.standing.clear()
        self._cloud.clock.offset = timedelta()
        return JSONResponse({"status": "ok"})


async def _http_error(_: Request, error: Exception) -> Response:
    """Exception handler that gives the framework's errors Cloudinary's shape."""
    if not isinstance(error, HTTPException):
        raise error
    return error_response(error.status_code, error.detail)


def create_app(credentials: Credentials, folder: Path, clock: Clock | None = None) -> Starlette:
    """Wire the emulator of one cloud whose assets live in a folder."""
    cloud = Cloud(credentials, AssetStore(folder), clock or Clock())
    chunks, faults = ChunkedUploads(folder / "chunks"), Faults()
    files = Files(cloud)
    return Starlette(
        routes=[
            *_control_routes(Controls(cloud, chunks, faults), faults),
            *_api_routes(Uploads(cloud, chunks), Library(cloud), files),
            Route("/{path:path}", files.deliver),
        ],
        middleware=[Middleware(FaultMiddleware, faults=faults, error_body=error_body)],
        exception_handlers={Refusal: refuse, HTTPException: _http_error},
    )


def _control_routes(controls: Controls, faults: Faults) -> list[Route]:
    return [
        Route("/", controls.index),
        Route("/_health", controls.health),
        Route("/_emulator/faults", faults.endpoint, methods=["GET", "POST", "DELETE"]),
        Route("/_emulator/clock", controls.clock, methods=["GET", "POST"]),
        Route("/_emulator/delete", controls.delete, methods=["POST"]),
        Route("/_emulator/reset", controls.reset, methods=["POST"]),
    ]


def _api_routes(uploads: Uploads, library: Library, files: Files) -> list[Route]:
    cloud = "/v1_1/{cloud}"
    listing = cloud + "/resources/{resource_type}/{delivery_type}"
    kind = cloud + "/{resource_type}"
    return [
        Route(f"{cloud}/ping", library.ping),
        Route(listing, library.resources),
        Route(listing + "/{public_id:path}", library.resource),
        Route(f"{kind}/upload", uploads.upload, methods=["POST"]),
        Route(f"{kind}/explicit", library.explicit, methods=["POST"]),
        Route(f"{kind}/destroy", library.destroy, methods=["POST"]),
        Route(f"{kind}/download", files.download),
    ]
