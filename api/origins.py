"""Which addresses a buyer may be sent back to."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from api.errors import InvalidInput
from api.schemas.wire import FieldProblem

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Browsers read a backslash as a slash and drop control characters: neither is in an honest URL.
_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, as browsers compare them."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """The origin of an absolute http(s) URL; raises ValueError for anything else."""
        if _UNSAFE.search(url):
            raise ValueError("it holds characters that no URL has")
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("it must be an absolute http or https URL")
        if "@" in parts.netloc:
            raise ValueError("it must not hold credentials")
        return cls(parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])


class AllowedOrigins:
    """The origins that the operator named in ALLOWED_ORIGINS."""

    def __init__(self, urls: list[str]) -> None:
        self.urls = [url.rstrip("/") for url in urls]
        self._origins = frozenset(Origin.of(url) for url in urls)

    def require(self, **urls: str) -> None:
        """Raises InvalidInput for each field whose URL leads elsewhere."""
        problems = [
            FieldProblem(field=name, message=message)
            for name, url in urls.items()
            if (message := self._objection(url)) is not None
        ]
        if problems:
            raise InvalidInput(*problems)

    def _objection(self, url: str) -> str | None:
        try:
            origin = Origin.of(url)
        except ValueError as error:
            return f"This address cannot be used: {error}."
        if origin not in self._origins:
            return "This address is on a site that is not among the allowed origins."
        return None
