"""Amounts of minor units, as people read them."""

_SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥", "inr": "₹", "brl": "R$"}
_NO_DECIMALS = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
_THREE_DECIMALS = frozenset("bhd jod kwd omr tnd".split())

# The least that Stripe charges at all, where it is not 50 minor units.
_LEAST = {"gbp": 30, "sek": 300, "nok": 300, "dkk": 250, "pln": 200, "czk": 1500, "huf": 17500}
MOST = 99_999_999


def least(currency: str) -> int:
    return _LEAST.get(currency, 50)


def formatted(amount: int, currency: str) -> str:
    """`€39.99`, `¥500`, `CHF 12.00`."""
    places = 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    scale = 10**places
    number = f"{amount // scale:,}"
    if places:
        number += f".{amount % scale:0{places}d}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{currency.upper()} {number}"
