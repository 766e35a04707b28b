"""Audio files with the same bytes at each run: 16-bit WAVs, and stems as a ZIP of WAVs."""

import io
import wave
import zipfile
from collections.abc import Mapping

import numpy as np

from sandbox.beats.sound import RATE, Sound, band, samples

PREVIEW_RATE = RATE // 2
PREVIEW_SECONDS = 6.0
PREVIEW_FADE = 0.8  # seconds
FULL_SCALE = 32767
ZIP_DATE = (2025, 1, 1, 0, 0, 0)  # a fixed one, or no two archives would be alike


def wav(sound: Sound, rate: int = RATE) -> bytes:
    """A 16-bit WAV; (n,) and (n, 1) are mono, (n, 2) stereo."""
    file = io.BytesIO()
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    frames = np.rint(sound * np.float32(FULL_SCALE)).astype("<i2").tobytes()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(frames)
    return file.getvalue()


def preview(master: Sound) -> bytes:
    """The beginning of a master, small: mono at half the rate, faded out."""
    start = band(master[: samples(PREVIEW_SECONDS)].mean(axis=1), 0, 9000)[::2]
    fade = round(PREVIEW_FADE * PREVIEW_RATE)
    start[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return wav(start, PREVIEW_RATE)


def stems_archive(stems: Mapping[str, Sound]) -> bytes:
    """A ZIP with one WAV for each stem."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, stem in stems.items():
            entry = zipfile.ZipInfo(f"{name}.wav", ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, wav(stem), compresslevel=1)
    return file.getvalue()
