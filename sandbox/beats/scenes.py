"""Covers that show a place."""

from math import cos, pi, sin

from PIL import ImageDraw

from sandbox.beats.canvas import CANVAS, FLOOR, Dice, Palette, blend, disc, ring, shade, stars


def road(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A sun over a road that runs to the horizon."""
    dark, dusk, pink, amber, _ = palette
    black = blend(dark, "#000000", 0.45)
    stars(draw, dice, 70, 420, blend(dusk, "#ffffff", 0.75))
    for y in range(330, 790, 2):
        half = max(0, 230**2 - (y - 560) ** 2) ** 0.5
        below = (y - 560) / 230
        if below < -0.1 or y % 52 >= 8 + 28 * below:
            draw.rectangle(
                (600 - half, y, 600 + half, y + 1), fill=blend(amber, pink, -0.7 + y / 460)
            )
    draw.rectangle((0, 690, CANVAS, CANVAS), fill=black)
    for lane in range(-14, 15):
        draw.line((600 + lane * 34, 690, 600 + lane * 330, CANVAS), blend(dusk, pink, 0.35), 3)
    for row in range(12):
        y = round(690 + 510 * (row / 12) ** 2.1)
        draw.line((0, y, CANVAS, y), blend(dusk, pink, 0.35), 3)
    draw.polygon([(585, 690), (615, 690), (870, CANVAS), (330, CANVAS)], fill=black)
    for dash in range(4):
        near, far = (690 + 330 * ((dash + part) / 4) ** 2 for part in (0.5, 0.0))
        wide = 3 + 9 * (near - 690) / 510
        corners = [(600 - wide, near), (600 + wide, near), (603, far), (597, far)]
        draw.polygon(corners, fill=amber)
    shade(draw, FLOOR + 60, (black, dark))


def shards(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Slabs leaning in the rain, one of them lit."""
    dark, grey, pale, acid, _ = palette
    for index in range(15):
        left = -220 + index * 105 + dice.uniform(-25, 25)
        top, wide = dice.uniform(120, 640), dice.uniform(70, 190)
        color = acid if index == 8 else blend(grey, pale, dice.uniform(0, 0.75))
        right = left + wide
        front = [
            (left + 260, top),
            (right + 260, top - 60),
            (right - 80, CANVAS),
            (left - 80, CANVAS),
        ]
        draw.polygon(front, fill=color)
        side = [(right + 260, top - 60), (right + 290, top - 20), (right - 50, CANVAS)]
        draw.polygon([*side, (right - 80, CANVAS)], fill=blend(color, dark, 0.45))
    for x, y in zip(dice.uniform(0, 1300, 120), dice.uniform(-50, 850, 120), strict=True):
        draw.line((x, y, x - 26, y + 90), blend(dark, pale, 0.35), 2)
    shade(draw, FLOOR + 20, (dark, blend(dark, grey, 0.35)))


def lanterns(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Lanterns drifting up over a lake, under a thin moon."""
    night, dusk, gold, coral, cream = palette
    disc(draw, 690, 200, 105, cream)
    disc(draw, 648, 176, 92, blend(night, dusk, 0.18))
    for depth, height in enumerate((700, 770, 850)):
        reach = 150 + 40 * depth
        crest = [(x, height + 46 * sin(x / reach + depth * 2.1)) for x in range(0, 1210, 10)]
        draw.polygon(
            [(0, CANVAS), *crest, (CANVAS, CANVAS)], fill=blend(dusk, night, 0.3 + 0.28 * depth)
        )
    for index in range(9):
        x, y = 110 + index * 122 + dice.uniform(-30, 30), 190 + (index * 331) % 560
        _lantern(draw, x, y + dice.uniform(-30, 30), dice.uniform(34, 68), (gold, coral, cream))


def _lantern(
    draw: ImageDraw.ImageDraw, x: float, y: float, size: float, colors: tuple[str, str, str]
) -> None:
    gold, coral, cream = colors
    for inset, color in ((0.0, coral), (0.13, gold), (0.3, cream)):
        wide, tall = size * (0.66 - inset), size * (1.0 - inset * 0.8)
        draw.rounded_rectangle((x - wide, y - tall, x + wide, y + tall), wide * 0.7, fill=color)
    for rib in (-0.5, 0.0, 0.5):
        draw.line((x - size * 0.64, y + size * rib, x + size * 0.64, y + size * rib), coral, 3)
    for end in (-1, 1):
        draw.rectangle(
            (x - size * 0.3, y + end * size - 5, x + size * 0.3, y + end * size + 5), fill=coral
        )
    draw.line((x, y + size, x, y + size * 1.5), coral, 3)


def hills(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Waves behind waves under a pale sun."""
    pale, mist, sea, deep, _ = palette
    for halo in range(14):
        disc(draw, 820, 330, 330 - halo * 13, blend(mist, "#ffffff", 0.08 + halo * 0.045))
    disc(draw, 820, 330, 138, "#fffdf4")
    for layer in range(8):
        level, share, phase = 430 + layer * 72, layer / 7, dice.uniform(0, 6)
        crest = [
            (x, level + 34 * sin(x / (210 - layer * 9) + phase) + 13 * sin(x / 61 + phase * 2))
            for x in range(0, CANVAS + 8, 8)
        ]
        tint = blend(pale, sea, share * 2) if share < 0.5 else blend(sea, deep, share * 2 - 1)
        draw.polygon([(0, CANVAS), *crest, (CANVAS, CANVAS)], fill=tint)
        draw.line(crest, blend(tint, "#ffffff", 0.35), 3)
    shade(draw, 980, (deep, blend(deep, "#04141b", 0.7)))


def signal(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A beacon over a city by the sea."""
    night, sea, cyan, red, _ = palette
    for reach in range(13, 0, -1):
        disc(draw, 600, 470, reach * 62, blend(night, cyan, 0.05 + 0.62 * (1 - reach / 13) ** 1.4))
    for ray in range(12):
        sides = (ray * pi / 6 + 0.13 + side for side in (-0.05, 0.05))
        tips = [(600 + 820 * cos(angle), 470 + 820 * sin(angle)) for angle in sides]
        draw.polygon([(600, 470), *tips], fill=blend(sea, cyan, 0.42))
    for reach in range(6):
        ring(draw, 600, 470, 150 + reach * 78, blend(cyan, sea, reach / 8), 7)
    disc(draw, 600, 470, 104, red)
    disc(draw, 600, 470, 58, blend(red, "#ffffff", 0.8))
    _skyline(draw, dice, blend(night, "#000000", 0.35), (cyan, red))


def _skyline(draw: ImageDraw.ImageDraw, dice: Dice, wall: str, lights: tuple[str, str]) -> None:
    left = -20.0
    while left < CANVAS:
        wide, tall = dice.uniform(44, 112), dice.uniform(90, 330)
        draw.rectangle((left, FLOOR - tall, left + wide, CANVAS), fill=wall)
        for floor in range(int(tall // 34)):
            x, y = left + 10 + dice.uniform(0, wide - 30), FLOOR + 14 - tall + floor * 32
            if dice.random() < 0.55:
                draw.rectangle((x, y, x + 10, y + 12), fill=blend(*lights, dice.random()))
        left += wide + 4
    draw.rectangle((0, FLOOR, CANVAS, CANVAS), fill=wall)


def sunrise(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Stacked arches of light over a still line."""
    night, violet, orange, yellow, _ = palette
    stars(draw, dice, 60, 340, blend(night, "#ffffff", 0.7))
    for arch in range(9):
        share, reach = arch / 8, 540 - arch * 56
        tint = blend(violet, orange, share * 1.6) if share < 0.6 else blend(orange, yellow, share)
        draw.pieslice((600 - reach, 700 - reach, 600 + reach, 700 + reach), 180, 360, fill=tint)
    draw.rectangle((0, 700, CANVAS, CANVAS), fill=blend(night, "#000000", 0.25))
    for row in range(11):
        y, wide = 716 + row * 19, 470 - row * 32 + dice.uniform(-24, 24)
        tint = blend(blend(orange, yellow, 1 - row / 10), night, row / 14)
        draw.rounded_rectangle((600 - wide, y, 600 + wide, y + 9), 4, fill=tint)
