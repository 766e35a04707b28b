"""The options that the commands share, and how each is read."""

import getpass
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from domain.money import MOST_DIGITS

_SPAN = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LONGEST_REASON = 500  # characters


class Dismissal(StrEnum):
    """Money that Stripe did not send back, and that was seen to in another way."""

    SECOND_PAYMENT = "second-payment"
    REFUND = "refund"


def _moment(text: str) -> datetime:
    """`90m`, `2h` or `3d` before now, or an ISO 8601 date or time, in UTC unless it says."""
    if span := _SPAN.fullmatch(text):
        number, unit = span.groups()
        try:
            return datetime.now(UTC) - timedelta(**{_UNITS[unit]: int(number)})
        except OverflowError:
            raise typer.BadParameter("there was no such time") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("give 90m, 2h, 3d, or a date such as 2026-03-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _major_units(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter("give an amount such as 10.00") from None
    if not amount.is_finite() or amount <= 0 or amount.adjusted() >= MOST_DIGITS:
        raise typer.BadParameter("give an amount above zero, and of no more digits than a price")
    return amount


def _reason(text: str) -> str:
    told = " ".join(text.split())
    if not told or len(told) > LONGEST_REASON or not told.isprintable():
        raise typer.BadParameter(f"say why, in 1 to {LONGEST_REASON} characters")
    return told


def operator(given: str | None) -> str:
    """Who decides: whoever is named, or this machine's user."""
    try:
        return _reason(given) if given else getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("say who decides: --by NAME, or BEATLINE_OPERATOR") from None


Data = Annotated[
    Path | None,
    typer.Option(
        help="The data folder of a running `beatline up`; without it, what the environment names, "
        "or else the system that runs on .beatline.",
        file_okay=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]
Reference = Annotated[
    str, typer.Argument(metavar="ORDER", help="An order id, or a Stripe session, payment or event.")
]
Reason = Annotated[str, typer.Option(parser=_reason, help="Why; it stays in the order's history.")]
By = Annotated[
    str | None,
    typer.Option(envvar="BEATLINE_OPERATOR", help="Who decides; without it, this machine's user."),
]
Since = Annotated[
    datetime | None,
    typer.Option(parser=_moment, help="Placed since then: 90m, 2h, 3d, or a date."),
]
Amount = Annotated[
    Decimal | None,
    typer.Option(parser=_major_units, help="How much, as 10.00; without it, all that is left."),
]
