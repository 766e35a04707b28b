"""Tables for people, JSON for programs."""

import sys
from collections.abc import Iterable, Sequence

from pydantic import BaseModel
from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

# Where nobody's window says how wide it is: an order's line fits.
WIDTH_OF_FILES = 160


def console(*, err: bool = False) -> Console:
    width = None if (sys.stderr if err else sys.stdout).isatty() else WIDTH_OF_FILES
    return Console(width=width, highlight=False, stderr=err)


def cell(value: object, style: str = "") -> Text:
    """A value as it may be shown: neither markup nor a terminal's commands."""
    told = "" if value is None else str(value)
    clean = "".join(letter if letter.isprintable() else "�" for letter in told)
    return Text(clean, style)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Group:
    """Ids are never cut, since they are copied; the last column takes what room there is."""
    made = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(columns):
        is_last = number == len(columns) - 1
        made.add_column(column, no_wrap=not is_last, overflow="fold")
    for row in rows:
        made.add_row(*(value if isinstance(value, Text) else cell(value) for value in row))
    # Not the table's own title, which is broken to the table's width, ids and all.
    return Group(cell(title, "bold"), made) if title else Group(made)


def say(words: str) -> None:
    """A sentence."""
    Console(highlight=False, soft_wrap=True).print(cell(words))


def as_json(view: BaseModel) -> None:
    sys.stdout.write(view.model_dump_json(indent=2) + "\n")
