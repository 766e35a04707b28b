"""Demo beats: music, stems and covers made on the spot, the same at each run."""

from sandbox.beats.folder import write_demo_beats

__all__ = ["write_demo_beats"]
