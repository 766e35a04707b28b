"""Signatures, checked against computations that share no code with the emulator."""

import base64
import hashlib

import pytest

from sandbox.cloudinary.refusals import Refusal
from sandbox.cloudinary.signatures import (
    check_expiry,
    check_timestamp,
    string_to_sign,
)
from tests.sandbox.cloudinary.conftest import CREDENTIALS, sha1

CALL = {
    "attachment": "true",
    "expires_at": "2000000000",
    "format": "mp4",
    "public_id": "courses/l1",
    "timestamp": "1700000000",
    "type": "authenticated",
}


def test_the_published_vector_is_signed_as_cloudinary_signs_it() -> None:
    assert CREDENTIALS.sign(CALL) == "9880818fc427fd9481ce9d2f26771e5e1824c762"


def test_both_digests_of_the_same_call_are_taken() -> None:
    text = b"public_id=a&timestamp=17s3cr3t-api"
    call = {"public_id": "a", "timestamp": "17", "api_key": CREDENTIALS.api_key}
    for digest in (sha1(text).hex(), hashlib.sha256(text).hexdigest()):
        CREDENTIALS.check_signature({**call, "signature": digest})


def test_an_ampersand_in_a_value_can_not_smuggle_a_parameter() -> None:
    honest = string_to_sign({"public_id": "a&type=upload", "timestamp": "1"})
    smuggled = string_to_sign({"public_id": "a", "type": "upload", "timestamp": "1"})
    assert honest == "public_id=a%26type=upload&timestamp=1"
    assert honest != smuggled


@pytest.mark.parametrize("name", ["public_id", "expires_at", "format", "type", "attachment"])
def test_any_altered_parameter_breaks_the_signature(name: str) -> None:
    signed = CALL | {"api_key": CREDENTIALS.api_key, "signature": CREDENTIALS.sign(CALL)}
    CREDENTIALS.check_signature(signed)
    with pytest.raises(Refusal, match="Invalid Signature") as refusal:
        CREDENTIALS.check_signature(signed | {name: "2000000001"})
    assert refusal.value.status == 401


@pytest.mark.parametrize("signature", ["é" * 40, "0" * 40, "0" * 39, "\udcff" * 64])
def test_nonsense_in_place_of_a_signature_is_refused(signature: str) -> None:
    with pytest.raises(Refusal) as refusal:
        CREDENTIALS.check_signature(CALL | {"api_key": "k-1234", "signature": signature})
    assert refusal.value.status == 401


def test_another_key_is_unknown() -> None:
    with pytest.raises(Refusal, match="Unknown API key other") as refusal:
        CREDENTIALS.check_signature(CALL | {"api_key": "other", "signature": "0" * 40})
    assert refusal.value.status == 401


@pytest.mark.parametrize(("age", "taken"), [(0, True), (3600, True), (3601, False), (-3601, False)])
def test_a_signed_call_is_good_for_an_hour(age: int, taken: bool) -> None:
    call = {"timestamp": "1700000000"}
    if taken:
        check_timestamp(call, 1_700_000_000 + age)
    else:
        with pytest.raises(Refusal) as refusal:
            check_timestamp(call, 1_700_000_000 + age)
        assert refusal.value.status == 400


@pytest.mark.parametrize("timestamp", ["", "soon", "-5", "1e9", "٣", "9" * 40])
def test_a_timestamp_that_is_no_unix_time_is_refused(timestamp: str) -> None:
    with pytest.raises(Refusal, match="Invalid timestamp"):
        check_timestamp({"timestamp": timestamp}, 1_700_000_000)


def test_expires_at_replaces_the_hour() -> None:
    check_expiry(CALL, 1_999_999_999)
    with pytest.raises(Refusal, match="expired") as refusal:
        check_expiry(CALL, 2_000_000_000)
    assert refusal.value.status == 401


def test_delivery_signatures_are_prefixes_of_the_digests() -> None:
    text = b"beats/se%C3%B1al.pngs3cr3t-api"
    short = base64.urlsafe_b64encode(sha1(text)).decode()
    long = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode()
    assert CREDENTIALS.delivery_signatures("beats/señal.png") == (
        short[:8],
        long[:8],
        long[:32],
    )
