"""What `beatline up` shows while a system runs."""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cli.state import Addresses
from cli.system import without_credentials

COLORS = [
    tone + hue for tone in ("", "bright_") for hue in ("cyan", "magenta", "green", "yellow", "blue")
]
TITLES = {
    "shop": "Shop",
    "api": "Shop API",
    "docs": "API docs",
    "temporal_ui": "Temporal UI",
    "temporal": "Temporal",
    "codec": "Temporal codec",
    "stripe": "Payments (Stripe)",
    "cloudinary": "Assets (Cloudinary)",
    "mailbox": "Mailbox",
    "smtp": "SMTP",
    "database_url": "Database",
    "data": "Data",
    "logs": "Logs",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves the error to us, where rich would end the process."""
        raise


class Screen:
    """Standard output, for as long as somebody reads it."""

    def __init__(self) -> None:
        self._console = _Console(highlight=False, soft_wrap=True)
        self._colors: dict[str, str] = {}

    def say(self, part: str, words: str) -> None:
        """One line about a part."""
        self._print(Text.assemble((f"{part:>10}", self._color_of(part)), "  ", words))

    def sentence(self, words: str) -> None:
        self._print(Text(words))

    def addresses(self, addresses: Addresses) -> None:
        self._print(table(addresses))

    def log(self, part: str, line: str) -> None:
        """A line of a log, after the name of the part that wrote it."""
        self._print(Text.assemble((f"{part:>10} │ ", self._color_of(part)), Text.from_ansi(line)))

    def failure(self, part: str, reason: str, last_lines: str, log: Path) -> None:
        """Why a part could not be started, in its own words."""
        self._print(Text(f"{part} {reason}. The end of its log:", "bold red"))
        for line in last_lines.splitlines():
            self.log(part, line)
        self.sentence(f"The whole log: {log}")

    def _color_of(self, part: str) -> str:
        return self._colors.setdefault(part, COLORS[len(self._colors) % len(COLORS)])

    def _print(self, content: Text) -> None:
        try:
            self._console.print(content)
        except OSError:  # the terminal or the pipe is gone: nobody reads, and the system stays
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def table(addresses: Addresses) -> Text:
    """The addresses for a person, none cut short, without passwords: `where --json` has those."""
    values = asdict(addresses) | {"logs": str(Path(addresses.data) / "logs")}
    rows = [(title, values[name]) for name, title in TITLES.items() if values[name] is not None]
    width = max(len(title) for title, _ in rows) + 2
    lines = [
        Text.assemble((title.ljust(width), "bold"), without_credentials(value))
        for title, value in rows
    ]
    return Text("\n").join(lines)
