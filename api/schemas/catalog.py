"""The catalogue, as a shop shows it."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.schemas.wire import Amount, Duration, Instant, Wire
from database.catalog_pages import BeatFilter
from domain.beat import Beat
from domain.license import LicenseType

MAX_SEARCH_WORDS = 12


def _few_words(search: str) -> str:
    """Each word is looked for by itself, in every beat: a hundred would be an attack."""
    if len(search.split()) > MAX_SEARCH_WORDS:
        raise ValueError(f"A search has at most {MAX_SEARCH_WORDS} words")
    return search


_Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_Search = Annotated[_Text, AfterValidator(_few_words)]
_MajorUnits = Annotated[Decimal, Field(ge=0, le=1_000_000)]


# The names that the fields of a beat's prices begin with.
_SHORT_NAMES = {
    LicenseType.WAV_LEASE: "wav",
    LicenseType.TRACKOUT_LEASE: "trackout",
    LicenseType.UNLIMITED_LEASE: "unlimited",
}


class BeatView(Wire):
    """A beat as a shop shows it; a price is null where that license is not offered."""

    id: str
    title: str
    description: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration: Duration = Field(validation_alias="duration_seconds")
    wav_lease_price: Amount | None
    trackout_lease_price: Amount | None
    unlimited_lease_price: Amount | None
    currency: str
    stripe_wav_price_id: str | None
    stripe_trackout_price_id: str | None
    stripe_unlimited_price_id: str | None
    tags: tuple[str, ...]
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
        priced: dict[str, object] = {"currency": beat.currency}
        for kind, name in _SHORT_NAMES.items():
            price = beat.prices.get(kind)
            priced[f"{name}_lease_price"] = price.amount if price else None
            priced[f"stripe_{name}_price_id"] = price.price_id if price else None
        return cls.model_validate(vars(beat) | priced)


class BeatQuery(Wire):
    """Which beats, in which order, and which page of them; prices mean the WAV lease's."""

    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(12, ge=1, le=100)
    search: _Search | None = None
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

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, fields: Any) -> Any:
        """A form that nobody touched sends every field, each without a value."""
        if not isinstance(fields, dict):
            return fields
        return {name: value for name, value in fields.items() if value != ""}

    @property
    def filter(self) -> BeatFilter:
        return BeatFilter(
            search=self.search,
            genre=self.genre,
            bpm_min=self.bpm_min,
            bpm_max=self.bpm_max,
            key=self.key,
            price_min=_hundredths(self.price_min),
            price_max=_hundredths(self.price_max),
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
    usage_rights: tuple[str, ...]
    is_exclusive: bool
    duration_years: int
    territory: str


def _hundredths(amount: Decimal | None) -> int | None:
    """Rounded: a bound that a visitor typed need not be a whole number of them."""
    return None if amount is None else round(amount * 100)
