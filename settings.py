"""What Beatline reads from its environment; `.env.example` documents every variable.

Each part of the system names the settings that it needs, and refuses to start without them.
"""

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal, Self, TypeVar

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.payload_keys import KeyRing
from gateways.smtp_server import SmtpServer
from setting_values import (
    BuiltPages,
    CloudinaryUrl,
    CodecTokens,
    Environment,
    MailAddress,
    Minutes,
    Networks,
    Origins,
    PayloadKeys,
    PostgresUrl,
    RateLimit,
    Seconds,
    SmtpUrl,
    Words,
)


class SettingsError(Exception):
    """The environment lacks something or holds something unusable; `faults` name it, each once."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("; ".join(self.faults))


# The file of variables that the environment itself does not set; `BEATLINE_ENV_FILE` moves it.
ENV_FILE_VARIABLE = "BEATLINE_ENV_FILE"


def env_file() -> str:
    return os.environ.get(ENV_FILE_VARIABLE, ".env")


def environment() -> dict[str, str]:
    """The environment, and what that file adds to it."""
    added = {name: value for name, value in dotenv_values(env_file()).items() if value is not None}
    return added | os.environ


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=env_file(), extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    env: Environment = Field("development", validation_alias="BEATLINE_ENV")


class LogSettings(_Settings):
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "text"] = "auto"

    @property
    def json_logs(self) -> bool:
        if self.log_format == "auto":
            return self.env != "development"
        return self.log_format == "json"


class DatabaseSettings(_Settings):
    database_url: PostgresUrl
    database_replica_url: PostgresUrl | None = None
    database_pool_size: int = Field(10, ge=1, le=200)


class PayloadSettings(_Settings):
    """With which keys everything is written to Temporal, and read again."""

    payload_keys: PayloadKeys = Field(None)


class TemporalSettings(PayloadSettings):
    """Address, TLS, API key and the rest follow Temporal's own environment configuration."""

    temporal_address: str
    temporal_task_queue: str = "beatline"

    @property
    def environment(self) -> dict[str, str]:
        """What Temporal's own configuration is read from."""
        return environment()


class ReconciliationSettings(_Settings):
    reconcile_every: Minutes = Field(
        timedelta(minutes=30), validation_alias="RECONCILE_MINUTES", ge=timedelta(minutes=1)
    )
    reconcile_hours: int = Field(720, ge=1, le=24 * 30)  # Stripe remembers events for 30 days


class CodecSettings(PayloadSettings):
    """The codec server: to whom it decrypts, and which sites' pages may ask it."""

    codec_host: str = "127.0.0.1"
    codec_port: int = Field(8081, ge=1, le=65535)
    codec_tokens: CodecTokens = Field(None)
    codec_origins: Origins

    @field_validator("payload_keys")
    @classmethod
    def _something_to_decrypt_with(cls, value: KeyRing) -> KeyRing:
        if not value.keys:
            raise ValueError("it holds no key: there is nothing to decrypt with")
        return value


TEST_KEYS = ("sk_test_", "rk_test_")


class StripeSettings(_Settings):
    stripe_secret_key: str
    stripe_api_base: str | None = None
    checkout_session_lifetime: Minutes = Field(
        timedelta(hours=12), validation_alias="CHECKOUT_SESSION_MINUTES"
    )
    stripe_calls_per_second: int = Field(20, ge=1, le=10_000)

    @model_validator(mode="after")
    def _fit_for_stripe(self) -> Self:
        # Stripe takes 30 minutes to 24 hours; the rest is room for a slow start and two clocks.
        if not timedelta(hours=2) <= self.checkout_session_lifetime <= timedelta(hours=23):
            raise ValueError("CHECKOUT_SESSION_MINUTES must be 120 to 1380 minutes")
        if self.env != "development" and self.stripe_api_base is not None:
            raise ValueError("STRIPE_API_BASE is the sandbox's: production takes none")
        if self.env == "production" and self.stripe_secret_key.startswith(TEST_KEYS):
            raise ValueError(
                "STRIPE_SECRET_KEY is a test key, with which anybody pays by a test card: "
                "BEATLINE_ENV=staging takes it"
            )
        return self


class WebhookSettings(_Settings):
    stripe_webhook_secret: Words

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _not_empty(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("at least one secret is needed")
        return value


class CloudinarySettings(_Settings):
    cloudinary_url: CloudinaryUrl
    asset_check_every: Minutes = Field(
        timedelta(minutes=60), validation_alias="ASSET_CHECK_MINUTES", ge=timedelta(0)
    )

    @model_validator(mode="after")
    def _outside_the_sandbox(self) -> Self:
        if self.env != "development" and "upload_prefix=http://" in self.cloudinary_url:
            raise ValueError("CLOUDINARY_URL names the sandbox's emulator: production takes none")
        return self


class MailSettings(_Settings):
    """Without a server no receipts are sent, and the orders say so."""

    smtp_url: SmtpUrl | None = None
    mail_from: MailAddress | None = None
    shop_name: str = Field("Beatline", max_length=60)

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("MAIL_FROM is not set: mail through SMTP_URL needs a sender")
        return self

    @property
    def smtp_server(self) -> SmtpServer | None:
        return SmtpServer.from_url(self.smtp_url) if self.smtp_url else None


class ApiSettings(_Settings):
    api_host: str = "127.0.0.1"
    api_port: int = Field(8000, ge=1, le=65535)
    public_url: str | None = None
    allowed_origins: Origins
    grant_secrets: Words
    grant_lifetime: Minutes = Field(
        timedelta(minutes=30), validation_alias="DOWNLOAD_MINUTES", gt=timedelta(0)
    )
    allowed_hosts: Words = Field(default_factory=lambda: ["*"])
    trusted_proxies: Networks = Field(default_factory=list)
    api_docs: bool = True
    storefront_dir: BuiltPages | None = None
    rate_limit_storage_uri: str = "memory://"
    rate_limit_checkout: RateLimit = "3000/minute"
    rate_limit_orders: RateLimit = "6000/minute"
    rate_limit_downloads: RateLimit = "6000/minute"
    rate_limit_events: RateLimit = "1200/minute"
    rate_limit_webhook_rejects: RateLimit = "300/minute"
    rate_limit_wrong_emails: RateLimit = "20 per 15 minutes"
    rate_limit_receipts: RateLimit = "5/hour"
    checkout_patience: Seconds = Field(
        timedelta(seconds=2.5),
        validation_alias="CHECKOUT_PATIENCE_SECONDS",
        gt=timedelta(0),
        le=timedelta(seconds=2.7),  # every request is answered within three seconds
    )

    @model_validator(mode="after")
    def _known_to_the_outside(self) -> Self:
        if self.env != "development" and self.public_url is None:
            raise ValueError("PUBLIC_URL is not set: links would follow whatever host a call names")
        return self

    @field_validator("grant_secrets")
    @classmethod
    def _strong(cls, value: list[str]) -> list[str]:
        if not value or any(len(secret) < 32 for secret in value):
            raise ValueError("one or more secrets of at least 32 characters are needed")
        return value


# What each program needs. Asked for before its modules are imported: Cloudinary's library reads
# the environment when it is imported, and breaks on what it finds unfit.
API_PARTS: tuple[type[BaseSettings], ...] = (
    ApiSettings,
    DatabaseSettings,
    TemporalSettings,
    WebhookSettings,
    CloudinarySettings,
)
WORKER_PARTS: tuple[type[BaseSettings], ...] = (
    DatabaseSettings,
    StripeSettings,
    TemporalSettings,
    CloudinarySettings,
    MailSettings,
)
SETUP_PARTS: tuple[type[BaseSettings], ...] = (TemporalSettings, ReconciliationSettings)
PUBLISH_PARTS: tuple[type[BaseSettings], ...] = (
    DatabaseSettings,
    StripeSettings,
    CloudinarySettings,
)

Part = TypeVar("Part", bound=BaseSettings)


def require(*parts: type[BaseSettings]) -> None:
    """Raises SettingsError with the faults of all these parts, so that one look mends them."""
    faults: list[str] = []
    for part in parts:
        try:
            load(part)
        except SettingsError as error:
            faults += error.faults
    if faults:
        raise SettingsError(faults)


def load(part: type[Part]) -> Part:
    """Reads one part's settings; raises SettingsError naming every variable at fault."""
    try:
        return part()
    except ValidationError as error:
        raise SettingsError(_fault(fault) for fault in error.errors()) from error


def variables() -> set[str]:
    """The name of every variable that any part reads."""
    every: set[type[BaseSettings]] = {LogSettings, CodecSettings, *API_PARTS, *WORKER_PARTS}
    every |= {*SETUP_PARTS, *PUBLISH_PARTS}
    return {
        str(field.validation_alias or name).upper()
        for part in every
        for name, field in part.model_fields.items()
    }


def _fault(fault: Any) -> str:
    name = ".".join(str(part) for part in fault["loc"]).upper()
    if fault["type"] == "missing":
        return f"{name} is not set"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
