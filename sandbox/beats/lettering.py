"""Type on covers, from the one font that comes with Pillow, so every machine draws the same."""

import unicodedata
from functools import lru_cache

from PIL import ImageDraw, ImageFont

MARKS = {"\N{COMBINING TILDE}": "~", "\N{COMBINING ACUTE ACCENT}": "'"}
"""The font knows plain letters only; these stand above them for the accents in our titles."""
MARK_SIZE = 0.6  # of the letter's


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font at a size in pixels."""
    loaded = ImageFont.load_default(size)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return loaded


def width(text: str, size: int, tracking: float) -> float:
    """How wide a line is, in pixels; tracking is the extra space after each letter, in ems."""
    letters = [c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)]
    return sum(font(size).getlength(letter) + tracking * size for letter in letters)


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    color: str,
    tracking: float = 0.0,
    weight: int = 0,
) -> None:
    """Write a line from its left end on the baseline; weight thickens the strokes, in pixels."""
    left, baseline = place
    letter_left = left
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.combining(letter):
            mark, small = MARKS[letter], round(size * MARK_SIZE)
            middle = (letter_left + left - tracking * size) / 2
            start = middle - font(small).getlength(mark) / 2
            height = baseline - size * 0.58
            draw.text((start, height), mark, color, font(small), "ls", stroke_width=weight)
            continue
        draw.text((left, baseline), letter, color, font(size), "ls", stroke_width=weight)
        letter_left = left
        left += font(size).getlength(letter) + tracking * size
