"""The instruments: drum hits that are made once, and voices that play a pitch for a while."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sandbox.beats.sound import (
    Sound,
    band,
    bell,
    decay,
    noise,
    pan,
    samples,
    sweep,
    swell,
    tone,
    tremolo,
    warm,
)

Hit = Callable[[], Sound]
Voice = Callable[[float, int], Sound]


def _kick(start: float, end: float, bend: float, seconds: float, click: float) -> Sound:
    length = samples(seconds)
    body = sweep(start, end, bend, length) * decay(length, seconds, attack=0.001)
    snap = band(noise(length, 1), 1500, 7000) * decay(length, 0.02)
    return pan(warm(np.float32(1.5) * body + np.float32(click) * snap, 1.3), 0)


def _snare(pitch: float, seconds: float, brightness: float) -> Sound:
    length = samples(seconds)
    skin = sweep(pitch * 1.6, pitch, 0.02, length) * decay(length, 0.16)
    wires = band(noise(length, 2), 900, brightness) * decay(length, seconds)
    return pan(warm(0.6 * skin + 0.55 * wires, 1.4), 0)


def _clap() -> Sound:
    length = samples(0.3)
    body = band(noise(length, 3), 900, 5200)
    envelope: Sound = np.float32(0.8) * decay(length, 0.25)
    for offset in (0.0, 0.011, 0.023):
        start = samples(offset)
        envelope[start:] += decay(length - start, 0.03)
    return pan(warm(np.float32(0.5) * body * envelope, 1.2), 0.08)


def _metal(seconds: float, low: float, seed: int, position: float) -> Sound:
    """Hats, shakers and rides: bright noise that dies after so many seconds."""
    length = samples(seconds)
    return pan(band(noise(length, seed), low, 14_000) * decay(length, seconds) * 0.5, position)


def _drum(pitch: float, seconds: float, position: float) -> Sound:
    """Congas and toms."""
    length = samples(seconds)
    skin = sweep(pitch * 1.3, pitch, 0.03, length) * decay(length, seconds)
    return pan(skin + 0.1 * band(noise(length, 5), 800, 4000) * decay(length, 0.03), position)


def _wood(pitch: float, position: float) -> Sound:
    """Rims and claves."""
    length = samples(0.12)
    return pan(bell(pitch, length, 1.62, 1.2, 0.09) * 0.8, position)


HITS: dict[str, Hit] = {
    "kick": lambda: _kick(190, 47, 0.035, 0.4, 0.5),
    "deep kick": lambda: _kick(140, 42, 0.05, 0.5, 0.25),
    "tight kick": lambda: _kick(240, 52, 0.022, 0.26, 0.8),
    "dusty kick": lambda: band(_kick(160, 55, 0.03, 0.3, 0.5)[:, 0], 30, 3200)[:, None].repeat(
        2, 1
    ),
    "snare": lambda: _snare(190, 0.26, 9000),
    "dusty snare": lambda: _snare(170, 0.3, 4500),
    "clap": _clap,
    "rim": lambda: _wood(1450, 0.2),
    "clave": lambda: _wood(2300, -0.35),
    "hat": lambda: _metal(0.07, 7000, 6, 0.18),
    "soft hat": lambda: _metal(0.06, 4500, 7, 0.15),
    "open hat": lambda: _metal(0.32, 6500, 8, -0.15),
    "shaker": lambda: _metal(0.1, 4200, 9, -0.4),
    "ride": lambda: _metal(0.5, 5200, 10, 0.3),
    "conga": lambda: _drum(245, 0.25, 0.35),
    "low conga": lambda: _drum(165, 0.32, -0.3),
    "tom": lambda: _drum(92, 0.4, 0.1),
}


@lru_cache(maxsize=len(HITS))
def hit(name: str) -> Sound:
    """A drum hit in stereo."""
    return HITS[name]()


def _eight_oh_eight(frequency: float, length: int) -> Sound:
    body = sweep(frequency * 2.2, frequency, 0.025, length) * decay(length, 1.4, attack=0.003)
    return warm(body * 1.6, 1.5) * swell(length, 0.002, 0.03)


def _round_bass(frequency: float, length: int) -> Sound:
    return (
        tone(frequency, length, (1, 0.35, 0.16, 0.05))
        * decay(length, 1.6, 0.006)
        * swell(length, 0.004, 0.03)
    )


def _bite_bass(frequency: float, length: int) -> Sound:
    partials = [1 / number for number in range(1, 12)]
    return warm(tone(frequency, length, partials) * decay(length, 0.7, 0.004), 1.6) * swell(
        length, 0.002, 0.02
    )


def _sub(frequency: float, length: int) -> Sound:
    return tone(frequency, length, (1, 0.12)) * swell(length, 0.03, 0.08)


def _reese(frequency: float, length: int) -> Sound:
    partials = [1 / number for number in range(1, 9)]
    beating = tone(frequency * 0.996, length, partials) + tone(frequency * 1.004, length, partials)
    return warm(0.6 * beating, 1.2) * swell(length, 0.01, 0.05)


def _electric_piano(frequency: float, length: int) -> Sound:
    body = bell(frequency, length, 1.0, 1.1, 2.4) + 0.25 * bell(frequency, length, 14, 0.4, 0.35)
    return body * tremolo(length, 4.6, 0.18) * swell(length, 0.003, 0.08)


def _pluck(frequency: float, length: int) -> Sound:
    bright = tone(frequency, length, [1 / number for number in range(1, 14)]) * decay(length, 0.28)
    return (0.7 * bright + 0.5 * tone(frequency, length, (1, 0.2)) * decay(length, 0.9)) * swell(
        length, 0.002, 0.03
    )


def _pad(frequency: float, length: int) -> Sound:
    partials = [1 / number**1.4 for number in range(1, 8)]
    chorus = tone(frequency * 0.9975, length, partials) + tone(frequency * 1.0025, length, partials)
    return 0.5 * chorus * swell(length, 0.22, 0.3)


def _choir(frequency: float, length: int) -> Sound:
    body = tone(frequency, length, (1, 0.5, 0.2, 0.3, 0.08, 0.02))
    return body * tremolo(length, 5.2, 0.12) * swell(length, 0.1, 0.2)


def _organ(frequency: float, length: int) -> Sound:
    stab = tone(frequency, length, (1, 0.7, 0.35, 0.5, 0.05, 0.25, 0.03, 0.12))
    return 0.6 * stab * decay(length, 0.6, 0.004) * swell(length, 0.003, 0.03)


def _marimba(frequency: float, length: int) -> Sound:
    return bell(frequency, length, 4.0, 0.7, 0.5) * swell(length, 0.001, 0.02)


def _glass(frequency: float, length: int) -> Sound:
    return bell(frequency, length, 3.5, 1.4, 1.9) * swell(length, 0.001, 0.06)


def _lead(frequency: float, length: int) -> Sound:
    partials = [1 / number for number in range(1, 16, 1)]
    return (
        0.55
        * tone(frequency, length, partials)
        * decay(length, 1.2, 0.008)
        * swell(length, 0.006, 0.05)
    )


VOICES: dict[str, Voice] = {
    "808": _eight_oh_eight,
    "round bass": _round_bass,
    "bite bass": _bite_bass,
    "sub": _sub,
    "reese": _reese,
    "electric piano": _electric_piano,
    "pluck": _pluck,
    "pad": _pad,
    "choir": _choir,
    "organ": _organ,
    "marimba": _marimba,
    "glass": _glass,
    "lead": _lead,
}


@lru_cache(maxsize=256)
def play(voice: str, midi: int, length: int) -> Sound:
    """A pitch (MIDI number) held for so many samples, in mono."""
    return VOICES[voice](440.0 * 2 ** ((midi - 69) / 12), length)
