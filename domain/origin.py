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
        return cls(parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])
