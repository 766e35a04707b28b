"""The demo beats: their sound, their files, their cards."""

import hashlib
import io
import tomllib
import wave
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sandbox.beats import write_demo_beats
from sandbox.beats.catalogue import DEMO_BEATS, DemoBeat
from sandbox.beats.composition import chord
from sandbox.beats.folder import card

Samples = NDArray[np.float64]


def heard(content: bytes) -> tuple[Samples, int, float]:
    """A 16-bit WAV's samples by channel, its rate and its seconds."""
    with wave.open(io.BytesIO(content)) as reader:
        assert reader.getsampwidth() == 2
        frames = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
        seconds = reader.getnframes() / reader.getframerate()
        channels = frames.reshape(-1, reader.getnchannels()).astype(float)
        return channels, reader.getframerate(), seconds


def digests(folder: Path) -> dict[str, str]:
    """Every file's content, by path."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def beats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All demo beats, written once."""
    folder = tmp_path_factory.mktemp("beats")
    write_demo_beats(folder)
    return folder


def cards(folder: Path) -> dict[str, dict[str, Any]]:
    """Every card, parsed, by folder name."""
    return {
        each.parent.name: tomllib.loads(each.read_text(encoding="utf-8"))
        for each in sorted(folder.glob("*/beat.toml"))
    }


def test_a_whole_shop_is_written_and_stays_small(beats: Path) -> None:
    assert len(cards(beats)) == len(DEMO_BEATS) >= 14
    assert len({beat.genre for beat in DEMO_BEATS}) >= 9
    assert sum(file.stat().st_size for file in beats.rglob("*")) < 60_000_000


@pytest.mark.parametrize("beat", DEMO_BEATS, ids=lambda beat: beat.slug)
def test_a_master_is_real_music_without_clipping(beats: Path, beat: DemoBeat) -> None:
    samples, rate, seconds = heard((beats / beat.slug / "master.wav").read_bytes())
    assert (samples.shape[1], rate) == (2, 44100)
    assert 8 <= seconds <= 12
    assert 0.9 < np.abs(samples).max() / 32767 < 0.99
    assert np.sqrt((samples**2).mean()) / 32767 > 0.08
    assert np.abs(samples[-20:]).max() < 200
    assert not np.allclose(samples[:, 0], samples[:, 1])


@pytest.mark.parametrize("beat", DEMO_BEATS, ids=lambda beat: beat.slug)
def test_a_preview_is_shorter_and_mono(beats: Path, beat: DemoBeat) -> None:
    samples, rate, seconds = heard((beats / beat.slug / "preview.wav").read_bytes())
    assert (samples.shape[1], rate) == (1, 22050)
    assert 4 < seconds < 8
    assert 1000 < np.abs(samples).max() < 32767


@pytest.mark.parametrize(
    "beat", [beat for beat in DEMO_BEATS if beat.stems], ids=lambda beat: beat.slug
)
def test_stems_sum_to_the_master(beats: Path, beat: DemoBeat) -> None:
    with zipfile.ZipFile(beats / beat.slug / "stems.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["drums.wav", "bass.wav", "melody.wav"]
        stems = [heard(archive.read(name))[0] for name in archive.namelist()]
    master, _, _ = heard((beats / beat.slug / "master.wav").read_bytes())
    mix = sum(stems[1:], stems[0])
    assert all(np.abs(stem).max() > 3000 for stem in stems)
    gain = (mix * master).sum() / (mix * mix).sum()
    assert np.abs(master - gain * mix).max() < 6  # rounding to 16 bits, of 32,767


def test_four_beats_have_no_stems(beats: Path) -> None:
    without = {beat.slug for beat in DEMO_BEATS if not beat.stems}
    assert len(without) == 4
    assert {place.name for place in beats.iterdir()} - without == {
        archive.parent.name for archive in beats.glob("*/stems.zip")
    }


def test_no_two_beats_sound_or_look_alike(beats: Path) -> None:
    for name in ("master.wav", "artwork.png"):
        contents = {(beats / beat.slug / name).read_bytes() for beat in DEMO_BEATS}
        assert len(contents) == len(DEMO_BEATS)


@pytest.mark.parametrize("beat", DEMO_BEATS, ids=lambda beat: beat.slug)
def test_artwork_is_a_square_of_many_colors(beats: Path, beat: DemoBeat) -> None:
    with Image.open(beats / beat.slug / "artwork.png") as image:
        assert (image.format, image.size, image.mode) == ("PNG", (600, 600), "RGB")
        colors = image.getcolors(maxcolors=360_000)
        assert colors is not None
        assert len(colors) > 100


def test_cards_tell_what_the_shop_needs(beats: Path) -> None:
    for name, read in cards(beats).items():
        assert set(read) >= {"title", "description", "genre", "bpm", "key", "mode", "tags"}, name
        assert isinstance(read["bpm"], int)
        assert read["mode"] in ("major", "minor")
        assert read.get("release_at", datetime.now(UTC)).tzinfo is not None


def test_the_shop_has_one_of_each_special_case(beats: Path) -> None:
    read = list(cards(beats).values())
    later = datetime(2031, 1, 1, tzinfo=UTC)
    assert sum(each.get("featured", False) for each in read) == 2
    assert sum(each.get("exclusive", False) for each in read) == 1
    assert sum(each.get("active") is False for each in read) == 1
    assert (
        sum(each.get("release_at", datetime.min.replace(tzinfo=UTC)) > later for each in read) == 1
    )
    assert sum(each.get("prices", {}).get("WAV_LEASE") == "24.99" for each in read) == 1
    assert sum(each.get("prices", {}).get("UNLIMITED_LEASE") is False for each in read) == 1
    assert [each["title"] for each in read if not each["title"].isascii()] == ["Señal Nocturna"]


def test_a_title_with_quotes_and_backslashes_survives_its_card() -> None:
    odd = DemoBeat(
        'Say "Night" \\ Größe',
        "",
        "Trap",
        140,
        "C",
        "minor",
        (),
        "trap",
        (1,),
        "road",
        ("#000000", "#000000", "#000000", "#000000", "#000000"),
    )
    assert tomllib.loads(card(odd))["title"] == odd.title


def test_chords_stay_in_the_key_and_in_their_register() -> None:
    low_f, high_e = 29, 40  # MIDI numbers: F1 and E2
    for beat in DEMO_BEATS:
        assert len({tone % 12 for degree in (1, 2) for tone in chord(beat, degree, 2)}) == 7
        for degree in beat.progression:
            tones = chord(beat, degree, 2)
            assert low_f <= tones[0] <= high_e
            assert list(tones) == sorted(tones)


def test_the_same_bytes_are_written_at_each_run_and_only_where_missing(
    beats: Path, tmp_path: Path
) -> None:
    before = digests(beats)
    kept = beats / "terrazzo" / "master.wav"
    written_at = kept.stat().st_mtime_ns
    (beats / "overpass" / "beat.toml").unlink()
    (beats / "overpass" / "stems.zip").unlink()
    (beats / "slow-tide" / "artwork.png").unlink()
    places = write_demo_beats(beats)
    assert digests(beats) == before
    assert kept.stat().st_mtime_ns == written_at
    assert [place.name for place in places] == [beat.slug for beat in DEMO_BEATS]
