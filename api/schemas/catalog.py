"""The catalogue, as a shop shows it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.order import minutes
from api.schemas.wire import Amount, Instant, Wire
from database.catalog import BeatFilter
from domain.beat import Beat
from domain.license import LicenseTerms, LicenseType

_Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_MajorUnits = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class BeatView(Wire):
    id: str
    title: str
    description: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration: str
    wav_lease_price: Amount | None
    trackout_lease_price: Amount | None
    unlimited_lease_price: Amount | None
    currency: str
    stripe_wav_price_id: str | None
    stripe_trackout_price_id: str | None
    stripe_unlimited_price_id: str | None
    tags: list[str]
    preview_url: str | None
    artwork_url: str | None
    has_stems: bool
    is_exclusive: bool
    is_active: bool
    featured: bool
    scheduled_release_at: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, beat: Beat) -> "BeatView":
        prices = {kind: beat.prices.get(kind) for kind in LicenseType}
        amounts = {kind: price and price.amount.major for kind, price in prices.items()}
        ids = {kind: price and price.price_id for kind, price in prices.items()}
        currency = next((price.amount.currency for price in beat.prices.values()), "EUR")
        return cls(
            id=beat.id,
            title=beat.title,
            description=beat.description,
            genre=beat.genre,
            bpm=beat.bpm,
            key=beat.key,
            mode=beat.mode,
            duration=minutes(beat.duration_seconds),
            wav_lease_price=amounts[LicenseType.WAV_LEASE],
            trackout_lease_price=amounts[LicenseType.TRACKOUT_LEASE],
            unlimited_lease_price=amounts[LicenseType.UNLIMITED_LEASE],
            currency=currency,
            stripe_wav_price_id=ids[LicenseType.WAV_LEASE],
            stripe_trackout_price_id=ids[LicenseType.TRACKOUT_LEASE],
            stripe_unlimited_price_id=ids[LicenseType.UNLIMITED_LEASE],
            tags=list(beat.tags),
            preview_url=beat.preview_url,
            artwork_url=beat.artwork_url,
            has_stems=beat.has_stems,
            is_exclusive=beat.is_exclusive,
            is_active=beat.is_active,
            featured=beat.featured,
            scheduled_release_at=beat.scheduled_release_at,
            created_at=beat.created_at,
            updated_at=beat.updated_at,
        )


class BeatQuery(Wire):
    """Which beats, in which order, and which page of them; prices mean the WAV lease's."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(12, ge=1, le=100)
    search: _Text | None = None
    genre: _Text | None = None
    bpm_min: int | None = Field(None, ge=0, le=1000)
    bpm_max: int | None = Field(None, ge=0, le=1000)
    key: _Text | None = None
    price_min: _MajorUnits | None = None
    price_max: _MajorUnits | None = None
    has_stems: bool | None = None
    is_exclusive: bool | None = None
    featured: bool | None = None
    sort_field: Literal["title", "genre", "bpm", "price", "createdAt"] = "createdAt"
    sort_order: Literal["asc", "desc"] = "desc"

    @property
    def filter(self) -> BeatFilter:
        return BeatFilter(
            search=self.search or None,
            genre=self.genre or None,
            bpm_min=self.bpm_min,
            bpm_max=self.bpm_max,
            key=self.key or None,
            price_min=_minor(self.price_min),
            price_max=_minor(self.price_max),
            has_stems=self.has_stems,
            is_exclusive=self.is_exclusive,
            featured=self.featured,
        )


class Pagination(Wire):
    page: int
    limit: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, query: BeatQuery, total: int) -> "Pagination":
        pages = -(-total // query.limit)
        return cls(
            page=query.page,
            limit=query.limit,
            total=total,
            total_pages=pages,
            has_next=query.page < pages,
            has_prev=query.page > 1,
        )


class BeatList(Wire):
    success: Literal[True]
    data: list[BeatView]
    pagination: Pagination


class LicenseView(Wire):
    """What a license allows; `null` copies, streams or music videos are unlimited."""

    license_type: LicenseType
    name: str
    default_price: Amount
    currency: str
    includes_stems: bool
    copies: int | None
    streams: int | None
    music_videos: int | None
    paid_live: bool
    radio_and_tv: bool
    sync: bool
    usage_rights: list[str]
    is_exclusive: bool
    duration_years: int
    territory: str

    @classmethod
    def of(cls, terms: LicenseTerms) -> "LicenseView":
        return cls(
            license_type=terms.license_type,
            name=terms.name,
            default_price=terms.default_price.major,
            currency=terms.default_price.currency,
            includes_stems=terms.includes_stems,
            copies=terms.copies,
            streams=terms.streams,
            music_videos=terms.music_videos,
            paid_live=terms.paid_live,
            radio_and_tv=terms.radio_and_tv,
            sync=terms.sync,
            usage_rights=list(terms.usage_rights),
            is_exclusive=terms.is_exclusive,
            duration_years=terms.duration_years,
            territory=terms.territory,
        )


def _minor(amount: Decimal | None) -> int | None:
    """Hundredths, rounded: a bound that a visitor typed need not be a whole number of them."""
    return None if amount is None else round(amount * 100)
