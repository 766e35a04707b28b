"""What a program says to PostgreSQL, read just far enough to know when something is committed."""

import re
import struct
from collections.abc import Iterator

_HEAD = struct.Struct("!cI")
_WRITES = re.compile(rb"\s*(INSERT|UPDATE|DELETE|WITH\b.*?\b(INSERT INTO|UPDATE) )", re.DOTALL)


class Questions:
    """The messages of one connection, in the order in which they come.

    https://www.postgresql.org/docs/current/protocol-message-formats.html
    """

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}  # of the statements that were prepared
        self._is_in_transaction = False

    def commit(self, chunk: bytes) -> bool:
        """Whether something is committed by what is said: by COMMIT, or a write without BEGIN."""
        said = [self._commits(kind, payload) for kind, payload in _messages(chunk)]
        return any(said)

    def _commits(self, kind: bytes, payload: bytes) -> bool:
        match kind:
            case b"Q":
                return self._run(payload)
            case b"P":
                name, text, *_ = payload.split(b"\0")
                self._texts[name] = text
            case b"B":
                _, name, *_ = payload.split(b"\0")
                return self._run(self._texts.get(name, b""))
        return False

    def _run(self, text: bytes) -> bool:
        if text.startswith(b"BEGIN"):
            self._is_in_transaction = True
        elif text.startswith((b"COMMIT", b"ROLLBACK")):
            self._is_in_transaction = False
            return text.startswith(b"COMMIT")
        return not self._is_in_transaction and _WRITES.match(text) is not None


def _messages(chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The messages that are whole; those of the start, which have no kind, are passed over."""
    place = 0
    while place + _HEAD.size <= len(chunk):
        kind, length = _HEAD.unpack_from(chunk, place)
        if not kind.isalpha():
            return
        yield kind, chunk[place + _HEAD.size : place + 1 + length]
        place += 1 + length
