"""The three license types and what each allows."""

from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money


class LicenseType(StrEnum):
    WAV_LEASE = "WAV_LEASE"
    TRACKOUT_LEASE = "TRACKOUT_LEASE"
    UNLIMITED_LEASE = "UNLIMITED_LEASE"

    @property
    def terms(self) -> "LicenseTerms":
        return TERMS[self]

    @property
    def includes_stems(self) -> bool:
        return self.terms.includes_stems


@dataclass(frozen=True)
class LicenseTerms:
    """What a license allows; `None` for copies, streams or music videos means unlimited."""

    license_type: LicenseType
    name: str
    default_price: Money
    includes_stems: bool
    copies: int | None
    streams: int | None
    music_videos: int | None
    paid_live: bool
    radio_and_tv: bool
    sync: bool
    usage_rights: tuple[str, ...]
    is_exclusive: bool = False
    duration_years: int = 10
    territory: str = "Worldwide"

    @property
    def currency(self) -> str:
        return self.default_price.currency


_COMMON_RIGHTS = ("Non-exclusive rights", "Commercial use", "Streaming")

TERMS = {
    terms.license_type: terms
    for terms in (
        LicenseTerms(
            license_type=LicenseType.WAV_LEASE,
            name="WAV Lease",
            default_price=Money(1999, "EUR"),
            includes_stems=False,
            copies=5_000,
            streams=100_000,
            music_videos=1,
            paid_live=False,
            radio_and_tv=False,
            sync=False,
            usage_rights=_COMMON_RIGHTS,
        ),
        LicenseTerms(
            license_type=LicenseType.TRACKOUT_LEASE,
            name="Trackout Lease",
            default_price=Money(3999, "EUR"),
            includes_stems=True,
            copies=10_000,
            streams=250_000,
            music_videos=3,
            paid_live=False,
            radio_and_tv=False,
            sync=False,
            usage_rights=(*_COMMON_RIGHTS, "Limited distribution"),
        ),
        LicenseTerms(
            license_type=LicenseType.UNLIMITED_LEASE,
            name="Unlimited Lease",
            default_price=Money(7999, "EUR"),
            includes_stems=True,
            copies=None,
            streams=None,
            music_videos=None,
            paid_live=True,
            radio_and_tv=True,
            sync=True,
            usage_rights=(*_COMMON_RIGHTS, "Unlimited distribution"),
        ),
    )
}
