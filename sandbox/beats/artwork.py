"""A beat's cover: a motif, its title and its facts, as a PNG of 600 by 600 pixels."""

import io
from zlib import crc32

import numpy as np
from PIL import ImageDraw

from sandbox.beats import motifs, scenes
from sandbox.beats.canvas import CANVAS, Painter, ground
from sandbox.beats.catalogue import DemoBeat
from sandbox.beats.lettering import width, write

PAINTERS: dict[str, Painter] = {
    "arcs": motifs.arcs,
    "checkers": motifs.checkers,
    "halftone": motifs.halftone,
    "hills": scenes.hills,
    "lanterns": scenes.lanterns,
    "lines": motifs.lines,
    "ribbons": motifs.ribbons,
    "road": scenes.road,
    "shards": scenes.shards,
    "signal": scenes.signal,
    "strips": motifs.strips,
    "sunrise": scenes.sunrise,
    "tiles": motifs.tiles,
    "vinyl": motifs.vinyl,
}

MARGIN = 64
TITLE_LINE, FACTS_LINE = 1072, 1130  # baselines
LARGEST_TITLE = 112  # pixels


def artwork(beat: DemoBeat) -> bytes:
    """Paint a cover; the same bytes at each run."""
    image = ground(beat.palette)
    draw = ImageDraw.Draw(image)
    PAINTERS[beat.cover](draw, beat.palette, np.random.default_rng(crc32(beat.slug.encode())))
    _write_title(draw, beat)
    file = io.BytesIO()
    image.reduce(2).save(file, "PNG", compress_level=6)
    return file.getvalue()


def _write_title(draw: ImageDraw.ImageDraw, beat: DemoBeat) -> None:
    ink, title = beat.palette[4], beat.title.upper()
    room = CANVAS - 2 * MARGIN
    size = min(LARGEST_TITLE, int(LARGEST_TITLE * room / width(title, LARGEST_TITLE, 0.02)))
    write(draw, (MARGIN, TITLE_LINE), title, size, ink, tracking=0.02, weight=2)
    facts = f"{beat.genre.upper()}  /  {beat.bpm} BPM  /  {beat.key} {beat.mode.upper()}"
    write(draw, (MARGIN + 3, FACTS_LINE), facts, 30, ink, tracking=0.16)
