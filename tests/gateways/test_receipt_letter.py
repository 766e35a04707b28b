"""The receipt's words: what was sold and what it allows, for any title that a beat may have."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.license import LicenseType
from domain.money import Money
from domain.order import Order
from gateways.receipt_letter import WIDTH, compose
from tests.making import TRACKOUT, UNLIMITED, WAV, order

PAGE = "https://shop.example/ok?session=cs_1"


def sold(*licenses: LicenseType, title: str = "Dusk", **changes: Any) -> Order:
    """An order of these licenses of one beat, paid on the first of March."""
    made = order(*(kind.value for kind in licenses), session_id="cs_1")
    items = [
        replace(
            item,
            beat=replace(item.beat, title=title),
            license_type=kind,
            unit_price=kind.terms.default_price,
            usage_rights=kind.terms.usage_rights,
            has_stems=kind.includes_stems,
        )
        for item, kind in zip(made.items, licenses, strict=True)
    ]
    first, *rest = (item.total for item in items)
    total = sum(rest, start=first)
    paid_at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return replace(made, items=tuple(items), total=total, paid_at=paid_at, **changes)


class Reader(HTMLParser):
    """What a person sees of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("kind", LicenseType)
def test_both_parts_tell_each_license_with_its_rights_price_and_files(kind: LicenseType) -> None:
    made = sold(kind)
    letter = compose(made, "Beat Shop")
    for said in (letter.text, Reader(letter.html).text):
        for word in ("Dusk", kind.terms.name, *kind.terms.usage_rights, made.id):
            assert word in said
        assert str(kind.terms.default_price) in said
        assert "1 March 2026" in said
        assert ("stems" in said) == kind.includes_stems


def test_the_total_and_quantities_are_told() -> None:
    made = sold(WAV, UNLIMITED)
    twice = replace(made.items[0], quantity=2)
    made = replace(made, items=(twice, made.items[1]), total=Money(123_456_789, "EUR"))
    letter = compose(made, "Beat Shop")
    for said in (letter.text, Reader(letter.html).text):
        assert "WAV Lease × 2" in said
        assert "39.98 EUR" in said
        assert "1,234,567.89 EUR" in said


def test_rights_are_those_that_were_sold_whatever_is_sold_now() -> None:
    made = sold(WAV)
    made = replace(made, items=(replace(made.items[0], usage_rights=("Whistling",)),))
    letter = compose(made, "Beat Shop")
    for said in (letter.text, letter.html):
        assert "Whistling" in said
        assert "Streaming" not in said


def test_the_letter_leads_to_the_orders_page_and_to_no_file() -> None:
    letter = compose(sold(TRACKOUT), "Beat Shop")
    assert set(Reader(letter.html).links) == {PAGE}
    assert re.findall(r"\w+://\S+", letter.text) == [PAGE]
    assert "/api/download" not in letter.html + letter.text


def test_the_subject_tells_nothing_of_the_order() -> None:
    made = sold(WAV, customer_email="buyer@example.com", customer_name="A Buyer")
    letter = compose(made, "Beat\r\nShop")
    assert letter.subject == "Your receipt from Beat Shop"
    assert "A Buyer" not in letter.text + letter.html
    assert "buyer@example.com" not in letter.text + letter.html


def test_markup_in_a_title_or_an_address_is_shown_as_text() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    made = sold(WAV, title=evil, success_url='https://shop.example/"onload="x')
    read = Reader(compose(made, "<b>Shop</b>").html)
    assert evil in read.text
    assert "<b>Shop</b>" in read.text
    assert not {"script", "img", "b"} & set(read.tags)
    assert set(read.links) == {'https://shop.example/"onload="x?session_id=cs_1'}


@given(st.text(max_size=300))
def test_any_title_fits_into_72_columns_and_forges_no_line(title: str) -> None:
    plain, odd = (compose(sold(WAV, WAV, title=each), "Beat Shop") for each in ("Dusk", title))
    lines = odd.text.removesuffix("\n").split("\n")
    assert max(len(line) for line in lines if line != PAGE) <= WIDTH
    assert lines == odd.text.splitlines()  # no other kind of line break has come in
    assert Reader(odd.html).tags == Reader(plain.html).tags
    assert "\u202e" not in odd.text + odd.html
