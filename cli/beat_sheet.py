"""A producer's folder: the files of a beat, and the sheet that describes it."""

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from domain.beat import AssetKind
from domain.license import TERMS, LicenseType
from domain.money import Money

SHEET = "beat.toml"

# The files that a sheet need not name, in the order in which they are looked for.
_USUAL_FILES = {
    AssetKind.MASTER: ("master.wav",),
    AssetKind.STEMS: ("stems.zip",),
    AssetKind.PREVIEW: ("preview.mp3", "preview.m4a", "preview.wav"),
    AssetKind.ARTWORK: ("artwork.png", "artwork.jpg", "artwork.jpeg", "artwork.webp"),
}
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_TAKEN = ("genres",)  # the API has something else at that address


class SheetError(Exception):
    """A folder cannot be published; the message says where and why, a line for each fault."""


def _price(value: Any) -> Any:
    """A price as text or number of major units; `false` means not offered."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError("give a price such as 24.99") from None


_Price = Annotated[Decimal | Literal[False], BeforeValidator(_price)]


class _Prices(BaseModel):
    model_config = ConfigDict(extra="forbid")

    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    WAV_LEASE: _Price = TERMS[LicenseType.WAV_LEASE].default_price.major
    TRACKOUT_LEASE: _Price = TERMS[LicenseType.TRACKOUT_LEASE].default_price.major
    UNLIMITED_LEASE: _Price = TERMS[LicenseType.UNLIMITED_LEASE].default_price.major

    @model_validator(mode="after")
    def _positive(self) -> "_Prices":
        if any(amount.minor <= 0 for amount in self.amounts().values()):
            raise ValueError("a price must be above zero")
        return self

    def amounts(self) -> dict[LicenseType, Money]:
        """What each license offered costs."""
        given = {kind: getattr(self, kind.value) for kind in LicenseType}
        return {
            kind: Money.from_major(amount, self.currency)
            for kind, amount in given.items()
            if amount is not False
        }


class _Files(BaseModel):
    model_config = ConfigDict(extra="forbid")

    master: str | None = None
    stems: str | None = None
    preview: str | None = None
    artwork: str | None = None


class Sheet(BaseModel):
    """What beat.toml says of a beat."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=5000)
    genre: str = Field(min_length=1, max_length=60)
    bpm: int = Field(ge=20, le=400)
    key: str = Field(min_length=1, max_length=10)
    mode: str = Field(min_length=1, max_length=20)
    tags: tuple[str, ...] = ()
    featured: bool = False
    exclusive: bool = False
    active: bool = True
    release_at: AwareDatetime | None = None
    prices: _Prices = Field(default_factory=_Prices)
    files: _Files = Field(default_factory=_Files)


@dataclass(frozen=True)
class BeatFolder:
    """A beat that is fit to be published."""

    id: str
    sheet: Sheet
    files: dict[AssetKind, Path]

    @property
    def prices(self) -> dict[LicenseType, Money]:
        """What it is sold for; without stems, no license that includes them is sold."""
        has_stems = AssetKind.STEMS in self.files
        return {
            kind: amount
            for kind, amount in self.sheet.prices.amounts().items()
            if has_stems or not kind.includes_stems
        }


def read_folders(folder: Path) -> list[BeatFolder]:
    """Every beat in a producer's folder; raises SheetError with all that is wrong in it."""
    homes = [folder] if (folder / SHEET).is_file() else sorted(folder.glob(f"*/{SHEET}"))
    homes = [home.parent if home.name == SHEET else home for home in homes]
    if not homes:
        raise SheetError(f"{folder}: no {SHEET} in it, nor in a folder of it")
    beats, faults = [], []
    for home in homes:
        try:
            beats.append(_read_folder(home))
        except SheetError as error:
            faults.append(str(error))
    if faults:
        raise SheetError("\n".join(faults))
    return beats


def _read_folder(home: Path) -> BeatFolder:
    beat_id = home.resolve().name
    if not _SLUG.fullmatch(beat_id) or beat_id in _TAKEN:
        words = f"use a-z, 0-9 and hyphens, but not {' or '.join(_TAKEN)}"
        raise SheetError(f"{home}: its name becomes the beat's id: {words}")
    sheet = _read_sheet(home / SHEET)
    files = {kind: path for kind in AssetKind if (path := _find_file(home, kind, sheet))}
    if AssetKind.MASTER not in files:
        raise SheetError(f"{home}: there is no master.wav")
    beat = BeatFolder(beat_id, sheet, files)
    if not beat.prices:
        raise SheetError(f"{home / SHEET}: prices: no license of this beat would be sold")
    return beat


def _read_sheet(path: Path) -> Sheet:
    try:
        return Sheet.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SheetError(f"{path}: {error}") from error
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise SheetError("\n".join(faults)) from error


def _find_file(home: Path, kind: AssetKind, sheet: Sheet) -> Path | None:
    named = getattr(sheet.files, kind.value)
    if named is None:
        usual = (home / name for name in _USUAL_FILES[kind])
        return next((path for path in usual if path.is_file()), None)
    path = home / str(named)
    if not path.is_file() or not path.resolve().is_relative_to(home.resolve()):
        raise SheetError(f"{home / SHEET}: files.{kind}: there is no file {named} in this folder")
    return path
