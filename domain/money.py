"""Money as whole minor units of one currency, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal

_CURRENCY_CODE = re.compile("[A-Z]{3}")

# Currencies whose smallest unit is the unit itself, as Stripe counts them
# (docs.stripe.com/currencies, "zero-decimal currencies").
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())

# And those that we do not sell in: with a thousand of them to the unit; and the one that Stripe
# lists as without decimals, and wants to have told in hundredths by its "special cases".
THREE_DECIMAL = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
UNCERTAIN = frozenset({"UGX"})

MOST_DIGITS = 12  # before the decimal point; Stripe charges no amount of more than eight


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one sum."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount of `minor` units (cents, say) in `currency` (upper-case ISO 4217)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if _CURRENCY_CODE.fullmatch(self.currency) is None:
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact to the minor unit."""
        if self.currency in ZERO_DECIMAL:
            return Decimal(self.minor)
        return Decimal(self.minor).scaleb(-2)

    @classmethod
    def from_major(cls, amount: Decimal, currency: str) -> "Money":
        """Reads major units.

        Raises ValueError for a currency that we do not sell in, more decimals than it has, and more
        digits than any price.
        """
        if currency in THREE_DECIMAL:
            raise ValueError(f"{currency} has three decimals, which we do not sell in")
        if currency in UNCERTAIN:
            raise ValueError(f"{currency} is told to Stripe in units, or hundredths: not sold in")
        if not amount.is_finite() or amount.adjusted() >= MOST_DIGITS:
            raise ValueError(f"{amount} is no amount of money")
        minor = amount if currency in ZERO_DECIMAL else amount.scaleb(2)
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} is no whole number of {currency}'s minor units")
        return cls(int(minor), currency)

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"
