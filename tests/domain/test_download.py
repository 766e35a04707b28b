"""Who may have a file, and how it is named."""

import ast
import inspect
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.beat import AssetKind
from domain.download import (
    SoldFile,
    require_access,
    require_buyer,
    require_same_file,
    require_standing,
)
from domain.errors import (
    AssetNotFound,
    BeatNotFound,
    BeatNotInOrder,
    EmailMismatch,
    GrantMismatch,
    OrderClosed,
    OrderUnpaid,
    StemsNotLicensed,
)
from domain.order import OrderStatus
from tests.making import TRACKOUT, UNLIMITED, WAV, asset

STEMS = AssetKind.STEMS
SOUND = SoldFile(
    order_id="ord_1",
    order_status=OrderStatus.COMPLETED,
    customer_email="a@example.com",
    beat_id="dusk",
    beat_exists=True,
    kind=AssetKind.MASTER,
    title="Dusk",
    item_id="itm_1_0",
    license_type=TRACKOUT,
    has_stems=True,
    grant_id=7,
    asset=asset("dusk", AssetKind.MASTER),
)
# Everything that can be wrong at once, the gravest first: each is told only once those before
# it are mended.
FAULTS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"order_status": OrderStatus.REFUNDED}, OrderClosed),
    ({"beat_exists": False}, BeatNotFound),
    ({"item_id": None}, BeatNotInOrder),
    ({"has_stems": False}, StemsNotLicensed),
    ({"grant_id": None, "asset": None}, AssetNotFound),
]


def test_a_sound_file_is_handed_out() -> None:
    assert require_access(SOUND) == (7, asset("dusk", AssetKind.MASTER))


@pytest.mark.parametrize("mended", range(len(FAULTS)))
def test_the_gravest_of_many_faults_is_told(mended: int) -> None:
    file = replace(SOUND, kind=STEMS)
    for changes, _ in FAULTS[mended:]:
        file = replace(file, **changes)
    with pytest.raises(FAULTS[mended][1]):
        require_access(file)


@pytest.mark.parametrize("lost", [{"grant_id": None}, {"asset": None}])
def test_a_file_needs_both_its_grant_and_its_asset(lost: dict[str, Any]) -> None:
    with pytest.raises(AssetNotFound) as refused:
        require_access(replace(SOUND, **lost))
    assert (refused.value.beat_id, refused.value.kind) == ("dusk", "master")


def test_a_wav_lease_gives_the_master_and_not_the_stems() -> None:
    file = replace(SOUND, license_type=WAV, has_stems=False)
    assert require_access(file)[0] == 7
    with pytest.raises(StemsNotLicensed):
        require_access(replace(file, kind=STEMS, asset=asset("dusk", STEMS)))


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (OrderStatus.PENDING, OrderUnpaid),
        (OrderStatus.PAID, OrderUnpaid),
        (OrderStatus.CANCELLED, OrderClosed),
        (OrderStatus.FAILED, OrderClosed),
        (OrderStatus.REFUNDED, OrderClosed),
        (OrderStatus.DISPUTED, OrderClosed),
    ],
)
def test_only_a_completed_order_gives_its_files(
    status: OrderStatus, refusal: type[OrderUnpaid] | type[OrderClosed]
) -> None:
    require_standing(OrderStatus.COMPLETED)
    with pytest.raises(refusal) as refused:
        require_standing(status)
    assert vars(refused.value) == {"status": status}


@pytest.mark.parametrize("given", ["a@example.com", " A@Example.com ", "A@EXAMPLE.COM\n"])
def test_the_buyers_address_is_known_in_any_spelling(given: str) -> None:
    require_buyer(OrderStatus.COMPLETED, given, "A@example.com")


@pytest.mark.parametrize("given", ["", "b@example.com", "a@example.co", "a @example.com", "ä@x"])
def test_another_address_is_refused(given: str) -> None:
    with pytest.raises(EmailMismatch):
        require_buyer(OrderStatus.COMPLETED, given, "a@example.com")


ADDRESS = "a@example.com"


@pytest.mark.parametrize("length", [1, 2, len(ADDRESS) - 1, len(ADDRESS) + 1, 320, 100_000])
@pytest.mark.parametrize("char", ["a", "ä", "\0", "🥁"])
def test_an_address_of_any_length_is_compared_and_refused(length: int, char: str) -> None:
    begun = (ADDRESS + char * length)[:length]  # as much of the right one as there is room for
    for guess in {begun, char * length} - {ADDRESS}:
        with pytest.raises(EmailMismatch):
            require_buyer(OrderStatus.COMPLETED, guess, ADDRESS)


def test_no_comparison_of_addresses_stops_at_the_first_difference() -> None:
    """Every address goes through compare_digest, which takes as long for any of one length."""
    (function,) = ast.parse(inspect.getsource(require_buyer)).body
    calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    compared = [node for node in ast.walk(function) if isinstance(node, ast.Compare)]
    assert calls.count("hmac.compare_digest") == 1
    assert [ast.unparse(node) for node in compared] == ["of_order is None"]


@pytest.mark.parametrize("of_order", [None, "", "  "])
@pytest.mark.parametrize("given", ["", " ", "a@example.com"])
def test_an_order_without_an_address_is_nobodys(given: str, of_order: str | None) -> None:
    with pytest.raises(EmailMismatch):
        require_buyer(OrderStatus.COMPLETED, given, of_order)


def test_a_grant_opens_its_own_file_alone() -> None:
    require_same_file(SOUND, "dusk", AssetKind.MASTER)
    require_same_file(SOUND, "dusk", None)
    with pytest.raises(GrantMismatch):
        require_same_file(SOUND, "dawn", AssetKind.MASTER)
    with pytest.raises(GrantMismatch):
        require_same_file(SOUND, "dusk", STEMS)


@pytest.mark.parametrize(
    ("title", "changes", "name"),
    [
        ("Midnight Drive", {"license_type": WAV}, "Midnight Drive (WAV Lease).wav"),
        (
            "Midnight Drive",
            {"license_type": UNLIMITED, "kind": STEMS, "asset": asset("dusk", STEMS)},
            "Midnight Drive (Unlimited Lease, Stems).zip",
        ),
        ("Nächte 夜 🌙", {}, "Nächte 夜 🌙 (Trackout Lease).wav"),
        ('a/b\\c:d*e?f"g<h>i|j', {}, "a b c d e f g h i j (Trackout Lease).wav"),
        ("../../etc/passwd", {}, "etc passwd (Trackout Lease).wav"),
        ("two\r\nlines\tand\0more", {}, "two lines and more (Trackout Lease).wav"),
        ("left\u202eright", {}, "left right (Trackout Lease).wav"),
        (" ... ", {}, "Beat (Trackout Lease).wav"),
        ("", {}, "dusk (Trackout Lease).wav"),
        ("x" * 500, {}, "x" * 200 + " (Trackout Lease).wav"),
        ("夜" * 100, {}, "夜" * 66 + " (Trackout Lease).wav"),
        ("x" * 199 + " y", {}, "x" * 199 + " (Trackout Lease).wav"),
    ],
)
def test_a_file_has_a_name_that_people_and_file_systems_can_read(
    title: str, changes: dict[str, Any], name: str
) -> None:
    assert replace(SOUND, title=title, **changes).filename == name


@given(st.text() | st.text(min_size=60, alphabet="夜🥁é."))
def test_no_title_makes_a_dangerous_file_name(title: str) -> None:
    name = replace(SOUND, title=title).filename
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|')
    assert name.endswith(" (Trackout Lease).wav")
    assert len(name.encode()) <= 255
    assert not name.startswith((".", " "))
