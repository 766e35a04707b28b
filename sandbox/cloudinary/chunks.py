"""Uploads that arrive in pieces, in any order, each perhaps more than once."""

import hashlib
import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from sandbox.cloudinary.refusals import Refusal
from sandbox.durable import write_durably

CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which bytes of which upload; `end` is exclusive."""

    upload_id: str
    start: int
    end: int
    total: int


def parse_chunk(upload_id: str, content_range: str) -> Chunk:
    """Read the two headers that make a request part of a larger upload."""
    match = CONTENT_RANGE.fullmatch(content_range)
    if match is None:
        raise Refusal(400, f"Invalid Content-Range header - {content_range}")
    start, last, total = (int(number) for number in match.groups())
    if not start <= last < total:
        raise Refusal(400, f"Invalid Content-Range header - {content_range}")
    return Chunk(upload_id, start, last + 1, total)


class ChunkedUploads:
    """Pieces on disk, one folder per upload, so that a restart loses none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, chunk: Chunk, piece: BinaryIO) -> Path | None:
        """Keep a piece; hands over the folder of all pieces, once, when none is missing."""
        folder = self._folder / hashlib.sha256(chunk.upload_id.encode()).hexdigest()
        content = piece.read()
        if len(content) != chunk.end - chunk.start:
            raise Refusal(400, "The chunk's size does not match its Content-Range header")
        with self._lock:
            folder.mkdir(exist_ok=True)
            write_durably(folder / f"{chunk.start:015d}-{chunk.end:015d}", content)
            if self._reach(folder) < chunk.total:
                return None
            return folder.rename(folder.with_name(f"{folder.name}.{token_hex(4)}"))

    def join(self, folder: Path, target: Path) -> None:
        """Write all pieces as one file, and forget them."""
        with target.open("wb") as whole:
            for piece in self._pieces(folder):
                whole.seek(int(piece.name[:15]))
                with piece.open("rb") as source:
                    shutil.copyfileobj(source, whole)
        shutil.rmtree(folder)

    def clear(self) -> None:
        """Forget all pieces of all uploads."""
        with self._lock:
            for folder in self._folder.iterdir():
                shutil.rmtree(folder)

    def _pieces(self, folder: Path) -> list[Path]:
        return sorted(piece for piece in folder.iterdir() if not piece.name.startswith("."))

    def _reach(self, folder: Path) -> int:
        """How far the bytes go without a gap."""
        reach = 0
        for piece in self._pieces(folder):
            start, end = (int(part) for part in piece.name.split("-"))
            if start > reach:
                break
            reach = max(reach, end)
        return reach
