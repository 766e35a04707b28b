"""Writes the demo beats as a producer's folder: one folder a beat, with the files that sell it."""

from collections.abc import Callable
from pathlib import Path

from sandbox.beats.artwork import artwork
from sandbox.beats.catalogue import DEMO_BEATS, DemoBeat
from sandbox.beats.composition import record
from sandbox.beats.tracks import preview, stems_archive, wav

CARD, MASTER, PREVIEW, STEMS, ARTWORK = (
    "beat.toml",
    "master.wav",
    "preview.wav",
    "stems.zip",
    "artwork.png",
)


def write_demo_beats(folder: Path) -> list[Path]:
    """Write what is missing and give all beats' folders; complete ones are left as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(beat, folder / beat.slug) for beat in DEMO_BEATS]


def _write(beat: DemoBeat, place: Path) -> Path:
    expected = {CARD, MASTER, PREVIEW, ARTWORK} | ({STEMS} if beat.stems else set())
    if all((place / name).is_file() for name in expected):
        return place
    place.mkdir(exist_ok=True)
    recording = record(beat)
    contents: dict[str, Callable[[], bytes]] = {
        MASTER: lambda: wav(recording.master),
        PREVIEW: lambda: preview(recording.master),
        STEMS: lambda: stems_archive(recording.stems),
        ARTWORK: lambda: artwork(beat),
        CARD: lambda: card(beat).encode(),  # last: a folder without it is no beat yet
    }
    for name in contents:
        if name in expected:
            # Under another name first, so that a file is never seen half written.
            draft = place / f".{name}.draft"
            draft.write_bytes(contents[name]())
            draft.replace(place / name)
    return place


def card(beat: DemoBeat) -> str:
    """A beat's `beat.toml`; what has its default value is left out."""
    lines = [
        f"title = {_quoted(beat.title)}",
        f"description = {_quoted(beat.description)}",
        f"genre = {_quoted(beat.genre)}",
        f"bpm = {beat.bpm}",
        f"key = {_quoted(beat.key)}",
        f"mode = {_quoted(beat.mode)}",
        f"tags = [{', '.join(_quoted(tag) for tag in beat.tags)}]",
    ]
    lines += ["featured = true"] if beat.featured else []
    lines += ["exclusive = true"] if beat.exclusive else []
    lines += [] if beat.active else ["active = false"]
    lines += [f"release_at = {beat.release_at}"] if beat.release_at else []
    if beat.prices:
        lines += ["", "[prices]"]
        lines += [f"{name} = {_value(price)}" for name, price in beat.prices.items()]
    return "\n".join(lines) + "\n"


def _value(price: str | bool) -> str:
    return _quoted(price) if isinstance(price, str) else str(price).lower()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
