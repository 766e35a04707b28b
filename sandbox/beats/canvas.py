"""What all covers are painted with: a big canvas, blended colours, a few shapes."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

CANVAS = 1200  # pixels; covers are half as wide
FLOOR = 900  # where the title's part begins

Palette = tuple[str, str, str, str, str]
Dice = np.random.Generator
Painter = Callable[[ImageDraw.ImageDraw, Palette, Dice], None]


def ground(palette: Palette) -> Image.Image:
    """A canvas that shades from the palette's first colour at the top to its second."""
    top, bottom = (np.array(_rgb(color), dtype=np.float32) for color in palette[:2])
    share = np.linspace(0, 1, CANVAS, dtype=np.float32)[:, None, None]
    column = np.rint(top * (1 - share) + bottom * share).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(column, (CANVAS, CANVAS, 3)).copy())


def blend(one: str, other: str, share: float) -> str:
    """A colour between two; share 0 is the first, 1 the second."""
    kept = min(1.0, max(0.0, share))
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * kept):02x}" for a, b in pairs)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: str) -> None:
    """A filled circle."""
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def ring(
    draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: str, thick: int
) -> None:
    """A circle's line."""
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color, width=thick)


def shade(draw: ImageDraw.ImageDraw, top: int, stops: Sequence[str]) -> None:
    """Fill the canvas below a height with a gradient between two colours."""
    for y in range(top, CANVAS):
        draw.line((0, y, CANVAS, y), fill=blend(stops[0], stops[1], (y - top) / (CANVAS - top)))


def stars(draw: ImageDraw.ImageDraw, dice: Dice, count: int, lowest: int, color: str) -> None:
    """Small dots above a height."""
    places = zip(dice.uniform(0, CANVAS, count), dice.uniform(0, lowest, count), strict=True)
    for x, y in places:
        disc(draw, x, y, dice.uniform(1, 3.2), color)
