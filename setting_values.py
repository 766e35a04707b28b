"""How one value of the environment is read: lists, durations, addresses, rates, keys."""

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from limits import parse
from pydantic import AfterValidator, BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from domain.operators import Operators
from domain.origin import Origin
from domain.payload_keys import KeyRing
from gateways.mail_address import deliverable
from gateways.smtp_server import SmtpServer


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


def _key_ring(value: Any, info: ValidationInfo) -> Any:
    """Keys as the environment holds them; production is to say so if it wants none."""
    if value is None and info.data.get("env") != "development":
        raise PydanticCustomError("missing", "it is needed in production")
    if value is None:
        return KeyRing()
    return KeyRing.parse(value) if isinstance(value, str) else value


def _operators(value: Any, info: ValidationInfo) -> Any:
    """Who may use the codec server; without a word of it, whoever sits at this machine."""
    if value is None:
        is_local = info.data.get("codec_host") in ("127.0.0.1", "::1", "localhost")
        if info.data.get("env") != "development" or not is_local:
            raise PydanticCustomError("missing", "it is needed where others reach it")
        return Operators.everybody()
    return Operators.parse(value) if isinstance(value, str) else value


def _built(folder: Path, info: ValidationInfo) -> Path:
    """A folder of pages; while developing, they may be built a moment later."""
    if info.data.get("env") != "development" and not (folder / "index.html").is_file():
        raise ValueError("there is no index.html in it; `npm run build` in storefront/ makes one")
    return folder


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


SmtpUrl = Annotated[str, AfterValidator(lambda url: SmtpServer.from_url(url) and url)]
MailAddress = Annotated[str, AfterValidator(deliverable)]
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
PayloadKeys = Annotated[KeyRing, NoDecode, BeforeValidator(_key_ring)]
CodecTokens = Annotated[Operators, NoDecode, BeforeValidator(_operators)]
BuiltPages = Annotated[Path, AfterValidator(_built)]
Words = Annotated[list[str], NoDecode, BeforeValidator(_words)]
Origins = Annotated[Words, AfterValidator(_origins)]
Networks = Annotated[Words, AfterValidator(_networks)]
Minutes = Annotated[timedelta, _duration("minutes")]
Seconds = Annotated[timedelta, _duration("seconds")]
# Staging is production with Stripe's test keys.
Environment = Literal["development", "staging", "production"]
