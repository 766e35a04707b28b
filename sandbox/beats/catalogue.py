"""The demo shop's beats: what they are called, how they sound and look, how they are sold."""

import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemoBeat:
    """One beat; `prices` are by license type, False where a license is not offered."""

    title: str
    description: str
    genre: str
    bpm: int
    key: str
    mode: str
    tags: tuple[str, ...]
    style: str
    progression: tuple[int, ...]  # degrees of the scale, 1 to 7
    cover: str
    palette: tuple[str, str, str, str, str]  # ground, second ground, two colours, ink
    stems: bool = True
    featured: bool = False
    exclusive: bool = False
    active: bool = True
    release_at: str | None = None  # RFC 3339
    prices: dict[str, str | bool] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The folder's name: the title in plain letters."""
        decomposed = unicodedata.normalize("NFKD", self.title.lower())
        plain = "".join(each for each in decomposed if not unicodedata.combining(each))
        return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


DEMO_BEATS = (
    DemoBeat(
        "Midnight Drive",
        "Headlights, wet asphalt and an 808 that arrives before the chorus does.",
        "Trap",
        142,
        "F#",
        "minor",
        ("dark", "808", "night"),
        "trap",
        (1, 6, 3, 7),
        "road",
        ("#12082e", "#4b1d6b", "#ff5c8a", "#ffb86b", "#fff4e6"),
        featured=True,
    ),
    DemoBeat(
        "Concrete Weather",
        "Sliding bass under a grey sky; room for a voice that means it.",
        "Drill",
        144,
        "C",
        "minor",
        ("cold", "sliding 808", "street"),
        "drill",
        (1, 1, 6, 5),
        "shards",
        ("#1b2126", "#3a464f", "#8fa6b2", "#e4ff4f", "#f3f6f7"),
    ),
    DemoBeat(
        "Paper Lanterns",
        "Electric piano, tape dust and a drummer who is in no hurry.",
        "Lo-Fi",
        78,
        "D",
        "major",
        ("warm", "study", "tape"),
        "lo-fi",
        (2, 5, 1, 6),
        "lanterns",
        ("#20304a", "#4d5f7d", "#f6c177", "#eb8f6a", "#fff3dc"),
        featured=True,
    ),
    DemoBeat(
        "Corner Store Gospel",
        "Chopped keys, hard snare, head nod included.",
        "Boom Bap",
        90,
        "A",
        "minor",
        ("classic", "dusty", "keys"),
        "boom bap",
        (1, 4, 6, 5),
        "vinyl",
        ("#e9dcc3", "#d8c4a0", "#b5402a", "#2a2320", "#2a2320"),
    ),
    DemoBeat(
        "Terrazzo",
        "Organ stabs and a kick that never sits down.",
        "House",
        124,
        "G",
        "minor",
        ("club", "organ", "summer"),
        "house",
        (1, 7, 6, 7),
        "arcs",
        ("#f4efe6", "#e8dfd0", "#e4572e", "#17726d", "#22252a"),
    ),
    DemoBeat(
        "Mango Season",
        "Marimba, congas and sunlight; made for a hook in two languages.",
        "Afrobeats",
        104,
        "E",
        "major",
        ("sunny", "marimba", "dance"),
        "afrobeats",
        (1, 5, 6, 4),
        "tiles",
        ("#fbe3b5", "#f7b733", "#e2552b", "#1f7a4d", "#3a1d12"),
        prices={
            "currency": "EUR",
            "WAV_LEASE": "24.99",
            "TRACKOUT_LEASE": "49.99",
            "UNLIMITED_LEASE": "119.00",
        },
    ),
    DemoBeat(
        "Slow Tide",
        "Two chords, a lot of air, and the sea at the end of the street.",
        "Ambient",
        70,
        "C",
        "major",
        ("calm", "film", "wide"),
        "ambient",
        (1, 6, 4),
        "hills",
        ("#dfeaea", "#a9ccd0", "#5b98a6", "#1f5566", "#f1fafa"),
        stems=False,
    ),
    DemoBeat(
        "Velvet Hours",
        "Seventh chords for the small hours, slow hands on the drum pads.",
        "R&B",
        72,
        "Eb",
        "major",
        ("smooth", "late night", "soul"),
        "r&b",
        (4, 3, 2, 1),
        "ribbons",
        ("#2a0f24", "#5a1a3e", "#d64f7f", "#f3a6a0", "#ffeae2"),
        exclusive=True,
    ),
    DemoBeat(
        "Señal Nocturna",
        "Dembow with the lights off; the lead line calls, the bass answers.",
        "Reggaeton",
        94,
        "B",
        "minor",
        ("dembow", "latin", "night"),
        "reggaeton",
        (1, 6, 3, 7),
        "signal",
        ("#07203a", "#0d3d56", "#19d3c5", "#ff4f64", "#effffb"),
    ),
    DemoBeat(
        "Rust and Chrome",
        "A cowbell, a bad idea, and a very low C.",
        "Phonk",
        130,
        "D",
        "minor",
        ("aggressive", "cowbell", "drift"),
        "phonk",
        (1, 1, 6, 7),
        "halftone",
        ("#160b0b", "#3b1010", "#ff3b1f", "#ff9a3d", "#ffe9df"),
        stems=False,
    ),
    DemoBeat(
        "Overpass",
        "Five kicks to the bar and a bell that skips the queue.",
        "Jersey Club",
        138,
        "A#",
        "minor",
        ("club", "bounce", "bells"),
        "jersey club",
        (6, 7, 1, 1),
        "checkers",
        ("#f2f0ff", "#d9d3ff", "#5b3df5", "#ff6fb5", "#1c1442"),
        prices={
            "currency": "EUR",
            "WAV_LEASE": "19.99",
            "TRACKOUT_LEASE": "39.99",
            "UNLIMITED_LEASE": False,
        },
    ),
    DemoBeat(
        "Glass Harbor",
        "Fast breaks over slow water.",
        "Drum & Bass",
        172,
        "E",
        "minor",
        ("liquid", "fast", "pads"),
        "drum & bass",
        (1, 6, 4, 5),
        "lines",
        ("#0a1b24", "#0f3443", "#34e0a1", "#8be9ff", "#eafff7"),
        stems=False,
    ),
    DemoBeat(
        "Old Receipts",
        "Found at the bottom of a drawer; still in time.",
        "Lo-Fi",
        84,
        "G",
        "major",
        ("dusty", "short", "sketch"),
        "lo-fi",
        (4, 3, 2, 5),
        "strips",
        ("#efe9dd", "#ddd2bf", "#7a8c6e", "#c77f4a", "#35302a"),
        stems=False,
        active=False,
    ),
    DemoBeat(
        "First Light Protocol",
        "Arpeggios for a sunrise that has been scheduled.",
        "Synthwave",
        108,
        "A",
        "minor",
        ("retro", "analog", "drive"),
        "synthwave",
        (1, 6, 3, 7),
        "sunrise",
        ("#1a0b3d", "#7a1f7c", "#ff7a59", "#ffd166", "#fff1d6"),
        release_at="2035-01-01T00:00:00Z",
    ),
)
