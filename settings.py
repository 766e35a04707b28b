"""What Beatline reads from its environment; `.env.example` documents every variable.

Each part of the system names the settings that it needs, and refuses to start without them.
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from limits import parse
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.origin import Origin


class SettingsError(Exception):
    """The environment lacks something or holds something unusable; `faults` name it, each once."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("; ".join(self.faults))


def _words(value: Any) -> Any:
    """A comma-separated list from the environment, as a list."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return value


def _duration(unit: str) -> BeforeValidator:
    """A number of `unit` from the environment, as a timedelta."""

    def read(value: Any) -> Any:
        return timedelta(**{unit: float(value)}) if isinstance(value, str) else value

    return BeforeValidator(read)


def _origins(urls: list[str]) -> list[str]:
    """Sites by their URLs; raises ValueError for what is none."""
    for url in urls:
        try:
            Origin.of(url)
        except ValueError as error:
            raise ValueError(f"{url}: {error}") from error
    if not urls:
        raise ValueError("at least one site is needed")
    return urls


def _networks(names: list[str]) -> list[str]:
    """Addresses and networks; `*` is none, since it would believe whatever a client claims."""
    for name in names:
        ipaddress.ip_network(name)
    return names


def _of_form(pattern: str, form: str) -> AfterValidator:
    """A text that begins like `pattern`, which is told as `form`."""

    def check(value: str) -> str:
        if not re.match(pattern, value):
            raise ValueError(f"it must be of the form {form}")
        return value

    return AfterValidator(check)


def _rate(value: str) -> str:
    """A limit such as `100/minute`, or `off`, which is an empty one here."""
    if value.lower() == "off":
        return ""
    parse(value)
    return value


RateLimit = Annotated[str, AfterValidator(_rate)]
PostgresUrl = Annotated[
    str,
    _of_form(
        r"postgres(ql)?(\+psycopg)?://[^/?#]*(/[^#]*)?$", "postgresql://USER:PASSWORD@HOST/DATABASE"
    ),
]
CloudinaryUrl = Annotated[
    str, _of_form(r"cloudinary://[^:@/]+:[^@/]+@[^/?#]+", "cloudinary://KEY:SECRET@CLOUD")
]
Words = Annotated[list[str], NoDecode, BeforeValidator(_words)]
Minutes = Annotated[timedelta, _duration("minutes")]
Seconds = Annotated[timedelta, _duration("seconds")]
Environment = Literal["development", "production"]


# The file of variables that the environment itself does not set; `BEATLINE_ENV_FILE` moves it.
ENV_FILE_VARIABLE = "BEATLINE_ENV_FILE"


def env_file() -> str:
    return os.environ.get(ENV_FILE_VARIABLE, ".env")


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
            return self.env == "production"
        return self.log_format == "json"


class DatabaseSettings(_Settings):
    database_url: PostgresUrl
    database_replica_url: PostgresUrl | None = None
    database_pool_size: int = Field(10, ge=1, le=200)


class TemporalSettings(_Settings):
    """Address, TLS, API key and the rest follow Temporal's own environment configuration."""

    temporal_address: str
    temporal_task_queue: str = "beatline"


class StripeSettings(_Settings):
    stripe_secret_key: str
    stripe_api_base: str | None = None
    checkout_session_lifetime: Minutes = Field(
        timedelta(hours=12), validation_alias="CHECKOUT_SESSION_MINUTES"
    )

    @model_validator(mode="after")
    def _fit_for_stripe(self) -> Self:
        # Stripe takes 30 minutes to 24 hours; the rest is room for a slow start and two clocks.
        if not timedelta(hours=2) <= self.checkout_session_lifetime <= timedelta(hours=23):
            raise ValueError("CHECKOUT_SESSION_MINUTES must be 120 to 1380 minutes")
        if self.env == "production" and self.stripe_api_base is not None:
            raise ValueError("STRIPE_API_BASE is the sandbox's: production takes none")
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

    @model_validator(mode="after")
    def _outside_the_sandbox(self) -> Self:
        if self.env == "production" and "upload_prefix=http://" in self.cloudinary_url:
            raise ValueError("CLOUDINARY_URL names the sandbox's emulator: production takes none")
        return self


class ApiSettings(_Settings):
    api_host: str = "127.0.0.1"
    api_port: int = Field(8000, ge=1, le=65535)
    public_url: str | None = None
    allowed_origins: Annotated[Words, AfterValidator(_origins)]
    grant_secrets: Words
    grant_lifetime: Minutes = Field(
        timedelta(minutes=30), validation_alias="DOWNLOAD_MINUTES", gt=timedelta(0)
    )
    allowed_hosts: Words = Field(default_factory=lambda: ["*"])
    trusted_proxies: Annotated[Words, AfterValidator(_networks)] = Field(default_factory=list)
    api_docs: bool | None = None
    rate_limit_storage_uri: str = "memory://"
    rate_limit_checkout: RateLimit = "3000/minute"
    rate_limit_orders: RateLimit = "6000/minute"
    rate_limit_downloads: RateLimit = "6000/minute"
    rate_limit_webhook_rejects: RateLimit = "300/minute"
    rate_limit_wrong_emails: RateLimit = "20 per 15 minutes"
    checkout_patience: Seconds = Field(
        timedelta(seconds=2.5),
        validation_alias="CHECKOUT_PATIENCE_SECONDS",
        gt=timedelta(0),
        le=timedelta(seconds=2.7),  # every request is answered within three seconds
    )

    @model_validator(mode="after")
    def _known_to_the_outside(self) -> Self:
        if self.env == "production" and self.public_url is None:
            raise ValueError("PUBLIC_URL is not set: links would follow whatever host a call names")
        return self

    @property
    def shows_docs(self) -> bool:
        """Whether the API's documents are served: in production only when asked for."""
        return self.env != "production" if self.api_docs is None else self.api_docs

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
)
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
    every: set[type[BaseSettings]] = {LogSettings, *API_PARTS, *WORKER_PARTS, *PUBLISH_PARTS}
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
