"""What must be done once before a system can serve, and whether this folder has seen it done.

Migrating, setting Temporal up and publishing the demo beats take most of a start's processor time,
and at a second start find nothing to do. Nobody waits for them then: they look after the servers
have started, and mend what somebody has undone meanwhile.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cli.environment import settings_in
from cli.supervisor import Part
from cli.system import ROOT, System

STAMP = "prepared"
TASKS = ("migrate", "setup", "beats", "publish")
UNHURRIED_SECONDS = 600.0
PAUSE_SECONDS = 12.0  # as long as servers may take to start, and far less than they are given
# Where the embedded parts keep what was prepared.
_STORES = ("postgres/cluster", "temporal/temporal.db", "stripe", "cloudinary/assets")
_ROOMS = (
    "activities",
    "api",
    "cli",
    "database",
    "domain",
    "gateways",
    "sandbox",
    "temporal",
    "workflows",
)


def take_stamp(system: System) -> bool:
    """Whether all was prepared here, by this very code and for these settings.

    It is forgotten until `stamp` tells it again, so that a start that fails is followed by a whole
    one. Of servers that are not ours nobody can tell here what has become of them.
    """
    file = system.data / STAMP
    told = file.read_text() if file.exists() else ""
    file.unlink(missing_ok=True)
    is_ours = system.is_embedded("postgres") and system.is_embedded("temporal")
    return is_ours and told == _fingerprint(system, code_now())


def stamp(system: System, code: str) -> None:
    """Remembers that all was prepared, by the code that `code_now` found before that."""
    (system.data / STAMP).write_text(_fingerprint(system, code))


def code_now() -> str:
    """A fingerprint of our code, as it stands in its files."""
    files = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in _code()]
    return _hashed(files)


def afterwards(task: Part) -> Part:
    """A task that looks whether all is as it left it, while others serve already.

    It takes what processor time the servers leave, however long that is: whoever is ready may have
    buyers. What makes the stores usable waits for no server, since none serves without it, but
    lets them start first.
    """
    servers = ("api", "worker") if task.name in ("beats", "publish") else ()
    nice = shutil.which("nice")
    command = [nice, "-n", "19", *task.command] if nice else task.command
    return replace(
        task,
        command=command,
        needs=(*task.needs, *servers),
        is_vital=False,
        pause=0.0 if servers else PAUSE_SECONDS,
        start_time=UNHURRIED_SECONDS,
    )


def _fingerprint(system: System, code: str) -> str:
    """Of our code, of the settings, and of the files in which each store began."""
    stores = [system.data / name for name in _STORES]
    known = {
        "code": code,
        "beats": system.publishes_beats,
        "settings": sorted(settings_in(system.environment()).items()),
        "stores": [path.stat().st_ino if path.exists() else None for path in stores],
    }
    return _hashed(known)


def _hashed(known: object) -> str:
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _code() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*.py"))
    for room in _ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
