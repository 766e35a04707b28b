"""Sound as arrays: oscillators, envelopes, filters, room. Mono is (n,), stereo (n, 2), float32."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 44100  # samples a second
ROOM_SECONDS = 1.1
FFT_LENGTH = 1 << 19  # samples; holds the longest beat and its room


def samples(seconds: float) -> int:
    """A duration in samples."""
    return round(seconds * RATE)


def timeline(length: int) -> Sound:
    """Seconds since the start, for each sample."""
    return np.arange(length, dtype=np.float32) / np.float32(RATE)


def decay(length: int, seconds: float, attack: float = 0.002) -> Sound:
    """A struck sound's envelope: a short rise, then down by 60 dB in so many seconds."""
    time = timeline(length)
    envelope: Sound = np.exp(time * np.float32(-6.9 / seconds))
    rise = max(1, min(samples(attack), length))
    envelope[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return envelope


def swell(length: int, attack: float, release: float) -> Sound:
    """A held sound's envelope: rounded rise and fall, in seconds."""
    envelope = np.ones(length, dtype=np.float32)
    rise, fall = (max(1, min(samples(part), length // 2)) for part in (attack, release))
    envelope[:rise] = np.sin(np.linspace(0, np.pi / 2, rise, dtype=np.float32)) ** 2
    envelope[-fall:] *= np.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2
    return envelope


def tremolo(length: int, rate: float, depth: float) -> Sound:
    """A loudness that wavers around one, so many times a second."""
    wave: Sound = np.sin(timeline(length) * np.float32(2 * np.pi * rate))
    return 1 + np.float32(depth) * wave


def tone(frequency: float, length: int, partials: Sequence[float]) -> Sound:
    """A periodic sound from the strengths of its partials, none of them above 12 kHz."""
    angle = timeline(length) * np.float32(2 * np.pi * frequency)
    current, twice_cosine = np.sin(angle), 2 * np.cos(angle)
    before = np.zeros_like(current)
    total: Sound = np.zeros_like(current)
    for number, strength in enumerate(partials, start=1):
        if number * frequency > 12_000:
            break
        total += np.float32(strength) * current
        # sin((k+1)a) = 2 cos(a) sin(ka) - sin((k-1)a): one sine for all partials.
        current, before = twice_cosine * current - before, current
    return total


def bell(frequency: float, length: int, ratio: float, brightness: float, seconds: float) -> Sound:
    """Two-operator FM: metallic to woody by ratio, and duller while it fades."""
    time = timeline(length)
    modulator = np.sin(time * np.float32(2 * np.pi * frequency * ratio))
    modulator *= brightness * np.exp(time * np.float32(-9 / seconds))
    carrier: Sound = np.sin(time * np.float32(2 * np.pi * frequency) + modulator)
    return carrier * decay(length, seconds)


def sweep(start: float, end: float, bend: float, length: int) -> Sound:
    """A sine that falls from one frequency to another; `bend` is the time constant in seconds."""
    time = timeline(length)
    cycles = end * time + (start - end) * bend * (1 - np.exp(-time / np.float32(bend)))
    fallen: Sound = np.sin(np.float32(2 * np.pi) * cycles)
    return fallen


def noise(length: int, seed: int) -> Sound:
    """White noise, the same at each run."""
    return np.random.default_rng(seed).standard_normal(length, dtype=np.float32)


def band(sound: Sound, low: float, high: float) -> Sound:
    """Keep the frequencies between two edges (Hz), with soft slopes."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE).astype(np.float32)
    shape = 1 / (1 + (frequencies / high) ** 4)
    if low > 0:
        shape *= 1 - 1 / (1 + (frequencies / low) ** 4)
    filtered: Sound = np.fft.irfft(spectrum * shape, len(sound)).astype(np.float32)
    return filtered


def warm(sound: Sound, drive: float) -> Sound:
    """Soft saturation that keeps quiet sounds as they are."""
    saturated: Sound = np.tanh(sound * np.float32(drive)) / np.float32(drive)
    return saturated


def pan(sound: Sound, position: float) -> Sound:
    """Place a mono sound between left (-1) and right (1) at equal power."""
    angle = (position + 1) * np.pi / 4
    gains = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32) * np.float32(2**0.5)
    return sound[:, None] * gains


def place(track: Sound, sound: Sound, start: int, gain: float = 1.0) -> None:
    """Add a sound into a track of the same shape, cut off at the track's end."""
    end = min(len(track), start + len(sound))
    if start < end:
        track[start:end] += np.float32(gain) * sound[: end - start]


@lru_cache(maxsize=1)
def _room() -> NDArray[np.complex64]:
    """The spectrum of a soft room: decaying noise, dark at the end, left and right apart."""
    length = samples(ROOM_SECONDS)
    tail = np.stack([noise(length, seed) for seed in (11, 12)], axis=1)
    tail *= decay(length, ROOM_SECONDS, attack=0.012)[:, None]
    tail = np.stack([band(tail[:, side], 250, 4200) for side in (0, 1)], axis=1)
    tail /= np.sqrt(np.sum(tail**2, axis=0))
    spectrum: NDArray[np.complex64] = np.fft.rfft(tail, FFT_LENGTH, axis=0).astype(np.complex64)
    return spectrum


def with_room(track: Sound, amount: float) -> Sound:
    """Add reverberation to a stereo track; the tail ends with the track."""
    dry = np.fft.rfft(track.mean(axis=1), FFT_LENGTH)
    wet = np.fft.irfft(dry[:, None] * _room(), FFT_LENGTH, axis=0)[: len(track)]
    return track + np.float32(amount) * wet.astype(np.float32)
