"""What an emulator is told at its start."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Endpoint:
    """Where webhooks go."""

    url: str
    events: tuple[str, ...] = ("*",)  # types, with * as a wildcard

    def wants(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.events)


@dataclass(frozen=True)
class Config:
    """Everything that an emulator depends on."""

    data: Path  # a folder, made when missing; None of it is shared with another process
    secret_key: str = field(repr=False)
    endpoints: tuple[Endpoint, ...] = ()
    webhook_secrets: tuple[str, ...] = field(
        default=(), repr=False
    )  # each signs, as while Stripe rotates a secret
    public_url: str | None = None  # of the payment page; None: as the caller addressed us
    settle_after: float = 5.0  # seconds until a bank debit succeeds or fails
    delivery_timeout: float = 10.0  # seconds
    retry_scale: float = 1.0  # multiplies the waits between attempts at a webhook

    def __post_init__(self) -> None:
        if not self.secret_key.startswith("sk_test_"):
            raise ValueError("the secret key must begin with sk_test_: this is no place for others")
        if self.endpoints and not (self.webhook_secrets and all(self.webhook_secrets)):
            raise ValueError("webhooks need a secret to sign them with")
