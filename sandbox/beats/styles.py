"""How each genre moves: drum patterns, bass lines and accompaniment on a grid of sixteenths.

Drums: `x` loud, `o` soft, `r` a roll of three, `.` nothing. Pitched parts: a digit is the chord's
tone counted from the bass (1 root, 2 third, 3 fifth, 4 seventh or octave), `c` the whole chord,
`-` holds on, `.` is silence. Patterns repeat; 16 steps are a bar.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A voice, what it plays, how loud, and in which octave (4 holds middle C)."""

    voice: str
    pattern: str
    gain: float
    octave: int


@dataclass(frozen=True, slots=True)
class Style:
    """A genre's groove and instrumentation."""

    drums: dict[str, tuple[str, float]]  # hit: pattern, gain
    bass: Part
    chords: Part
    lead: Part
    swing: float = 0.0  # how far each second sixteenth comes late, in sixteenths
    steps_per_chord: int = 16
    room: float = 0.25
    ducking: float = 0.0  # how deep the kick pushes chords and lead down
    dust: float = 0.0  # crackle of an old record


STYLES: dict[str, Style] = {
    "trap": Style(
        drums={
            "kick": ("x.....x...x.....x..x......x.x...", 0.9),
            "clap": ("........x...............x.......", 0.75),
            "hat": ("x.x.x.x.x.xrx.x.x.x.x.xxx.rrx.x.", 0.42),
            "open hat": ("..............................x.", 0.35),
        },
        bass=Part("808", "1-----1---1-----1--1------1-2---", 0.85, 2),
        chords=Part("pad", "c---------------", 0.16, 4),
        lead=Part("glass", "1..3..4...3.2...1..3..4.3...2.1.", 0.3, 5),
        room=0.4,
    ),
    "drill": Style(
        drums={
            "tight kick": ("x.......x..x......x.....x..x....", 0.9),
            "snare": ("........x..............x........", 0.7),
            "hat": ("x..x..x.x..x..xrx..x..x.x..x.rx.", 0.4),
            "rim": ("...x.......x.......x..........x.", 0.3),
        },
        bass=Part("808", "1-------3--1------4-----3--1----", 0.9, 2),
        chords=Part("choir", "c-------c-------", 0.13, 4),
        lead=Part("pluck", "1...2...3..2....4...3...2..1....", 0.3, 5),
        room=0.35,
    ),
    "lo-fi": Style(
        drums={
            "dusty kick": ("x......x..x.....", 0.85),
            "dusty snare": ("....x.......x..o", 0.55),
            "soft hat": ("x.o.x.o.x.o.x.oo", 0.35),
        },
        bass=Part("round bass", "1-----3-1---4---", 0.55, 2),
        chords=Part("electric piano", "c-----c---------", 0.17, 4),
        lead=Part("marimba", "....4...3.2.....1...3.....4.....", 0.3, 5),
        swing=0.33,
        room=0.22,
        dust=0.05,
    ),
    "boom bap": Style(
        drums={
            "dusty kick": ("x.x.....x.x..x..", 0.95),
            "dusty snare": ("....x.......x...", 0.8),
            "soft hat": ("x.x.x.x.x.x.x.xo", 0.45),
        },
        bass=Part("round bass", "1--1----3-4-1---", 0.65, 2),
        chords=Part("electric piano", "c..c....c.......", 0.17, 4),
        lead=Part("pluck", "3..2..1.....2.3.4..3..1.........", 0.24, 4),
        swing=0.3,
        steps_per_chord=8,
        room=0.18,
        dust=0.03,
    ),
    "house": Style(
        drums={
            "kick": ("x...x...x...x...", 0.95),
            "clap": ("....x.......x...", 0.6),
            "open hat": ("..x...x...x...x.", 0.4),
            "shaker": ("xoxoxoxoxoxoxoxo", 0.24),
        },
        bass=Part("bite bass", "..1.1..1..1.4.3.", 0.5, 2),
        chords=Part("organ", "c..c..c...c..c..", 0.17, 4),
        lead=Part("pluck", "........4..3..2.........1..2..3.", 0.26, 5),
        swing=0.12,
        ducking=0.55,
    ),
    "afrobeats": Style(
        drums={
            "deep kick": ("x..x....x..x....", 0.85),
            "rim": ("...x..x....x..x.", 0.5),
            "shaker": ("x.xxx.xxx.xxx.xx", 0.3),
            "conga": ("..x..x.x..x..xx.", 0.35),
            "low conga": ("x.......x...x...", 0.3),
        },
        bass=Part("round bass", "1..1..3.1..4..3.", 0.6, 2),
        chords=Part("pluck", "..c..c....c..c..", 0.13, 4),
        lead=Part("marimba", "1.2.3..4..3.2...3.4.3..2..1.....", 0.38, 5),
        swing=0.15,
    ),
    "ambient": Style(
        drums={"ride": ("o.......o...o...", 0.1), "tom": ("x...............", 0.25)},
        bass=Part("sub", "1---------------", 0.4, 2),
        chords=Part("pad", "c---------------", 0.22, 4),
        lead=Part("glass", "4.....3...2.......1...3.....4...", 0.24, 5),
        room=0.9,
    ),
    "r&b": Style(
        drums={
            "deep kick": ("x.........x..x..", 0.85),
            "snare": ("....x.......x...", 0.5),
            "rim": ("..........o....o", 0.35),
            "soft hat": ("x.xxx.x.x.xrx.x.", 0.34),
        },
        bass=Part("sub", "1-------.-3---4-", 0.6, 2),
        chords=Part("electric piano", "c---------c-----", 0.19, 4),
        lead=Part("glass", "......3.4...2.......3.2.1.......", 0.22, 5),
        swing=0.2,
        room=0.4,
    ),
    "reggaeton": Style(
        drums={
            "kick": ("x...x...x...x...", 0.85),
            "snare": ("...x..x....x..x.", 0.6),
            "hat": ("x.x.x.x.x.x.x.x.", 0.28),
            "clave": ("x..x..x...x.x...", 0.2),
        },
        bass=Part("bite bass", "1..1..1.1..3..4.", 0.5, 2),
        chords=Part("pluck", "..c...c...c...c.", 0.14, 4),
        lead=Part("lead", "1--2--3-..4-3-2-1--3--2-........", 0.22, 5),
        room=0.3,
    ),
    "phonk": Style(
        drums={
            "tight kick": ("x...x..xx...x...", 0.95),
            "snare": ("....x.......x...", 0.7),
            "clave": ("x.x.xx.x.x.xx.x.", 0.45),
            "hat": ("..x...x...x...x.", 0.35),
        },
        bass=Part("808", "1---1--31---4---", 0.8, 2),
        chords=Part("choir", "c---------------", 0.1, 3),
        lead=Part("pluck", "1.1.2.1.3.1.2.1.4.4.3.2.3.1.2.1.", 0.26, 4),
        room=0.3,
    ),
    "jersey club": Style(
        drums={
            "kick": ("x...x...x..x..x.", 0.95),
            "clap": ("....x..x....x..x", 0.5),
            "hat": ("..x...x...x...x.", 0.4),
            "tom": ("..............xx", 0.3),
        },
        bass=Part("bite bass", "1---1---1--1--3-", 0.5, 2),
        chords=Part("organ", "c...c..c....c..c", 0.16, 4),
        lead=Part("glass", "4.3.1...4.3.2...4.3.1..2..3.4...", 0.3, 5),
        ducking=0.4,
    ),
    "drum & bass": Style(
        drums={
            "tight kick": ("x.........x.....", 0.95),
            "snare": ("....x..o.o..x...", 0.75),
            "hat": ("x.x.x.x.x.x.x.xx", 0.36),
            "ride": ("x...x...x...x...", 0.14),
        },
        bass=Part("reese", "1-----1-..3---4-", 0.5, 2),
        chords=Part("pad", "c---------------", 0.2, 4),
        lead=Part("glass", "1.....3.....4...3.....2.........", 0.26, 5),
        room=0.4,
        ducking=0.3,
    ),
    "synthwave": Style(
        drums={
            "kick": ("x...x...x...x...", 0.9),
            "snare": ("....x.......x...", 0.7),
            "hat": ("x.x.x.x.x.x.x.x.", 0.3),
            "tom": (".............xxx................", 0.45),
        },
        bass=Part("bite bass", "1.1.1.1.1.1.3.4.", 0.5, 2),
        chords=Part("pad", "c---------------", 0.2, 4),
        lead=Part("lead", "1---3---4---3-2-1---2---3-------", 0.24, 5),
        ducking=0.35,
        room=0.45,
    ),
}
