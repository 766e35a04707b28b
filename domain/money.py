"""Money as whole minor units of one currency, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal

_CURRENCY_CODE = re.compile("[A-Z]{3}")

# Currencies whose smallest unit is the unit itself, as Stripe counts them
# (docs.stripe.com/currencies, "zero-decimal currencies").
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())

# And those with a thousand of them to the unit, which we do not sell in.
THREE_DECIMAL = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


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
        """Reads major units; raises ValueError for more decimals than the currency has."""
        if currency in THREE_DECIMAL:
            raise ValueError(f"{currency} has three decimals, which we do not sell in")
        minor = amount if currency in ZERO_DECIMAL else amount.scaleb(2)
        if not minor.is_finite() or minor != minor.to_integral_value():
            raise ValueError(f"{amount} is no whole number of {currency}'s minor units")
        return cls(int(minor), currency)

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"
