"""The ring of keys: what `PAYLOAD_KEYS` may hold, and what it never tells."""

import base64

import pytest

from domain.payload_keys import KEY_BYTES, KeyRing, new_key

KEY = base64.b64encode(b"k" * KEY_BYTES).decode()
OTHER = base64.b64encode(b"o" * KEY_BYTES).decode()


def test_the_first_key_encrypts_and_all_are_kept() -> None:
    ring = KeyRing.parse(f" new:{KEY}, old:{OTHER} ")
    assert ring == KeyRing({"new": b"k" * KEY_BYTES, "old": b"o" * KEY_BYTES}, "new")


def test_off_keeps_the_keys_that_follow_for_reading() -> None:
    assert KeyRing.parse("off") == KeyRing({}, None)
    assert KeyRing.parse(f"off,old:{KEY}") == KeyRing({"old": b"k" * KEY_BYTES}, None)


def test_a_key_that_was_made_is_one_that_is_taken() -> None:
    made = new_key()
    ring = KeyRing.parse(made)
    assert ring.encrypting == made.partition(":")[0]
    assert made != new_key()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no key"),
        (" , ", "no key"),
        (KEY, "entry 1 is not of the form"),
        (f"one:{KEY},{OTHER}", "entry 2 is not of the form"),
        (f"off,{OTHER}", "entry 2 is not of the form"),
        (f"one:{KEY},off", "entry 2 is not of the form"),
        (f"sp ace:{KEY}", "entry 1 is not of the form"),
        (f"{'x' * 65}:{KEY}", "entry 1 is not of the form"),
        ("one:", "the key one has 0 bytes"),
        (f"one:{KEY[:-8]}", "the key one has"),
        (f"one:{KEY}{KEY}", "the key one"),
        (f"one:{KEY[:-1]}", "the key one is not base64"),
        (f"one:*{KEY[1:]}", "the key one is not base64"),
        (f"one:{KEY},one:{OTHER}", "two keys are called one"),
    ],
)
def test_what_is_no_ring_is_refused_without_a_word_of_any_key(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        KeyRing.parse(text)
    assert KEY[:6] not in str(refused.value)
    assert OTHER[:6] not in str(refused.value)


def test_a_ring_that_is_printed_shows_no_key() -> None:
    assert repr(KeyRing.parse(f"new:{KEY}")) == "KeyRing(encrypting='new')"
