"""The emulator as a web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.stripe.api import Api
from sandbox.stripe.config import Config
from sandbox.stripe.controls import Controls
from sandbox.stripe.desk import Desk
from sandbox.stripe.emulator import Emulator
from sandbox.stripe.errors import StripeError, unrecognized_url
from sandbox.stripe.ids import new_id
from sandbox.stripe.operations import OPERATIONS
from sandbox.stripe.page import PaymentPage

STATIC = Path(__file__).with_name("static")


def create_app(config: Config) -> Starlette:
    """An emulator that opens its data at once, and delivers and expires while its lifespan runs."""
    emulator = Emulator(config)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with emulator.running():
            yield

    page = PaymentPage(emulator)
    app = Starlette(
        routes=[
            *_api_routes(Api(emulator)),
            Route("/c/pay/{session}", page.show, methods=["GET"]),
            Route("/c/pay/{session}", page.submit, methods=["POST"]),
            Mount("/_static", StaticFiles(directory=STATIC)),
            Mount("/_emulator", routes=Controls(emulator).routes()),
            Route("/_health", _health),
            Route("/", Desk(emulator).show),
        ],
        exception_handlers={404: _unknown, 405: _unknown, StripeError: _refused, 500: _broken},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _api_routes(api: Api) -> list[Route]:
    return [
        Route(path, partial(api.answer, operation=operation), methods=[method])
        for (method, path), operation in OPERATIONS.items()
    ]


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _unknown(request: Request, _: Exception) -> Response:
    return _error(unrecognized_url(request.method, request.url.path))


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, StripeError):
        raise TypeError("registered for StripeError alone")
    return _error(error)


async def _broken(_: Request, __: Exception) -> Response:
    return _error(StripeError("An unknown error occurred.", status=500, kind="api_error"))


def _error(error: StripeError) -> Response:
    return JSONResponse(error.body(), error.status, {"Request-Id": new_id("req_")})
