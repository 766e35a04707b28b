"""Files that survive a kill at any moment: wholly there or not at all."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_into_place(written: Path, destination: Path) -> None:
    """Rename a file that was synced already, replacing what stood there."""
    written.replace(destination)
    sync_folder(destination.parent)


def write_durably(destination: Path, content: bytes) -> None:
    """Write a whole file through a hidden neighbour, so no reader meets half of it."""
    draft = destination.with_name(f".{destination.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    move_into_place(draft, destination)
