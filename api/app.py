"""The application: the routes, and what surrounds each request."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi_swagger import patch_fastapi
from pydantic.alias_generators import to_camel
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import logs
import runtime
from api import errors, openapi
from api.admission import BrowserAccess, KnownHosts
from api.middleware import BodyLimit, Deadline, LastCatch, RequestContext
from api.origins import AllowedOrigins
from api.routes import catalog, checkout, downloads, events, health, orders, webhook
from api.storefront import Storefront
from api.wiring import ApiConfiguration, Clock, open_desks, utc_now
from gateways.cloudinary_account import CloudinaryAccount
from settings import ApiSettings, LogSettings, load

DESCRIPTION = """Licenses of beats, sold durably: check out, follow the order, download the files.

Amounts are in major units beside their currency; times are ISO 8601 in UTC. Every error has the
same shape: `success: false`, a sentence in `error`, a stable `code`."""


def create_app(
    configuration: ApiConfiguration | None = None,
    clock: Clock = utc_now,
    when_ready: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The API; without a configuration, by the environment's.

    Raises SettingsError where the environment does not suffice.
    """
    configured = configuration or ApiConfiguration.load()
    origins = AllowedOrigins(configured.api.allowed_origins)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_desks(configured, origins, clock) as desks:
            app.state.desks = desks
            when_ready()
            yield

    app = _app_of_routes(
        lifespan=lifespan, openapi_url="/openapi.json" if configured.api.api_docs else None
    )
    openapi.install(app)
    if configured.api.api_docs:
        # The documents' scripts come from here, not from a stranger's server.
        patch_fastapi(app, docs_url="/docs", redirect_from_root_to_docs=False)
    errors.install(app)
    if configured.api.storefront_dir is not None:
        account = CloudinaryAccount.from_url(configured.cloudinary.cloudinary_url)
        app.router.default = Storefront(configured.api.storefront_dir, account.file_origins)
    _add_middleware(app, configured.api, origins)
    return app


def _add_middleware(app: FastAPI, settings: ApiSettings, origins: AllowedOrigins) -> None:
    """The last one added is the first that a request meets."""
    app.add_middleware(BodyLimit)
    app.add_middleware(Deadline)
    app.add_middleware(LastCatch)
    app.add_middleware(
        BrowserAccess,
        allow_origins=origins.urls,
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type", "Idempotency-Key", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After"],
    )
    app.add_middleware(KnownHosts, hosts=settings.allowed_hosts)
    app.add_middleware(RequestContext)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)


def document() -> dict[str, Any]:
    """The OpenAPI document, which no setting changes."""
    return openapi.describe(_app_of_routes())


def _app_of_routes(**options: Any) -> FastAPI:
    app = FastAPI(
        title="Beatline",
        version="1",
        description=DESCRIPTION,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        generate_unique_id_function=_operation_id,
        **options,
    )
    for room in (checkout, webhook, orders, downloads, catalog, events, health):
        app.include_router(room.router)
    return app


def _operation_id(route: APIRoute) -> str:
    """What generated clients call an endpoint: `createCheckout`."""
    return to_camel(route.name)


def app_from_environment() -> FastAPI:
    """What a server of one's own is pointed at: `uvicorn --factory api.app:app_from_environment`.

    `beatline api` does more: it bounds what a connection may draw out (`api/connections.py`).
    """
    logs.configure(load(LogSettings))
    return create_app(when_ready=runtime.settle)
