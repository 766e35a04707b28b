"""The keys with which what Temporal keeps is encrypted, as `PAYLOAD_KEYS` holds them."""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

KEY_BYTES = 32  # AES-256
MAX_ID = 64  # characters
OFF = "off"

_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_ID}}}")


@dataclass(frozen=True)
class KeyRing:
    """Keys by their ids, which are no secrets: `encrypting` names the one for what is written.

    Without one, what is written stays plain; all of the keys read what they once encrypted.
    """

    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    encrypting: str | None = None

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Reads `id:base64,id:base64 …`: the first key encrypts, or none if `off` comes first.

        Raises ValueError saying what is wrong, without a word of any key.
        """
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        is_off = bool(entries) and entries[0].lower() == OFF
        keys: dict[str, bytes] = {}
        for place, entry in enumerate(entries[is_off:], start=1 + is_off):
            key_id, key = _key(entry, place)
            if key_id in keys:
                raise ValueError(f"two keys are called {key_id}")
            keys[key_id] = key
        if not entries:
            raise ValueError(f"it holds no key; {OFF} if it is to hold none")
        return cls(keys, None if is_off else next(iter(keys)))


def new_key() -> str:
    """A fresh key under a fresh id, as an entry of `PAYLOAD_KEYS`."""
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return f"k{secrets.token_hex(4)}:{key}"


def _key(entry: str, place: int) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not _ID.fullmatch(key_id):
        # An id that is none may be a key whose id was forgotten: it is not repeated.
        raise ValueError(f"entry {place} is not of the form ID:KEY")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError(f"the key {key_id} is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key {key_id} has {len(key)} bytes, not {KEY_BYTES}")
    return key_id, key
