"""MIME: a letter as the bytes that a mail server is handed.

Python's mail library parses each header into a tree and folds the tree into lines, which took
longer than all else about a letter. Here it sees only the headers that are no line as they stand.
"""

import quopri
from collections.abc import Mapping
from email.policy import SMTP, SMTPUTF8

WIDTH = 78  # characters of a header's line, beyond which it is folded (RFC 5322, 2.1.1)

# No body can hold it: in quoted-printable an "=" is followed by a digit or a line break.
_BOUNDARY = "=_beatline"


def alternatives(headers: Mapping[str, str], text: str, html: str, *, utf8: bool) -> bytes:
    """One letter told twice, as multipart/alternative; its lines end as SMTP's do.

    The headers' values are one line each, with nothing in it to be decoded. With utf8 they may go
    out in UTF-8 (RFC 6532); else all is ASCII.
    """
    head = {
        **headers,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
        "Content-Language": "en",
    }
    lines = "".join(_line(name, value, utf8=utf8) for name, value in head.items())
    end = f"\r\n--{_BOUNDARY}--\r\n"
    return lines.encode() + _part("plain", text) + _part("html", html) + end.encode()


def _line(name: str, value: str, *, utf8: bool) -> str:
    """A header; encoded and folded where it has to be."""
    line = f"{name}: {value}"
    if line.isascii() and line.isprintable() and len(line) <= WIDTH:
        return f"{line}\r\n"
    policy = SMTPUTF8 if utf8 else SMTP
    folded: str = policy.fold(*policy.header_store_parse(name, value))
    return folded


def _part(kind: str, text: str) -> bytes:
    head = (
        f"\r\n--{_BOUNDARY}\r\n"
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    body = b"\r\n".join(text.encode().splitlines()) + b"\r\n"
    return head.encode() + quopri.encodestring(body)
