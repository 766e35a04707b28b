"""The receipt as a letter: what was bought and what it allows, in plain text and in HTML."""

import textwrap
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain.checkout import success_page
from domain.money import Money
from domain.order import Order, OrderItem
from gateways.mail import Letter

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH = 72  # columns, of the text; a link alone may be wider, since it cannot be broken
_RULE = "-" * WIDTH

# They turn the direction of all that follows, in a mail program too.
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@dataclass(frozen=True)
class Line:
    """One license, in words. All of it was frozen at the sale, but for the beat's title."""

    title: str
    license_name: str
    files: str
    rights: tuple[str, ...]
    price: str

    @classmethod
    def of(cls, item: OrderItem) -> "Line":
        name = item.license_type.terms.name
        return cls(
            title=_one_line(item.beat.title) or item.beat.id,
            license_name=f"{name} × {item.quantity}" if item.quantity > 1 else name,
            files="WAV master and stems" if item.has_stems else "WAV master",
            rights=item.usage_rights,
            price=_price(item.total),
        )


@dataclass(frozen=True)
class Content:
    """All that a receipt says, as text that is not yet escaped."""

    shop: str
    page: str
    order_id: str
    paid_on: str
    lines: tuple[Line, ...]
    total: str


def compose(order: Order, shop_name: str) -> Letter:
    """The letter about an order. Its subject, which shows on locked screens, tells nothing of it.

    It leads to the order's page and never to a file: links to files end soon, and are made there.
    """
    content = Content(
        shop=_one_line(shop_name),
        page=success_page(order.success_url, order.session_id or ""),
        order_id=order.id,
        paid_on=_day(order.paid_at or order.created_at),
        lines=tuple(Line.of(item) for item in order.items),
        total=_price(order.total),
    )
    html = _html_template().render(vars(content))
    return Letter(f"Your receipt from {content.shop}", _text(content), html)


@cache
def _html_template() -> "Template":
    # Late: the API, to which the workflows' steps bring this module, composes no letters.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("receipt.html")


def _text(content: Content) -> str:
    paragraphs = [
        _wrapped(f"Thank you for buying at {content.shop}. Your licenses are ready."),
        f"Download your files on your order's page:\n{content.page}",
        f"Order    {content.order_id}\nPaid on  {content.paid_on}",
        f"\n{_RULE}\n".join(["", *(_line(line) for line in content.lines), ""]).strip("\n"),
        _columns("Total", content.total),
        _wrapped(
            "The page makes fresh download links whenever you need them. Keep this mail to "
            "yourself: whoever has the address of the page can see your order."
        ),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _line(line: Line) -> str:
    rights = [_wrapped(right, "  - ") for right in line.rights]
    files = _wrapped(line.files, "  Files: ")
    return "\n".join([_columns(line.title, line.price), line.license_name, *rights, files])


def _columns(left: str, right: str) -> str:
    """Two texts on one line, the second to the right; below each other where they don't fit."""
    room = WIDTH - len(right) - 2
    *above, last = textwrap.wrap(left, room) or [""]
    return "\n".join([*above, f"{last.ljust(room)}  {right}"])


@lru_cache(maxsize=64)  # the rights of a license, and what is said in every letter
def _wrapped(text: str, bullet: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet))


def _price(amount: Money) -> str:
    return f"{amount.major:,} {amount.currency}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _one_line(text: str) -> str:
    """Text without line breaks, and without what could pass itself off as something else."""
    kept = (
        " " if char in _BIDI_CONTROLS or unicodedata.category(char) in ("Cc", "Cs") else char
        for char in text
    )
    return " ".join("".join(kept).split())
