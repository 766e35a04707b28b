"""Reads what a buyer typed into the payment page."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.means import BankAccount, Card, Means, is_iban, passes_luhn
from sandbox.stripe.objects.method_types import CARD, DEBIT
from sandbox.stripe.paying import Buyer

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EXPIRY = re.compile(r"(\d{1,2})\s*/?\s*(?:20)?(\d{2})")
_CARD_NUMBER = re.compile(r"\d{12,19}")
_LONGEST = 300  # characters of a field
_MOST_FIELDS = 50
_YEARS_AHEAD = 50


@dataclass
class Submission:
    """The fields as typed, what they mean, and what is wrong with them, by field."""

    typed: dict[str, str]
    method: str
    problems: dict[str, str] = field(default_factory=dict)
    means: Means | None = None  # None too where nothing is to be paid

    @property
    def buyer(self) -> Buyer:
        return Buyer(self.typed["email"], self.typed["name"], self.typed.get("phone") or None)


def read_submission(text: str, session: Json, now: int) -> Submission:
    """`now` in seconds since the epoch; raises StripeError for what is no form."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise StripeError(f"Invalid form: {error}") from error
    typed = {name: value.strip()[:_LONGEST] for name, value in pairs}
    offered = session["payment_method_types"]
    method = typed.get("method") or offered[0]
    submission = Submission(typed, method if method in offered else offered[0])
    _read_buyer(submission, session)
    if method not in offered:
        submission.problems["method"] = "Choose one of the ways to pay."
    elif session["amount_total"] and method == CARD:
        _read_card(submission, datetime.fromtimestamp(now, UTC))
    elif session["amount_total"] and method == DEBIT:
        _read_account(submission)
    return submission


def _read_buyer(submission: Submission, session: Json) -> None:
    typed, problems = submission.typed, submission.problems
    typed["email"] = session["customer_email"] or typed.get("email", "")
    if not _EMAIL.fullmatch(typed["email"]):
        problems["email"] = "Enter an email address like name@example.com."
    if not typed.get("name"):
        problems["name"] = "Enter the name of whoever pays."


def _read_card(submission: Submission, now: datetime) -> None:
    typed, problems = submission.typed, submission.problems
    number = re.sub(r"[\s-]", "", typed.get("card_number", ""))
    if not _CARD_NUMBER.fullmatch(number) or not number.isascii() or not passes_luhn(number):
        problems["card_number"] = "This is no valid card number. Check the digits."
    month, year = _expiry(typed.get("card_expiry", ""))
    if not 1 <= month <= 12:
        problems["card_expiry"] = "Enter the month and year, like 12 / 34."
    elif not (now.year, now.month) <= (year, month) <= (now.year + _YEARS_AHEAD, 12):
        problems["card_expiry"] = "This card has expired."
    card = Card(number, month, year)
    digits = 4 if card.brand == "amex" else 3
    if not re.fullmatch(rf"[0-9]{{{digits}}}", typed.get("card_cvc", "")):
        problems["card_cvc"] = f"Enter the {digits} digits of the security code."
    submission.means = card


def _expiry(text: str) -> tuple[int, int]:
    """Month and year; month 0 where there is none to read."""
    match = _EXPIRY.fullmatch(text)
    return (int(match[1]), 2000 + int(match[2])) if match else (0, 0)


def _read_account(submission: Submission) -> None:
    iban = re.sub(r"\s", "", submission.typed.get("iban", "")).upper()
    if not is_iban(iban):
        submission.problems["iban"] = "This is no valid IBAN. Check the digits."
    submission.means = BankAccount(iban)
