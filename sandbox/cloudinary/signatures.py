"""Signatures as Cloudinary documents them, for API calls and for delivery URLs.

Sources: "Generating authentication signatures" and "Signed delivery URLs" in Cloudinary's docs.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from sandbox.cloudinary.refusals import Refusal

UNSIGNED_FIELDS = frozenset({"signature", "api_key", "file", "resource_type", "cloud_name"})
HEX_LENGTHS = {40: "sha1", 64: "sha256"}
SIGNATURE_LIFETIME = 3600  # seconds before and after the signed timestamp
SHORT_URL_SIGNATURE, LONG_URL_SIGNATURE = 8, 32  # characters


def string_to_sign(parameters: Mapping[str, str]) -> str:
    """Sorted `k=v` pairs without empty values, with each `&` inside a pair as `%26`."""
    pairs = (
        f"{name}={value}".replace("&", "%26")
        for name, value in parameters.items()
        if value and name not in UNSIGNED_FIELDS
    )
    return "&".join(sorted(pairs))


def equal(given: str, expected: str) -> bool:
    """Compare in constant time, whatever characters were given."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


@dataclass(frozen=True, slots=True)
class Credentials:
    """One product environment: its cloud name and its key pair."""

    cloud: str
    api_key: str
    api_secret: str

    def sign(self, parameters: Mapping[str, str], algorithm: str = "sha1") -> str:
        """Hex digest over the signed parameters and the secret."""
        signed = string_to_sign(parameters) + self.api_secret
        return hashlib.new(algorithm, signed.encode()).hexdigest()

    def check_signature(self, parameters: Mapping[str, str]) -> None:
        """Refuse a call whose key or signature is not ours."""
        for name in ("api_key", "signature", "timestamp"):
            if not parameters.get(name):
                raise Refusal(400, f"Missing required parameter - {name}")
        if not equal(parameters["api_key"], self.api_key):
            raise Refusal(401, f"Unknown API key {parameters['api_key']}")
        given = parameters["signature"]
        algorithm = HEX_LENGTHS.get(len(given))
        if algorithm is None or not equal(given, self.sign(parameters, algorithm)):
            signed = string_to_sign(parameters)
            raise Refusal(401, f"Invalid Signature {given}. String to sign - '{signed}'.")

    def check_delivery(self, given: str, path: str) -> None:
        """Refuse a delivery URL unless its `s--…--` part signs this path."""
        if not any(equal(given, right) for right in self.delivery_signatures(path)):
            raise Refusal(401, "Invalid or missing URL signature")

    def delivery_signatures(self, path: str) -> tuple[str, str, str]:
        """Short SHA-1 (the default), short and long SHA-256 over transformation, id and format."""
        signed = (quote(path, safe="/:") + self.api_secret).encode()
        sha1 = base64.urlsafe_b64encode(hashlib.sha1(signed).digest()).decode()  # noqa: S324
        sha256 = base64.urlsafe_b64encode(hashlib.sha256(signed).digest()).decode()
        return (
            sha1[:SHORT_URL_SIGNATURE],
            sha256[:SHORT_URL_SIGNATURE],
            sha256[:LONG_URL_SIGNATURE],
        )


def whole_seconds(parameters: Mapping[str, str], name: str) -> int:
    """Read a Unix time from a call's parameters."""
    if not re.fullmatch(r"[0-9]{1,11}", parameters[name]):
        raise Refusal(400, f"Invalid {name} - {parameters[name]}")
    return int(parameters[name])


def check_timestamp(parameters: Mapping[str, str], now: int) -> None:
    """Refuse a call that was signed more than an hour away from now (a Unix time)."""
    signed_at = whole_seconds(parameters, "timestamp")
    if now - signed_at > SIGNATURE_LIFETIME:
        reported = datetime.fromtimestamp(signed_at, UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
        raise Refusal(
            400, f"Stale request - reported time is {reported} which is more than 1 hour ago"
        )
    if signed_at - now > SIGNATURE_LIFETIME:
        raise Refusal(400, f"Invalid timestamp - {signed_at} is in the future")


def check_expiry(parameters: Mapping[str, str], now: int) -> None:
    """Refuse a download link after `expires_at`, or an hour after it was signed without one."""
    if not parameters.get("expires_at"):
        check_timestamp(parameters, now)
    elif now >= whole_seconds(parameters, "expires_at"):
        raise Refusal(401, "The download link has expired")
