"""What a file is: its kind, format and measures, read from its first bytes."""

import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, UnidentifiedImageError

from sandbox.cloudinary.refusals import Refusal

AUDIO_FORMATS = frozenset({"aac", "aiff", "flac", "m4a", "mp3", "ogg", "wav"})
IMAGE_FORMATS = {"jpeg": "jpg", "tiff": "tif", "jpeg2000": "jp2"}  # Pillow's name to Cloudinary's
MEDIA_TYPES = {
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Media:
    """A file's kind, its format's usual extension, and Cloudinary's measures of it."""

    resource_type: str
    format: str
    measures: dict[str, Any] = field(default_factory=dict)


def media_type(extension: str) -> str:
    """The Content-Type of a format, `application/octet-stream` if nobody knows it."""
    guessed = mimetypes.guess_type(f"file.{extension}")[0]
    return MEDIA_TYPES.get(extension) or guessed or "application/octet-stream"


def probe(path: Path, resource_type: str, extension: str) -> Media:
    """Look into a file that was uploaded as this resource type; refuses what is no such thing."""
    if resource_type == "raw":
        return Media("raw", extension)
    if resource_type in ("video", "auto") and (media := _probe_media(path)):
        return media
    if resource_type in ("image", "auto") and (image := _probe_image(path)):
        return image
    if resource_type == "auto":
        return Media("raw", extension)
    raise Refusal(400, f"Invalid {resource_type} file")


def _probe_image(path: Path) -> Media | None:
    try:
        with Image.open(path) as image:
            name = (image.format or "").lower()
            return Media(
                "image",
                IMAGE_FORMATS.get(name, name),
                {"width": image.width, "height": image.height, "pages": 1},
            )
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return None


def _probe_media(path: Path) -> Media | None:
    with path.open("rb") as file:
        start = file.read(16)
        found = _format_of(start)
        if found is None:
            return None
        measures: dict[str, Any] = {"is_audio": found in AUDIO_FORMATS}
        if found == "wav":
            measures |= _measure_wav(file)
    return Media("video", found, measures)


def _format_of(start: bytes) -> str | None:
    """Tell audio and video formats by their magic bytes."""
    by_magic = {
        b"ID3": "mp3",
        b"OggS": "ogg",
        b"fLaC": "flac",
        b"FORM": "aiff",
        b"\x1a\x45\xdf\xa3": "webm",
    }
    if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
        return "wav"
    if start[4:8] == b"ftyp":
        return "m4a" if start[8:11] == b"M4A" else "mp4"
    if start[:1] == b"\xff" and start[1:2] in (b"\xfb", b"\xf3", b"\xf2"):
        return "mp3"
    return next((name for magic, name in by_magic.items() if start.startswith(magic)), None)


def _measure_wav(file: BinaryIO) -> dict[str, Any]:
    """Duration in seconds and the stream's facts, for any sample format (24-bit and float too)."""
    chunks = dict(_riff_chunks(file))
    layout, samples = chunks.get(b"fmt "), chunks.get(b"data")
    if layout is None or samples is None or layout[1] < 16:
        raise Refusal(400, "Unsupported video format or file")
    file.seek(layout[0])
    codec, channels, frequency, byte_rate, _, _ = struct.unpack("<HHIIHH", file.read(16))
    if not byte_rate:
        raise Refusal(400, "Unsupported video format or file")
    return {
        "duration": round(samples[1] / byte_rate, 6),
        "bit_rate": byte_rate * 8,
        "audio": {
            "codec": "pcm_f32le" if codec == 3 else "pcm_s16le",
            "bit_rate": str(byte_rate * 8),
            "frequency": frequency,
            "channels": channels,
        },
    }


def _riff_chunks(file: BinaryIO) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Each chunk's name with its offset and its length as far as the file really goes."""
    end = file.seek(0, 2)
    position = 12
    while position + 8 <= end:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        position += 8
        yield name, (position, min(length, end - position))
        position += length + length % 2
