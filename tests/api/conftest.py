"""The API in this process, with settings of a test's own, on real servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.wiring import Clock, utc_now
from settings import variables

Api = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
ADDRESS = "http://api.example"


@pytest.fixture
def api(postgres_url: str, temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Opens a client of an API whose settings are these; the rest is fit for tests."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    sound = {
        "DATABASE_URL": postgres_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "STRIPE_WEBHOOK_SECRET": "whsec_test",
        "CLOUDINARY_URL": "cloudinary://key:secret@cloud",
        "ALLOWED_ORIGINS": "https://shop.example",
        "GRANT_SECRETS": "g" * 32,
    }

    @asynccontextmanager
    async def opened(
        peer: str = "203.0.113.7", clock: Clock = utc_now, **settings: str
    ) -> AsyncIterator[httpx.AsyncClient]:
        for name, value in (sound | settings).items():
            monkeypatch.setenv(name, value)
        app: FastAPI = create_app(clock=clock)
        transport = httpx.ASGITransport(app, client=(peer, 50_000))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client,
        ):
            yield client

    return opened


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A server that takes connections and never says a word."""
    over = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    over.set()
    server.close()
    await server.wait_closed()
