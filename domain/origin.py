"""Where a page comes from: scheme, host and port."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

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
        if not parts.hostname.isascii():
            # One name in letters has several in ASCII, by the rules of different years.
            raise ValueError("its host must be spelled in ASCII, as browsers send it (xn--…)")
        port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
        return cls(parts.scheme, parts.hostname, port)

    def __str__(self) -> str:
        """As browsers spell it in their `Origin` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"
