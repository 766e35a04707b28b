"""Means of payment: cards and bank accounts, as a buyer types them or a test token stands for."""

import re
from dataclasses import dataclass

from sandbox.stripe.outcomes import ACCOUNTS, CARDS, NO_TEST_CARD, PAYS, Outcome

_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


@dataclass(frozen=True)
class Card:
    """A card; nothing keeps its number but that of a test token."""

    number: str
    exp_month: int
    exp_year: int

    @property
    def brand(self) -> str:
        for pattern, brand in _BRANDS:
            if re.match(pattern, self.number):
                return brand
        return "unknown"

    @property
    def outcome(self) -> Outcome:
        return CARDS.get(self.number, NO_TEST_CARD)


@dataclass(frozen=True)
class BankAccount:
    """A bank account to debit, by its IBAN without spaces."""

    iban: str

    @property
    def outcome(self) -> Outcome:
        return ACCOUNTS.get(self.iban, PAYS)


Means = Card | BankAccount

_BRANDS = (
    (r"4", "visa"),
    (r"5[1-5]|2[2-7]", "mastercard"),
    (r"3[47]", "amex"),
    (r"6011|65", "discover"),
    (r"3[0689]", "diners"),
    (r"35", "jcb"),
    (r"62", "unionpay"),
)


def passes_luhn(number: str) -> bool:
    """Whether the last digit of a card number fits the others."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [_LUHN_DOUBLED[digit] for digit in digits[1::2]]) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits fit (ISO 13616)."""
    if not _IBAN.fullmatch(text):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
