"""The logs of a system's parts: DATA/logs/NAME.log, and NAME.log.1 of the run before."""

import asyncio
from collections.abc import Callable
from pathlib import Path

FOLLOW_EVERY = 0.2  # seconds


class NewLines:
    """Reads a log that grows, from its beginning."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._offset = 0

    def read(self) -> list[str]:
        """The whole lines written since the last call."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as source:
            source.seek(self._offset)
            whole, newline, _ = source.read().rpartition(b"\n")
        self._offset += len(whole + newline)
        return whole.decode(errors="replace").splitlines()


def rotate(logs: Path) -> None:
    """Has every log begin anew."""
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_name(f"{log.name}.1"))


async def follow(logs: Path, parts: list[str], show: Callable[[str, str], None]) -> None:
    """Shows (part, line) for each line that any part logs, until cancelled."""
    readers = {part: NewLines(logs / f"{part}.log") for part in parts}
    while True:
        for part, reader in readers.items():
            for line in reader.read():
                show(part, line)
        await asyncio.sleep(FOLLOW_EVERY)
