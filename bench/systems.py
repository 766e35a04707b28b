"""The systems that are measured, and the programs that each needs."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import floor
from bench.result import DRIVER
from bench.stage import moved
from cli import parts, probes, state
from cli.environment import without_settings
from cli.ports import Ports, require_free
from cli.supervisor import Part
from cli.system import System, plan, program_environment
from sandbox.process import HOST
from settings import environment

FLOOR, BEATLINE, PLAIN, DBOS = "floor", "beatline", "plain", "durable"
TITLES = {
    FLOOR: "bare workflow",
    BEATLINE: "Beatline",
    PLAIN: "no durability",
    DBOS: "DBOS",
}
# The sweep comes by the clock, whatever is sold meanwhile: in a short run it would come by chance.
SETTINGS = {"RECONCILE_MINUTES": "1440"}
# What every shop is built on, and what makes it one.
SHARED = ("postgres", "stripe", "cloudinary", "mailbox")
PREPARING = ("migrate", "beats", "publish")


@dataclass(frozen=True)
class Contender:
    """A system under measurement."""

    name: str
    programs: tuple[str, ...]  # its own; those that all share run anyway
    python: tuple[str, ...]  # whose processor time is its own code's and its libraries'
    preparing: tuple[str, ...] = ()  # tasks that come first


CONTENDERS = (
    # Its client starts and signals what in a whole system the API does.
    Contender(FLOOR, ("temporal", FLOOR), (FLOOR, DRIVER)),
    Contender(BEATLINE, ("temporal", "api", "worker"), ("api", "worker"), ("setup",)),
    Contender(PLAIN, (PLAIN,), (PLAIN,)),
    Contender(DBOS, (DBOS,), (DBOS,)),
)


def available() -> list[Contender]:
    """All of them, but DBOS where it is not installed."""
    has_dbos = importlib.util.find_spec("dbos") is not None
    return [each for each in CONTENDERS if each.name != DBOS or has_dbos]


def system_in(data: Path, port_base: int) -> System:
    """A system as `beatline up` makes it, all of it embedded, with beats to sell."""
    ports = Ports.starting_at(port_base)
    caller = without_settings(environment()) | SETTINGS
    system = plan(data, ports, state.load_secrets(data), caller)
    require_free(ports, set(vars(ports)))
    return system


def programs_of(system: System) -> list[Part]:
    """`beatline up`'s own, and the others'; the emulator sends its events to the driver."""
    return [
        *(
            moved(part, "--webhook-url", relay(system)) if part.name == "stripe" else part
            for part in parts.parts(system)
        ),
        _floor(system),
        *(_peer(system, name) for name in (PLAIN, DBOS)),
    ]


def relay(system: System) -> str:
    """Where the driver takes the emulator's events, on a port that nothing else uses here."""
    return f"http://{HOST}:{system.ports.codec}/api/stripe/webhook"


def _floor(system: System) -> Part:
    address = f"{HOST}:{system.ports.temporal}"
    environment = program_environment(system.caller, system.data) | {
        floor.ADDRESS: address,
        floor.LISTENER: f"{HOST}:{system.ports.codec}",
        "TEMPORAL_ADDRESS": address,
    }
    return Part(
        name=FLOOR,
        command=[sys.executable, "-m", "bench.floor"],
        environment=dict(system.caller) | environment,
        probe=probes.worker(floor.QUEUE, environment),
    )


def _peer(system: System, name: str) -> Part:
    return Part(
        name=name,
        command=[sys.executable, "-m", "bench.peers", name],
        environment=system.environment(),
        probe=probes.http(system.ports.api, "/api/health/ready"),
    )
