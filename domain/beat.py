"""A beat as the catalogue lists it, and the files that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.license import LicenseType
from domain.money import Money


class AssetKind(StrEnum):
    """A file of a beat. Masters and stems are sold; previews and artwork are public."""

    MASTER = "master"
    STEMS = "stems"
    PREVIEW = "preview"
    ARTWORK = "artwork"


SOLD_ASSETS = frozenset({AssetKind.MASTER, AssetKind.STEMS})


@dataclass(frozen=True)
class Asset:
    """A stored file: where Cloudinary keeps it, and how to tell that it arrived whole.

    `public_id`, `resource_type` and `format` are Cloudinary's words; `url` is set for
    public assets alone. `sha256` is the hex digest of the `size` bytes published.
    """

    kind: AssetKind
    public_id: str
    resource_type: str
    format: str
    size: int
    sha256: str
    url: str | None = None


@dataclass(frozen=True)
class Price:
    """What one license of one beat costs, and Stripe's name for that price."""

    price_id: str
    amount: Money


@dataclass(frozen=True)
class ListedBeat:
    """What checkout must know of a beat to sell a license of it."""

    id: str
    title: str
    has_stems: bool
    is_active: bool
    releases_at: datetime | None
    prices: Mapping[LicenseType, Price]

    def is_released(self, now: datetime) -> bool:
        return self.releases_at is None or self.releases_at <= now


@dataclass(frozen=True)
class Beat:
    """A beat with all that a shop shows of it; never where its master or stems are."""

    id: str
    title: str
    description: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration_seconds: int
    tags: tuple[str, ...]
    has_stems: bool
    is_exclusive: bool
    is_active: bool
    featured: bool
    scheduled_release_at: datetime | None
    preview_url: str | None
    artwork_url: str | None
    created_at: datetime
    updated_at: datetime
    prices: Mapping[LicenseType, Price]

    @property
    def currency(self) -> str:
        """What it is sold in; the house's currency for a beat that has no price."""
        amounts = [price.amount for price in self.prices.values()]
        return amounts[0].currency if amounts else LicenseType.WAV_LEASE.terms.currency
