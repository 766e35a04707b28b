"""The letters on disk, one `.eml` file each, and how they are read."""

import email
import email.policy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from secrets import token_hex

from sandbox.durable import sync_folder, write_durably


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was taken; `to` holds the addresses that SMTP named, blind copies too."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    received_at: datetime
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes


class Letters:
    """All letters of one folder, newest first. Ids sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, recipients: list[str], content: bytes) -> str:
        """Write a letter durably and give its id; the envelope is kept as headers."""
        letter_id = f"{time.time_ns():020d}-{token_hex(4)}"
        envelope = "".join(f"Delivered-To: {address}\r\n" for address in recipients)
        write_durably(self._path(letter_id), envelope.encode() + content)
        return letter_id

    def all(self, recipient: str | None = None) -> Iterator[Letter]:
        """Every letter, or those to one address, regardless of case."""
        wanted = None if recipient is None else recipient.strip().lower()
        for path in sorted(self._folder.glob("*.eml"), reverse=True):
            letter = read_letter(path.stem, path.read_bytes())
            if wanted is None or wanted in (address.lower() for address in letter.to):
                yield letter

    def get(self, letter_id: str) -> Letter | None:
        """Find a letter by its id."""
        # Listed rather than opened, so that no id can point out of the folder.
        path = next((each for each in self._folder.glob("*.eml") if each.stem == letter_id), None)
        return read_letter(letter_id, path.read_bytes()) if path else None

    def clear(self) -> int:
        """Throw all letters away; gives how many."""
        paths = list(self._folder.glob("*.eml"))
        for path in paths:
            path.unlink()
        sync_folder(self._folder)
        return len(paths)

    def _path(self, letter_id: str) -> Path:
        return self._folder / f"{letter_id}.eml"


def read_letter(letter_id: str, raw: bytes) -> Letter:
    """Parse what is on disk; whatever a sender got wrong, something can be shown."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    nanoseconds = int(letter_id.partition("-")[0])
    return Letter(
        id=letter_id,
        sender=str(message.get("From", "")),
        to=tuple(address for _, address in getaddresses(message.get_all("Delivered-To", []))),
        subject=str(message.get("Subject", "")),
        received_at=datetime.fromtimestamp(nanoseconds / 1e9, UTC),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items()),
        raw=raw,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset that nobody knows
        return content.decode("utf-8", "replace")
