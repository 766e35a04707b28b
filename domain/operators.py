"""Who may read what is encrypted, as `CODEC_TOKENS` says it."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MIN_TOKEN = 32  # characters
OFF = "off"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(r"[!-+\--~]+")  # visible characters, but the comma


@dataclass(frozen=True)
class Operators:
    """Tokens by the names of those who hold them; without any, everybody is let in."""

    tokens: Mapping[str, str] = field(repr=False)

    @classmethod
    def everybody(cls) -> "Operators":
        return cls({})

    @classmethod
    def parse(cls, text: str) -> "Operators":
        """Reads `name:token,name:token …`, or `off` for everybody.

        Raises ValueError saying what is wrong, without a word of any token.
        """
        if text.strip().lower() == OFF:
            return cls.everybody()
        tokens: dict[str, str] = {}
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        for place, entry in enumerate(entries, start=1):
            name, colon, token = entry.partition(":")
            if not colon or not _NAME.fullmatch(name):
                raise ValueError(f"entry {place} is not of the form NAME:TOKEN")
            if name in tokens:
                raise ValueError(f"two tokens are {name}'s")
            if len(token) < MIN_TOKEN or not _TOKEN.fullmatch(token):
                raise ValueError(f"{name}'s token needs {MIN_TOKEN} or more visible characters")
            tokens[name] = token
        if not tokens:
            raise ValueError(f"it holds no token; {OFF} if everybody may read")
        return cls(tokens)

    def identify(self, authorization: str) -> str | None:
        """The operator whom an Authorization header names, by `Bearer` or `Basic`; or nobody."""
        if not self.tokens:
            return "anybody"
        scheme, _, given = authorization.partition(" ")
        match scheme.lower():
            case "bearer":
                return self._holder(given.strip())
            case "basic":
                name, _, token = _plain(given.strip()).partition(":")
                return name if self._holder(token) == name else None
            case _:
                return None

    def _holder(self, given: str) -> str | None:
        """Whose token it is; every token is compared, so that time tells nothing."""
        holders = [
            name
            for name, token in self.tokens.items()
            if hmac.compare_digest(token.encode(), given.encode())
        ]
        return holders[0] if holders else None


def _plain(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
