"""The codec by itself: what it writes nobody reads without the key, nor changes unnoticed."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from domain.payload_keys import KeyRing
from temporal.encryption import (
    EncryptionCodec,
    PayloadAltered,
    PayloadKeyMissing,
    data_converter,
)
from tests.rings import NEW, OLD, ring

VALUES = ["cs_secret", {"order_id": "ord_1"}, None, b"\x00\xff", "x" * 1_000_000]
PLAIN = data_converter(KeyRing())


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
async def test_what_is_written_is_read_again(value: object) -> None:
    converter = data_converter(ring(NEW))
    (payload,) = await converter.encode([value])
    assert payload.metadata["encoding"] == b"binary/encrypted"
    assert payload.metadata["encryption-key-id"] == NEW.encode()
    assert await converter.decode([payload]) == [value]


async def test_nothing_of_it_is_readable_and_no_two_are_alike() -> None:
    converter = data_converter(ring(NEW))
    first, second = await converter.encode(["cs_secret", "cs_secret"])
    assert first.data != second.data
    for text in (b"cs_secret", b"json/plain"):
        assert text not in first.SerializeToString()


async def test_after_a_rotation_the_old_key_still_reads() -> None:
    written = await data_converter(ring(OLD)).encode(["then"])
    rotated = data_converter(ring(NEW, OLD))
    assert await rotated.decode(written) == ["then"]
    (anew,) = await rotated.encode(["now"])
    assert anew.metadata["encryption-key-id"] == NEW.encode()


async def test_what_was_plain_before_is_still_read() -> None:
    written = await PLAIN.encode(VALUES)
    assert written[0].data == b'"cs_secret"'
    assert await data_converter(ring(NEW)).decode(written) == VALUES


async def test_switched_off_it_writes_plainly_and_still_reads() -> None:
    written = await data_converter(ring(OLD)).encode(["then"])
    off = data_converter(KeyRing(ring(OLD).keys, encrypting=None))
    assert await off.decode(written) == ["then"]
    assert await off.encode(["now"]) == await PLAIN.encode(["now"])


@pytest.mark.parametrize("keys", [KeyRing(), ring(NEW)], ids=["none", "another"])
async def test_a_missing_key_is_named(keys: KeyRing) -> None:
    written = await data_converter(ring(OLD)).encode(["then"])
    with pytest.raises(PayloadKeyMissing, match=f"'{OLD}' is not in PAYLOAD_KEYS") as missing:
        await data_converter(keys).decode(written)
    assert missing.value.key_id == OLD


def _cut(payload: Payload) -> None:
    payload.data = payload.data[:5]


def _emptied(payload: Payload) -> None:
    payload.data = b""


def _changed(payload: Payload) -> None:
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])


def _begun_otherwise(payload: Payload) -> None:
    payload.data = bytes([payload.data[0] ^ 1]) + payload.data[1:]


@pytest.mark.parametrize("change", [_cut, _emptied, _changed, _begun_otherwise])
async def test_what_was_altered_is_refused(change: object) -> None:
    codec = EncryptionCodec(ring(NEW))
    (payload,) = await codec.encode([Payload(data=b"cs_secret")])
    assert callable(change)
    change(payload)
    with pytest.raises(PayloadAltered, match=NEW):
        await codec.decode([payload])


async def test_a_payload_under_another_keys_name_is_refused() -> None:
    same = KeyRing({OLD: b"k" * 32, NEW: b"k" * 32}, NEW)
    codec = EncryptionCodec(same)
    (payload,) = await codec.encode([Payload(data=b"cs_secret")])
    payload.metadata["encryption-key-id"] = OLD.encode()
    with pytest.raises(PayloadAltered, match=OLD):
        await codec.decode([payload])


def _fail() -> None:
    try:
        int("inner-words")
    except ValueError as cause:
        raise ApplicationError("outer-words", "detail-words", type="Unavailable") from cause


async def test_a_failures_words_are_encrypted_with_its_causes_and_read_again() -> None:
    converter = data_converter(ring(NEW))
    failure = Failure()
    with pytest.raises(ApplicationError) as raised:
        _fail()
    await converter.encode_failure(raised.value, failure)
    told = failure.SerializeToString()
    assert b"Unavailable" in told  # types stay readable: the UI groups by them
    for words in (b"inner-words", b"outer-words", b"detail-words", b"test_encryption.py"):
        assert words not in told
    for reader in (converter, data_converter(KeyRing(ring(NEW).keys))):
        copy = Failure()
        copy.CopyFrom(failure)
        read = await reader.decode_failure(copy)
        assert isinstance(read, ApplicationError)
        assert (read.message, *read.details) == ("outer-words", "detail-words")
        assert "inner-words" in str(read.__cause__)
