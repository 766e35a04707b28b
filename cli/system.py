"""A Beatline system on one machine: which parts are embedded, where they are, what ties them.

Each embedded part gives way to the real thing when the caller's environment names that.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cli.environment import without_settings
from cli.logs import NewLines
from cli.ports import Ports
from cli.state import Addresses, Secrets, running_system
from sandbox import postgres, temporal
from sandbox.process import HOST, Child, ProcessError
from settings import ENV_FILE_VARIABLE

# The variable that makes each embedded part give way.
OUTSIDE = {
    "postgres": "DATABASE_URL",
    "temporal": "TEMPORAL_ADDRESS",
    "stripe": "STRIPE_SECRET_KEY",
    "cloudinary": "CLOUDINARY_URL",
    "mailbox": "SMTP_URL",
}
# What a sandbox makes up for itself besides.
OF_PRODUCTION = ("GRANT_SECRETS", "PUBLIC_URL")
TASK_QUEUE = "TEMPORAL_TASK_QUEUE"
STOREFRONT_DIR = "STOREFRONT_DIR"
# Where `npm run dev` shows the storefront while it is changed.
DEV_SERVERS = ("http://localhost:5173", "http://127.0.0.1:5173")
PAYLOAD_KEYS = "PAYLOAD_KEYS"
PORTS_OF = {"temporal": ("temporal", "temporal_ui"), "mailbox": ("mailbox", "smtp")}
# For glibc: else each thread of Temporal's library keeps a heap to itself, and what is freed stays
# with the process. That is 2 to 4 MB a server; the Dockerfile says the same.
FRUGAL_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "262144"}
ROOT = Path(__file__).resolve().parent.parent  # where our packages and worker.py are


@dataclass(frozen=True)
class System:
    """What a system is made of: its folder, ports and secrets, and what its caller has set."""

    data: Path
    ports: Ports
    secrets: Secrets
    caller: Mapping[str, str]
    demo_beats: bool = True
    pages: Path | None = None  # where the built storefront is, or will be
    builds_pages: bool = False
    is_prepared: bool = False  # by an earlier start: nobody needs to wait for that again

    def is_embedded(self, name: str) -> bool:
        return not self.caller.get(OUTSIDE[name])

    @property
    def embedded(self) -> list[str]:
        return [name for name in OUTSIDE if self.is_embedded(name)]

    @property
    def decodes(self) -> bool:
        """Whether the embedded Temporal's UI needs a codec server, as payloads are encrypted."""
        keys = self.caller.get(PAYLOAD_KEYS, "")
        return self.is_embedded("temporal") and keys.strip().lower() not in ("", "off")

    @property
    def publishes_beats(self) -> bool:
        """Whether it shows demo beats: in sandboxes only, never in a real account."""
        shown_in = ("postgres", "stripe", "cloudinary")
        return self.demo_beats and all(self.is_embedded(name) for name in shown_in)

    @property
    def shows_pages(self) -> bool:
        """Whether there is a shop to look at, or will be in a moment."""
        is_built = self.pages is not None and self.pages.exists()
        return is_built or self.builds_pages or bool(self.caller.get(STOREFRONT_DIR))

    @property
    def wanted_ports(self) -> set[str]:
        own = {"api", "codec"} if self.decodes else {"api"}
        return own.union(*(PORTS_OF.get(name, (name,)) for name in self.embedded))

    def url(self, name: str) -> str:
        """The base URL of a part that speaks HTTP here."""
        return f"http://{HOST}:{getattr(self.ports, name)}"

    def environment(self) -> dict[str, str]:
        """What our own programs get: the caller's variables, and ours for what is embedded."""
        defaults = {
            "BEATLINE_ENV": "development",
            "ALLOWED_ORIGINS": ",".join(self._own_sites()),
            "PUBLIC_URL": self.url("api"),
            "GRANT_SECRETS": self.secrets.grant_secret,
            "TEMPORAL_NAMESPACE": temporal.NAMESPACE,
            TASK_QUEUE: "beatline",
            **FRUGAL_MALLOC,
            **({STOREFRONT_DIR: str(self.pages)} if self.pages else {}),
        }
        caller = self.caller.items()
        given = {name: value for name, value in caller if value and not self._is_foreign(name)}
        embedded = self._embedded_environment()
        ours = [variable for name in self.embedded for variable in embedded[name].items()]
        address = {"API_HOST": HOST, "API_PORT": str(self.ports.api)}
        address[ENV_FILE_VARIABLE] = os.devnull  # it is read already, for all of us
        return defaults | given | dict(ours) | address | program_environment(self.caller, self.data)

    def _own_sites(self) -> tuple[str, ...]:
        """Where the shop is looked at here, by both of this machine's names."""
        return self.url("api"), f"http://localhost:{self.ports.api}", *DEV_SERVERS

    def _is_foreign(self, variable: str) -> bool:
        """Whether it is about a server of the caller's whose place an embedded one takes."""
        if variable == "DATABASE_REPLICA_URL" or variable.startswith("PG"):  # libpq's own
            return self.is_embedded("postgres")
        about_temporal = variable.startswith("TEMPORAL_") and variable != TASK_QUEUE
        return about_temporal and self.is_embedded("temporal")

    def _embedded_environment(self) -> dict[str, dict[str, str]]:
        ports, secrets = self.ports, self.secrets
        account = f"{secrets.cloudinary_api_key}:{secrets.cloudinary_api_secret}"
        cloud = f"{account}@{secrets.cloudinary_cloud}"
        return {
            "postgres": {"DATABASE_URL": postgres.url(ports.postgres, secrets.postgres_password)},
            "temporal": {
                "TEMPORAL_ADDRESS": f"{HOST}:{ports.temporal}",
                "TEMPORAL_CONFIG_FILE": os.devnull,
            },
            "stripe": {
                "STRIPE_SECRET_KEY": secrets.stripe_secret_key,
                "STRIPE_WEBHOOK_SECRET": secrets.stripe_webhook_secret,
                "STRIPE_API_BASE": self.url("stripe"),
                "STRIPE_CALLS_PER_SECOND": "1000",  # the emulator has no limit
            },
            "cloudinary": {
                "CLOUDINARY_URL": f"cloudinary://{cloud}?upload_prefix={self.url('cloudinary')}"
            },
            "mailbox": {
                "SMTP_URL": f"smtp://{HOST}:{ports.smtp}",
                "MAIL_FROM": self.caller.get("MAIL_FROM") or "receipts@beatline.example",
            },
        }

    def addresses(self) -> Addresses:
        """Where everything is, while this process keeps it up."""
        environment = self.environment()
        return Addresses(
            api=self.url("api"),
            docs=f"{self.url('api')}/docs",
            shop=f"{self.url('api')}/" if self.shows_pages else None,
            temporal=environment["TEMPORAL_ADDRESS"],
            temporal_ui=self.url("temporal_ui") if self.is_embedded("temporal") else None,
            temporal_namespace=environment["TEMPORAL_NAMESPACE"],
            stripe=environment.get("STRIPE_API_BASE", "https://api.stripe.com"),
            cloudinary=(
                self.url("cloudinary")
                if self.is_embedded("cloudinary")
                else without_credentials(environment["CLOUDINARY_URL"])
            ),
            mailbox=self.url("mailbox") if self.is_embedded("mailbox") else None,
            smtp=environment["SMTP_URL"],
            database_url=environment["DATABASE_URL"],
            codec=self.url("codec") if self.decodes else None,
            data=str(self.data),
            pid=os.getpid(),
        )


def plan(
    data: Path, ports: Ports, secrets: Secrets, caller: Mapping[str, str], demo_beats: bool = True
) -> System:
    """The system that this caller asks for.

    Raises ProcessError where it asks for half a Stripe, or for production on sandbox parts.
    """
    stripe = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
    if len({bool(caller.get(name)) for name in stripe}) > 1:
        raise ProcessError(f"set both {' and '.join(stripe)} to use Stripe itself, or neither")
    place = caller.get("BEATLINE_ENV") or "development"
    lacking = [name for name in (*OUTSIDE.values(), *OF_PRODUCTION) if not caller.get(name)]
    if place != "development" and lacking:
        raise ProcessError(f"{place} takes no part of a sandbox: set {', '.join(lacking)}")
    return System(data, ports, secrets, caller, demo_beats)


def program_environment(caller: Mapping[str, str], data: Path) -> dict[str, str]:
    """Has our programs find their own modules and each other, whatever the caller's folder holds.

    An import looks into our folder before any other, and no proxy stands between the parts.
    """
    path = [str(ROOT), *filter(None, [caller.get("PYTHONPATH")])]
    direct = ",".join([HOST, "localhost", *filter(None, [caller.get("NO_PROXY")])])
    environment = {
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "TYPER_STANDARD_TRACEBACK": "1",  # a log is no place for boxes
        "NO_PROXY": direct,
        "no_proxy": direct,
    }
    if caller.get("PYTHONDONTWRITEBYTECODE"):
        # To compile every library in every part at every start takes longer than all the rest;
        # among our data the compiled code is in nobody's way.
        bytecode = str(data / "bytecode")
        environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
    return environment


def without_credentials(url: str) -> str:
    """A URL as it may be shown to whoever looks over the shoulder."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@contextmanager
def running(
    data: Path,
    port_base: int,
    demo_beats: bool = True,
    progress: Callable[[str], None] = lambda line: None,
) -> Iterator[Addresses]:
    """Has `beatline up` run in the background: yields once it is ready, takes it down at the end.

    All of it is sandbox, whatever the caller's environment names; it serves the storefront if that
    is built. `progress` gets the lines that it prints. Raises ProcessError with the last ones if it
    fails.
    """
    log = data.resolve() / "up.log"
    log.unlink(missing_ok=True)
    lines = NewLines(log)
    options = ["--port-base", str(port_base), "--data", str(data.resolve()), "--no-build"]
    options += [] if demo_beats else ["--no-demo-beats"]
    command = [sys.executable, "-m", "cli.up", *options]

    def is_ready() -> bool:
        for line in lines.read():
            progress(line)
        return running_system(data) is not None

    environment = without_settings(os.environ)
    environment |= program_environment(environment, data)
    with Child(command, log, environment, stop_time=90) as launcher:
        launcher.wait_until(is_ready, within=120)
        addresses = running_system(data)
        if addresses is None or addresses.pid != launcher.pid:
            raise ProcessError(f"another system runs in {data}")
        yield addresses
