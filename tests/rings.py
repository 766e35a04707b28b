"""Key rings for tests, by the ids of their keys."""

import base64
import hashlib

from domain.payload_keys import KeyRing

OLD, NEW = "k-old", "k-new"


def ring(*key_ids: str) -> KeyRing:
    """The same id is the same key in every ring; the first one encrypts."""
    return KeyRing.parse(entries(*key_ids))


def entries(*key_ids: str) -> str:
    """The same, as `PAYLOAD_KEYS` holds it."""
    keys = {key_id: hashlib.sha256(key_id.encode()).digest() for key_id in key_ids}
    return ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in keys.items())
