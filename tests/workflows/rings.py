"""Key rings for tests, by the ids of their keys."""

import hashlib

from workflows.payload_keys import KeyRing

OLD, NEW = "k-old", "k-new"


def ring(*key_ids: str) -> KeyRing:
    """The same id is the same key in every ring; the first one encrypts."""
    keys = {key_id: hashlib.sha256(key_id.encode()).digest() for key_id in key_ids}
    return KeyRing(keys, next(iter(keys), None))
