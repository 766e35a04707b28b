"""What a data folder remembers: whether a system runs on it, where that is, and its secrets."""

import fcntl
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.process import exclusive, write_private

LOCK, SYSTEM, SECRETS, ENVIRONMENT = "lock", "system.json", "secrets.json", "environment.json"


@dataclass(frozen=True)
class Addresses:
    """Where each part of a running system is; None for a part that is someone else's."""

    api: str
    docs: str
    shop: str | None
    temporal: str
    temporal_ui: str | None
    temporal_namespace: str
    stripe: str
    cloudinary: str
    mailbox: str | None
    smtp: str
    database_url: str
    codec: str | None
    data: str
    pid: int


@dataclass(frozen=True)
class Secrets:
    """Made once for a data folder; nothing outside it ever accepts them."""

    postgres_password: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    cloudinary_cloud: str
    cloudinary_api_key: str
    cloudinary_api_secret: str
    grant_secret: str

    @classmethod
    def new(cls) -> "Secrets":
        return cls(
            postgres_password=secrets.token_urlsafe(24),
            stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
            cloudinary_cloud="beatline-sandbox",
            cloudinary_api_key=str(secrets.randbelow(9 * 10**14) + 10**14),
            cloudinary_api_secret=secrets.token_urlsafe(24),
            grant_secret=secrets.token_urlsafe(32),
        )


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """Holds the folder for one system; raises ProcessError where one runs already."""
    with exclusive(data / LOCK):
        withdraw(data)  # what a launcher that was killed had left
        yield


def is_locked(data: Path) -> bool:
    """Whether a launcher, ready or not, holds the folder."""
    try:
        with (data / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def running_system(data: Path) -> Addresses | None:
    """Where the system of this folder is, if one runs and is ready."""
    try:
        text = (data / SYSTEM).read_text()
    except FileNotFoundError:
        return None
    return Addresses(**json.loads(text)) if is_locked(data) else None


def announce(data: Path, addresses: Addresses) -> None:
    write_private(data / SYSTEM, json.dumps(asdict(addresses), indent=2) + "\n")


def withdraw(data: Path) -> None:
    for name in (SYSTEM, ENVIRONMENT):
        (data / name).unlink(missing_ok=True)


def keep_environment(data: Path, environment: Mapping[str, str]) -> None:
    """Keeps what the system's programs are given, for commands that are run beside it."""
    write_private(data / ENVIRONMENT, json.dumps(environment, indent=2) + "\n")


def kept_environment(data: Path) -> dict[str, str]:
    """What the programs of the system that runs on this folder were given."""
    kept: dict[str, str] = json.loads((data / ENVIRONMENT).read_text())
    return kept


def load_secrets(data: Path) -> Secrets:
    """The folder's secrets; those that it lacks are made and kept."""
    path = data / SECRETS
    kept = json.loads(path.read_text()) if path.exists() else {}
    complete = asdict(Secrets.new()) | kept
    if complete != kept:
        write_private(path, json.dumps(complete, indent=2) + "\n")
    return Secrets(**complete)
