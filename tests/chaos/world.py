"""A whole system as separate processes, two workers among them, and the ways into it."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import stripe

from cli import parts, state
from cli.environment import without_settings
from cli.ports import Ports, require_free
from cli.supervisor import Part
from cli.system import System
from cli.system import plan as system_of
from gateways.stripe_client import stripe_client
from sandbox import postgres
from tests.chaos.distant_line import DistantLine
from tests.chaos.fleet import Fleet
from tests.chaos.vocabulary import PROGRAMS, WORKERS

SETTINGS = {
    # The sweep is part of what is tried, so it must not come by chance: a run asks for it itself.
    "RECONCILE_MINUTES": "1440",
    # Cloudinary is asked about every file, so that its faults meet somebody.
    "ASSET_CHECK_MINUTES": "0",
    # What the workers tell of each attempt is read when a run is accounted for.
    "LOG_FORMAT": "json",
}
PATIENCE = 10.0  # seconds that a buyer's browser waits for an answer


@dataclass(frozen=True)
class World:
    """A running system; `http` is a storefront's, its paths are the API's."""

    system: System
    fleet: Fleet
    line: DistantLine
    http: httpx.AsyncClient
    stripe: stripe.StripeClient

    async def switch(self, part: str, path: str, **given: Any) -> httpx.Response:
        """Turns a switch of an emulator, none of which any fault concerns."""
        return await self.http.post(f"{self.system.url(part)}/_emulator{path}", json=given)

    async def faults_off(self) -> None:
        self.line.mend()
        for part in ("stripe", "cloudinary"):
            await self.http.delete(f"{self.system.url(part)}/_emulator/faults")

    @property
    def secrets(self) -> list[str]:
        """What must stand in no history and no log."""
        named = asdict(self.system.secrets)
        return [named[name] for name in named if name.endswith(("key", "secret", "password"))]


@asynccontextmanager
async def world(data: Path, port_base: int) -> AsyncIterator[World]:
    """Brings everything up, with demo beats on sale; takes it down at the end.

    `data` is an absolute path.
    """
    ports = Ports.starting_at(port_base)
    caller = without_settings(os.environ) | SETTINGS
    system = system_of(data, ports, state.load_secrets(data), caller)
    require_free(ports, system.wanted_ports)
    line = DistantLine(ports.postgres, data)
    programs = _on_the_line(_with_two_workers(parts.parts(system)), system, ports.codec)
    fleet = Fleet(programs, system.data / "logs")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(line.open(ports.codec))  # no codec server runs here
        stack.push_async_callback(fleet.stop)
        await fleet.start()
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=system.url("api"),
                timeout=PATIENCE,
                # No buyer waits for another's turn; of idle connections few are kept, since the
                # library looks at each of them for each of them, at every call.
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
                trust_env=False,
            )
        )
        ledger = await stack.enter_async_context(
            stripe_client(system.secrets.stripe_secret_key, system.url("stripe"))
        )
        yield World(system, fleet, line, http, ledger)


def _with_two_workers(programs: list[Part]) -> list[Part]:
    others = [part for part in programs if part.name != "worker"]
    (worker,) = (part for part in programs if part.name == "worker")
    return [*others, *(replace(worker, name=name) for name in WORKERS)]


def _on_the_line(programs: list[Part], system: System, port: int) -> list[Part]:
    """Has the API and the workers reach PostgreSQL through another port."""
    url = postgres.url(port, system.secrets.postgres_password)
    return [
        replace(part, environment={**part.environment, "DATABASE_URL": url})
        if part.name in PROGRAMS
        else part
        for part in programs
    ]
