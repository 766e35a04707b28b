"""Covers that show a pattern or a thing."""

from math import cos, pi, sin

import numpy as np
from PIL import ImageDraw

from sandbox.beats.canvas import CANVAS, FLOOR, Dice, Palette, blend, disc, ring, shade


def vinyl(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A record, half out of its sleeve."""
    paper, sand, red, black, _ = palette
    draw.rectangle((0, 0, 620, 860), fill=red)
    for row in range(4):
        draw.rectangle((0, 90 + row * 200, 620, 104 + row * 200), fill=blend(red, paper, 0.85))
    disc(draw, 640, 430, 372, black)
    for start in (-70, 110):
        for beam in range(9):
            box = (268, 58, 1012, 802)
            tint = blend(black, paper, 0.16 * (1 - abs(beam - 4) / 5))
            draw.pieslice(box, start + beam * 5, start + beam * 5 + 5, fill=tint)
    for groove in range(26):
        ring(draw, 640, 430, 362 - groove * 8, blend(black, sand, 0.04 + 0.12 * dice.random()), 2)
    disc(draw, 640, 430, 132, paper)
    ring(draw, 640, 430, 112, red, 10)
    draw.pieslice((548, 338, 732, 522), 180, 360, fill=red)
    disc(draw, 640, 430, 15, black)


def arcs(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Quarter circles and discs on a grid."""
    light, sand, red, teal, ink = palette
    colors = (red, teal, ink, sand, blend(red, light, 0.55), blend(teal, light, 0.5))
    size = 200
    for row in range(5):
        for column in range(6):
            x, y = column * size, row * size - 100
            back, front, third = (colors[each] for each in dice.permutation(6)[:3])
            draw.rectangle((x, y, x + size, y + size), fill=back)
            turn = int(dice.integers(0, 5))
            if turn == 4:
                disc(draw, x + size / 2, y + size / 2, size * 0.36, front)
                continue
            corner_x, corner_y = x + size * (turn in (1, 2)), y + size * (turn in (2, 3))
            for reach, color in ((size, front), (size * 0.52, third)):
                box = (corner_x - reach, corner_y - reach, corner_x + reach, corner_y + reach)
                draw.pieslice(box, turn * 90, turn * 90 + 90, fill=color)
    draw.rectangle((0, FLOOR, CANVAS, CANVAS), fill=light)


def tiles(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A woven cloth with a fruit of a sun."""
    cream, mango, red, _, _ = palette
    for row in range(10):
        for column in range(-1, 13):
            _tile(draw, palette, column, row)
    disc(draw, 600, 440, 316, cream)
    disc(draw, 600, 440, 280, mango)
    for ray in range(28):
        angle, reach = ray * pi / 14, 236 + 12 * dice.random()
        base = [
            (600 + 168 * cos(angle + side), 440 + 168 * sin(angle + side))
            for side in (-0.055, 0.055)
        ]
        draw.polygon([(600 + reach * cos(angle), 440 + reach * sin(angle)), *base], fill=red)
    disc(draw, 600, 440, 150, red)
    disc(draw, 600, 440, 116, blend(red, mango, 0.55))
    draw.rectangle((0, FLOOR, CANVAS, CANVAS), fill=cream)


def _tile(draw: ImageDraw.ImageDraw, palette: Palette, column: int, row: int) -> None:
    cream, mango, red, green, brown = palette
    x, y = column * 100, row * 100 - 40
    if row % 4 == 0:
        draw.polygon([(x, y + 100), (x + 50, y), (x + 100, y + 100)], fill=red)
        draw.polygon([(x + 28, y + 100), (x + 50, y + 56), (x + 72, y + 100)], fill=cream)
    elif row % 4 == 1:
        draw.rectangle((x, y, x + 100, y + 100), fill=green if column % 2 else brown)
        middle = [(x + 50, y + 14), (x + 86, y + 50), (x + 50, y + 86), (x + 14, y + 50)]
        draw.polygon(middle, fill=mango)
    elif row % 4 == 2:
        draw.polygon([(x, y), (x + 50, y + 100), (x + 100, y)], fill=green)
        draw.polygon([(x + 28, y), (x + 50, y + 44), (x + 72, y)], fill=mango)
    else:
        draw.rectangle((x, y + 18, x + 100, y + 82), fill=brown if column % 3 else red)
        draw.line([(x, y + 82), (x + 50, y + 18), (x + 100, y + 82)], cream, 12)


def ribbons(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Silk, falling."""
    dark, wine, rose, blush, _ = palette
    steps = np.arange(0, CANVAS + 12, 12)
    for ribbon in range(68):
        share = ribbon / 67
        swing = 150 * np.sin(steps / 230 + share * 2.2) + 70 * np.sin(steps / 97 + share * 5.5)
        line = -60 + share * 1010 + swing * (0.35 + 0.65 * np.sin(pi * share))
        glow = 0.5 + 0.5 * sin(share * 13 + 0.6)
        tint = blend(blend(wine, rose, glow), blush, (glow - 0.62) * 2.2)
        tint = blend(tint, dark, (share - 0.72) * 4)
        edge = list(zip(steps.tolist(), line.tolist(), strict=True))
        draw.polygon([*edge, *((x, y + 60) for x, y in reversed(edge))], fill=tint)
        draw.line(edge, blend(tint, dark, 0.35), 2)
    for x, y in zip(dice.uniform(0, CANVAS, 26), dice.uniform(40, 780, 26), strict=True):
        disc(draw, x, y, dice.uniform(1.5, 4), blush)
    draw.rectangle((0, 925, CANVAS, CANVAS), fill=dark)


def halftone(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A hot wheel printed in coarse dots."""
    _, dark, red, orange, _ = palette
    pitch = 27
    for row in range(38):
        for column in range(46):
            x, y = (column + row % 2 / 2) * pitch - 15, row * pitch * 0.9
            away, turn = np.hypot(x - 600, y - 440), np.arctan2(y - 440, x - 600)
            blade = 0.5 + 0.5 * sin(5 * turn + away / 52)
            rim = max(0.0, 1 - abs(away - 290) / 190) ** 0.7
            hub = max(0.0, 1 - away / 105) ** 0.5
            heat = max(rim * (0.2 + 0.8 * blade), hub)
            size = 2.2 + 12.2 * heat * (0.92 + 0.08 * dice.random())
            disc(draw, x, y, size, blend(blend(dark, red, heat * 1.6), orange, heat * 1.5 - 0.5))


def checkers(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A floor of squares with a bulge in it."""
    light, lilac, violet, pink, ink = palette
    cells = 15

    def bent(column: float, row: float) -> tuple[float, float]:
        x, y = column / cells * 2 - 1, row / cells * 2 - 1
        pull = 690 + 517 * max(0.0, 1 - float(np.hypot(x, y))) ** 1.6
        return 600 + x * pull, 450 + y * pull

    for row in range(cells):
        for column in range(cells):
            corners = [bent(column + a, row + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
            near = 1 - float(np.hypot(column - 7, row - 7)) / 8
            even = (row + column) % 2 == 0
            chosen = blend(lilac, ink, 0.85) if dice.random() < 0.09 else light
            draw.polygon(corners, fill=blend(violet, pink, near * 1.15) if even else chosen)
    draw.rectangle((0, FLOOR, CANVAS, CANVAS), fill=light)


def lines(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """A mountain of signal traces."""
    dark, deep, green, cyan, _ = palette
    steps = np.linspace(0, CANVAS, 241)
    window = np.exp(-(((steps - 600) / 250) ** 2))
    for trace in range(30):
        share = trace / 29
        bumps = np.abs(np.convolve(dice.standard_normal(261), np.hanning(21), "valid"))
        line = 280 + trace * 21 - bumps * window * 44 * (0.35 + sin(pi * share))
        points = list(zip(steps.tolist(), line.tolist(), strict=True))
        below = [(CANVAS, line[-1] + 60), (0, line[0] + 60)]
        draw.polygon([*points, *below], fill=blend(dark, deep, share))
        draw.line(points, blend(green, cyan, share), 4)
    shade(draw, FLOOR + 50, (deep, deep))


def strips(draw: ImageDraw.ImageDraw, palette: Palette, dice: Dice) -> None:
    """Torn paper strips, hung over each other."""
    paper, sand, green, rust, ink = palette
    colors = (green, rust, ink, sand, blend(green, paper, 0.5), blend(rust, paper, 0.5))
    for index in range(9):
        left, top = 70 + index * 118 + dice.uniform(-20, 20), -20
        wide, tall = dice.uniform(90, 160), dice.uniform(480, 880)
        color = colors[(index * 5 + 1) % 6]
        torn = [
            (left + wide * tooth / 8, top + tall + 22 * (tooth % 2) + dice.uniform(-6, 6))
            for tooth in range(9)
        ]
        shape = [(left + wide, top), (left, top), *torn]
        draw.polygon([(x + 12, y + 12) for x, y in shape], fill=blend(sand, ink, 0.28))
        draw.polygon(shape, fill=color)
        for line in range(int(tall // 46)):
            reach, y = wide * dice.uniform(0.3, 0.75), top + 40 + line * 44
            draw.rectangle((left + 14, y, left + 14 + reach, y + 7), fill=blend(color, paper, 0.42))
