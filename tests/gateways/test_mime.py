"""MIME, held against what Python's mail library makes of the same letter."""

import email
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateways.mail import _header
from gateways.mime import alternatives

MIME = b"\r\nMIME-Version: 1.0\r\n"
NAMES = st.text(max_size=120).map(_header)


def reference(headers: Mapping[str, str], text: str, html: str, *, utf8: bool) -> bytes:
    message = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = "en"
    return message.as_bytes()


def read(letter: bytes) -> EmailMessage:
    message = email.message_from_bytes(letter, policy=SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


def told(message: EmailMessage) -> list[tuple[str, str, str]]:
    """The parts: of what kind, encoded how, and what they say."""
    return [
        (part["Content-Type"], part["Content-Transfer-Encoding"], part.get_content())
        for part in message.iter_parts()
    ]


@given(name=NAMES, text=st.text(), html=st.text(), utf8=st.booleans())
@example("Beat Shop", "one \n.\n\nFrom two\t\r\n=_beatline", "x" * 77 + " \n--=_beatline", False)
@example("Bèat, Shöp & Söhne", " ", "", True)
def test_a_letter_is_what_pythons_mail_library_makes_of_it(
    name: str, text: str, html: str, utf8: bool
) -> None:
    headers = {
        "From": str(Address(name, "receipts", "shop.example")),
        "To": f"{'a' * 64}@example.com",
        "Subject": f"Your receipt from {name}",
        "Date": "Sun, 01 Mar 2026 12:30:00 +0000",
        "Message-ID": "<receipt.ord_1.7@shop.example>",
        "Auto-Submitted": "auto-generated",
    }
    ours = alternatives(headers, text, html, utf8=utf8)
    theirs = reference(headers, text, html, utf8=utf8)
    assert ours.partition(MIME)[0] == theirs.partition(MIME)[0]
    assert told(read(ours)) == told(read(theirs))
    assert read(ours)["Content-Language"] == "en"
    assert read(ours).defects == []
    assert max(map(len, ours.partition(MIME)[2].split(b"\r\n"))) <= 76


def test_no_header_adds_another() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        alternatives({"Subject": "x\r\nBcc: other@example.com"}, "", "", utf8=False)
