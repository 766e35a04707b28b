"""Means of payment on the hosted page: Stripe's test cards and test bank accounts."""

import re
from dataclasses import dataclass

_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


@dataclass(frozen=True)
class Decline:
    """Why a payment was refused."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True)
class Card:
    """A card as it was typed; the number goes no further than this."""

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
    def decline(self) -> Decline | None:
        if self.number in _PAYING:
            return None
        return _DECLINING.get(self.number, _NO_TEST_CARD)

    @property
    def disputed(self) -> bool:
        """Whether its owner disputes each charge at once."""
        return self.number == _DISPUTING


@dataclass(frozen=True)
class BankAccount:
    """A bank account to debit, by its IBAN without spaces."""

    iban: str

    @property
    def fails(self) -> bool:
        return self.iban in _FAILING_ACCOUNTS

    @property
    def disputed(self) -> bool:
        return self.iban == _DISPUTING_ACCOUNT


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

_DISPUTING = "4000000000000259"
_PAYING = frozenset(
    (
        "4242424242424242",
        "4000056655665556",
        "5555555555554444",
        "2223003122003222",
        "5200828282828210",
        "378282246310005",
        "6011111111111117",
        "3056930009020004",
        "3566002020360505",
        "4000002760000016",
        _DISPUTING,
    )
)

_DECLINED = "Your card was declined."
_NO_TEST_CARD = Decline(
    "card_declined",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list "
    "of valid test cards, visit: https://stripe.com/docs/testing.",
    "test_mode_live_card",
)
_DECLINING = {
    "4000000000000002": Decline("card_declined", _DECLINED, "generic_decline"),
    "4000000000009995": Decline(
        "card_declined", "Your card has insufficient funds.", "insufficient_funds"
    ),
    "4000000000009987": Decline("card_declined", _DECLINED, "lost_card"),
    "4000000000009979": Decline("card_declined", _DECLINED, "stolen_card"),
    "4000000000000069": Decline("expired_card", "Your card has expired."),
    "4000000000000127": Decline("incorrect_cvc", "Your card's security code is incorrect."),
    "4000000000000119": Decline(
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
}

_FAILING_ACCOUNTS = frozenset(("DE62370400440532013001", "DE78370400440532013004"))
_DISPUTING_ACCOUNT = "DE35370400440532013002"


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
