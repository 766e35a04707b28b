"""A mail server, as an SMTP_URL names it."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}
_FORM = "it must be of the form smtp://USER:PASSWORD@HOST:PORT?starttls=required, or smtps://…"


class Encryption(StrEnum):
    """How a connection comes to be encrypted; but for the first, these are `starttls=` values."""

    AT_ONCE = "at once"  # smtps
    REQUIRED = "required"  # STARTTLS, or nothing is sent
    AUTO = "auto"  # STARTTLS where the server offers it
    OFF = "off"


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """Reads an SMTP_URL; raises ValueError, which never quotes it, for an unusable one.

        Unless told otherwise, a password travels to another machine only under TLS.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(_FORM) from error
        host = parts.hostname or ""
        odd = not host.isascii() or not host.isprintable() or " " in host or ".." in host
        if parts.scheme not in _PORTS or not host or odd or parts.path.strip("/"):
            raise ValueError(_FORM)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        if password is not None and user is None:
            raise ValueError("it has a password but no user")
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            encryption=_encryption(parts.scheme, parts.query, exposed=bool(user) and _far(host)),
            user=user,
            password=password,
        )


def _encryption(scheme: str, query: str, *, exposed: bool) -> Encryption:
    """What a URL asks for; `exposed` says that a password would cross a network."""
    asked = parse_qs(query, keep_blank_values=True)
    if asked.keys() - {"starttls"}:
        raise ValueError("its only option is starttls")
    if scheme == "smtps":
        if asked:
            raise ValueError("it is encrypted at once: smtps takes no starttls")
        return Encryption.AT_ONCE
    default = Encryption.REQUIRED if exposed else Encryption.AUTO
    value = asked.get("starttls", [default])[-1]
    if value not in (Encryption.REQUIRED, Encryption.AUTO, Encryption.OFF):
        raise ValueError("its starttls must be required, auto or off")
    return Encryption(value)


def _far(host: str) -> bool:
    """Whether a host is, or may be, another machine."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
