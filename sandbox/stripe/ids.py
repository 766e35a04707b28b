"""Unguessable ids in Stripe's manner."""

import secrets

_ALPHABET = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TO_ALPHABET = bytes(_ALPHABET[value % len(_ALPHABET)] for value in range(256))

_LENGTHS = {"cs_test_": 58, "prod_": 14, "req_": 14}
_OTHERWISE = 24


def new_id(prefix: str) -> str:
    """The prefix and letters or digits, some 5.9 random bits each."""
    length = _LENGTHS.get(prefix, _OTHERWISE)
    return prefix + secrets.token_bytes(length).translate(_TO_ALPHABET).decode("ascii")
