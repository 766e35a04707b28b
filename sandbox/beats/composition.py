"""Plays a beat: each part on its grid, then the mix."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from zlib import crc32

import numpy as np

from sandbox.beats.catalogue import DemoBeat
from sandbox.beats.instruments import hit, play
from sandbox.beats.sound import RATE, Sound, noise, pan, place, samples, with_room
from sandbox.beats.styles import STYLES, Part, Style

SHORTEST = 8.0  # seconds
TAIL = 0.7  # seconds in which the last sounds fade
MIX_PEAK, MASTER_PEAK = 0.8, 0.97  # of full scale
STEPS = 16  # a bar
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
ROLL = 3  # strokes
SPREAD = 0.35  # how far apart a chord's tones stand, left to right


@dataclass(frozen=True, slots=True)
class Recording:
    """The stems by name (the bass in mono), and the master, which is their sum made louder."""

    stems: dict[str, Sound]
    master: Sound


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the steps of a beat are, in samples."""

    bpm: int
    swing: float
    steps: int

    @property
    def step(self) -> float:
        """Length of a sixteenth."""
        return RATE * 60 / self.bpm / 4

    @property
    def length(self) -> int:
        """All steps and the tail."""
        return round(self.steps * self.step) + samples(TAIL)

    def at(self, step: int) -> int:
        """Start of a step; each second one swings."""
        return round((step + self.swing * (step % 2)) * self.step)


def record(beat: DemoBeat) -> Recording:
    """Play all parts of a beat and mix them; the same samples at each run."""
    style = STYLES[beat.style]
    bars = ceil(SHORTEST / (60 / beat.bpm * 4))
    grid = Grid(beat.bpm, style.swing, bars * STEPS)
    melody = _pitched(beat, style.chords, grid) + _pitched(beat, style.lead, grid)
    melody = with_room(melody, style.room) * _ducking(style, grid)[:, None]
    stems = {
        "drums": _drums(style, grid, crc32(beat.slug.encode())),
        "bass": _pitched(beat, style.bass, grid)[:, :1],
        "melody": melody,
    }
    return _mix(stems)


def _mix(stems: dict[str, Sound]) -> Recording:
    fade = np.ones(len(stems["drums"]), dtype=np.float32)
    fade[-samples(TAIL) :] = np.linspace(1, 0, samples(TAIL), dtype=np.float32) ** 2
    faded = {name: stem * fade[:, None] for name, stem in stems.items()}
    mix = faded["drums"] + faded["bass"] + faded["melody"]
    loudest = max(float(np.abs(sound).max()) for sound in (mix, *faded.values()))
    gain = np.float32(MIX_PEAK / loudest)
    master = mix * np.float32(MASTER_PEAK / np.abs(mix).max())
    return Recording({name: stem * gain for name, stem in faded.items()}, master)


def _drums(style: Style, grid: Grid, seed: int) -> Sound:
    track = np.zeros((grid.length, 2), dtype=np.float32)
    touch = np.random.default_rng(seed)
    for name, (pattern, gain) in style.drums.items():
        for step in range(grid.steps):
            mark = pattern[step % len(pattern)]
            strokes = {"x": 1, "o": 1, "r": ROLL}.get(mark, 0)
            force = gain * (0.45 if mark == "o" else 1.0) * touch.uniform(0.88, 1.0)
            for stroke in range(strokes):
                start = grid.at(step) + round(stroke * grid.step / ROLL)
                place(track, hit(name), start, force * 0.8**stroke)
    if style.dust:
        crackle = noise(grid.length, seed)
        crackle[np.abs(crackle) < 3.6] = 0  # the few loudest samples of noise are the clicks
        track += pan(crackle, 0) * np.float32(style.dust)
    return track


def _ducking(style: Style, grid: Grid) -> Sound:
    """One, dipping at each kick and back within an eighth."""
    level = np.ones(grid.length, dtype=np.float32)
    kicks = next((drum[0] for name, drum in style.drums.items() if "kick" in name), ".")
    dip = 1 - style.ducking * np.linspace(1, 0, round(grid.step * 2), dtype=np.float32) ** 2
    for step in range(grid.steps if style.ducking else 0):
        if kicks[step % len(kicks)] != ".":
            start = grid.at(step)
            level[start : start + len(dip)] = dip
    return level


def _pitched(beat: DemoBeat, part: Part, grid: Grid) -> Sound:
    track = np.zeros((grid.length, 2), dtype=np.float32)
    style = STYLES[beat.style]
    for step, held, mark in _notes(part.pattern, grid.steps):
        degree = beat.progression[step // style.steps_per_chord % len(beat.progression)]
        tones = chord(beat, degree, part.octave)
        chosen = tones if mark == "c" else (tones[int(mark) - 1],)
        length = grid.at(step + held) - grid.at(step) + samples(0.15 if mark == "c" else 0.05)
        for position, midi in zip(np.linspace(-SPREAD, SPREAD, len(chosen)), chosen, strict=True):
            sound = pan(play(part.voice, midi, length), position if len(chosen) > 1 else 0)
            place(track, sound, grid.at(step), part.gain)
    return track


def _notes(pattern: str, steps: int) -> Iterator[tuple[int, int, str]]:
    """Each note's first step, how many steps it lasts, and its mark."""
    laid_out = (pattern * ceil(steps / len(pattern)))[:steps]
    for step, mark in enumerate(laid_out):
        if mark not in ".-":
            rest = laid_out[step + 1 :]
            # A plucked note rings on through rests, a bar at most.
            held = len(rest) - len(rest.lstrip("-"))
            ringing = len(rest) - len(rest.lstrip("-.")) if held == 0 else held
            yield step, min(1 + ringing, STEPS), mark


def chord(beat: DemoBeat, degree: int, octave: int) -> tuple[int, int, int, int]:
    """The seventh chord on a degree (1 to 7) of the beat's scale, as MIDI numbers."""
    scale = SCALES[beat.mode]
    tonic = NOTES.index(FLATS.get(beat.key, beat.key))

    def height(number: int) -> int:
        """Semitones of the scale's tone above the tonic."""
        return scale[number % 7] + 12 * (number // 7)

    root = (tonic + height(degree - 1)) % 12
    # Roots lie between F and the E above, so that low parts stay audible and chords close.
    lowest = 12 * (octave + 1) + (root if root < NOTES.index("F") else root - 12)
    first, third, fifth, seventh = (
        lowest + height(degree - 1 + above) - height(degree - 1) for above in (0, 2, 4, 6)
    )
    return first, third, fifth, seventh
