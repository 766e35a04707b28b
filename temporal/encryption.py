"""What Temporal keeps of our workflows, encrypted on its way there and decrypted on its way back.

Inputs, results, signals, updates, summaries, details and the messages of failures pass through
here. Ids, types, timestamps and search attributes do not: Temporal needs them itself.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from domain.payload_keys import MAX_ID, KeyRing

# Under these names Temporal's own tools know an encrypted payload and its key.
ENCODING = b"binary/encrypted"
KEY_ID = "encryption-key-id"
# Drawn at random for each payload: good for some 2^32 payloads a key.
NONCE_BYTES = 12


class PayloadUnreadable(Exception):
    """A payload cannot be decrypted with the keys at hand."""


class PayloadKeyMissing(PayloadUnreadable):
    def __init__(self, key_id: str) -> None:
        super().__init__(f"the payload key {key_id!r} is not in PAYLOAD_KEYS")
        self.key_id = key_id


class PayloadAltered(PayloadUnreadable):
    def __init__(self, key_id: str) -> None:
        super().__init__(f"a payload is not as the payload key {key_id!r} left it")
        self.key_id = key_id


class EncryptionCodec(PayloadCodec):
    """AES-256-GCM by a ring of keys. What is not encrypted is taken as it is."""

    def __init__(self, ring: KeyRing) -> None:
        self._encrypting = ring.encrypting
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if self._encrypting is None:
            return list(payloads)
        return [self._encrypted(payload, self._encrypting) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises PayloadUnreadable at the first one that no key at hand can read."""
        return [
            self._decrypted(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _encrypted(self, payload: Payload, key_id: str) -> Payload:
        nonce, name = os.urandom(NONCE_BYTES), key_id.encode()
        sealed = self._ciphers[key_id].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: name}, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        name = payload.metadata.get(KEY_ID, b"")
        key_id = name[:MAX_ID].decode(errors="replace")  # it is told, whatever it is
        if key_id not in self._ciphers:
            raise PayloadKeyMissing(key_id)
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(self._ciphers[key_id].decrypt(nonce, sealed, name))
        except (InvalidTag, ValueError, DecodeError) as error:
            raise PayloadAltered(key_id) from error


def data_converter(ring: KeyRing) -> DataConverter:
    """How clients and workers write and read; failures' words are encrypted with the rest."""
    if ring.encrypting is None:
        failures: type[DefaultFailureConverter] = DefaultFailureConverter
    else:
        failures = DefaultFailureConverterWithEncodedAttributes
    return DataConverter(payload_codec=EncryptionCodec(ring), failure_converter_class=failures)
