"""A served emulator, and the official library pointed at it."""

import hashlib
import io
import math
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudinary
import cloudinary.uploader
import httpx
import pytest

from sandbox.clock import Clock
from sandbox.cloudinary.app import create_app
from sandbox.cloudinary.signatures import Credentials
from tests.sandbox.serving import served

CREDENTIALS = Credentials(cloud="demo-cloud", api_key="k-1234", api_secret="s3cr3t-api")


@dataclass(frozen=True)
class Emulator:
    """A running emulator with its clock and folder."""

    url: str
    clock: Clock
    folder: Path

    def upload(self, content: bytes, **options: Any) -> dict[str, Any]:
        """Upload through the official library."""
        answer: dict[str, Any] = cloudinary.uploader.upload(io.BytesIO(content), **options)
        return answer


def md5(content: bytes) -> str:
    """Hex digest, as in an asset's etag."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def sha1(content: bytes) -> bytes:
    """Digest under a default signature."""
    return hashlib.sha1(content, usedforsecurity=False).digest()


def point_library_at(url: str) -> None:
    """What CLOUDINARY_URL does."""
    cloudinary.reset_config()
    cloudinary.config(
        cloud_name=CREDENTIALS.cloud,
        api_key=CREDENTIALS.api_key,
        api_secret=CREDENTIALS.api_secret,
        upload_prefix=url,
    )


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One emulator for a module's tests, which name their assets apart."""
    folder, clock = tmp_path_factory.mktemp("cloudinary"), Clock()
    with served(create_app(CREDENTIALS, folder, clock)) as url:
        point_library_at(url)
        yield Emulator(url, clock, folder)


@pytest.fixture
def http(emulator: Emulator) -> Iterator[httpx.Client]:
    """A plain client on the emulator."""
    with httpx.Client(base_url=emulator.url) as client:
        yield client


@pytest.fixture(scope="session")
def master() -> bytes:
    """A WAV of half a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 44100, 0, "NONE", ""))
        tone = (int(12000 * math.sin(n / 20)) for n in range(22050))
        writer.writeframes(b"".join(struct.pack("<hh", sample, sample) for sample in tone))
    return file.getvalue()
