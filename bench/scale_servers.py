"""One PostgreSQL with a database for each size, and an API in front of each."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bench.scale_fill import fill_beats, fill_orders
from database import migrate
from sandbox import postgres, temporal
from sandbox.process import HOST, Child
from settings import variables

FILLS: dict[str, Callable[[str, int], None]] = {"orders": fill_orders, "beats": fill_beats}
UNLIMITED = "1000000/minute"


@dataclass(frozen=True)
class Shop:
    """A shop of some size: its database, and its API."""

    size: int
    database_url: str
    api: str


@contextmanager
def shops(kind: str, sizes: list[int], data: Path, port_base: int) -> Iterator[list[Shop]]:
    """Shops with that many `orders` or `beats`; what `data` holds already is not filled again."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running(data / "postgres", port=port_base))
        address = stack.enter_context(temporal.running(port=port_base + 1))
        found = []
        for number, size in enumerate(sizes):
            url = _filled(server, kind, size)
            port = port_base + 2 + number
            stack.enter_context(_api(url, address, port, data / f"api-{kind}-{size}.log"))
            found.append(Shop(size, url, f"http://{HOST}:{port}"))
        yield found


def _filled(server: str, kind: str, size: int) -> str:
    name = f"{kind}_{size}"
    half_filled = f"{name}_unfinished"
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        known = "SELECT FROM pg_database WHERE datname = %s"
        if connection.execute(known, [name]).fetchone() is None:
            print(f"Filling a database with {size:,} {kind} ...", flush=True)
            unfinished = sql.Identifier(half_filled)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(unfinished))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(unfinished))
            half = make_url(server).set(database=half_filled)
            migrate.upgrade(half.render_as_string(hide_password=False))
            FILLS[kind](half.render_as_string(hide_password=False), size)
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(unfinished, sql.Identifier(name)))
    migrate.upgrade(url)
    return url


@contextmanager
def _api(database_url: str, temporal_address: str, port: int, log: Path) -> Iterator[None]:
    limits = {name: UNLIMITED for name in variables() if name.startswith("RATE_LIMIT_")}
    environment = {name: value for name, value in os.environ.items() if name not in variables()}
    environment |= {name: limit for name, limit in limits.items() if not name.endswith("_URI")}
    environment |= {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "CLOUDINARY_URL": "cloudinary://key:secret@cloud",
        "ALLOWED_ORIGINS": "https://shop.example",
        "GRANT_SECRETS": "g" * 32,
        "API_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "cli", "api"]
    with Child(command, log, environment) as server:
        server.wait_until(lambda: _answers(port), within=60)
        yield


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/api/health", timeout=2).is_success
    except httpx.HTTPError:
        return False
