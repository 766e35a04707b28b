"""The three licenses, word for word as the contract tells them."""

from domain.license import TERMS, LicenseTerms, LicenseType
from domain.money import Money
from tests.making import TRACKOUT, UNLIMITED, WAV

COMMON = ("Non-exclusive rights", "Commercial use", "Streaming")


def test_a_wav_lease_is_the_contracts() -> None:
    assert WAV.terms == LicenseTerms(
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
        usage_rights=COMMON,
        is_exclusive=False,
        duration_years=10,
        territory="Worldwide",
    )


def test_a_trackout_lease_is_the_contracts() -> None:
    assert TRACKOUT.terms == LicenseTerms(
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
        usage_rights=(*COMMON, "Limited distribution"),
        is_exclusive=False,
        duration_years=10,
        territory="Worldwide",
    )


def test_an_unlimited_lease_is_the_contracts() -> None:
    assert UNLIMITED.terms == LicenseTerms(
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
        usage_rights=(*COMMON, "Unlimited distribution"),
        is_exclusive=False,
        duration_years=10,
        territory="Worldwide",
    )


def test_there_are_three_licenses_and_stems_come_with_two() -> None:
    assert list(TERMS) == ["WAV_LEASE", "TRACKOUT_LEASE", "UNLIMITED_LEASE"]
    assert [kind.includes_stems for kind in LicenseType] == [False, True, True]
