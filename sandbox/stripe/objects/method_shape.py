"""How a payment method looks: a card or a bank account."""

import hashlib

from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.means import Card, Means
from sandbox.stripe.objects.method_types import CARD, DEBIT
from sandbox.stripe.work import Work

KIND = "payment_method"


def new_method(work: Work, means: Means, billing: Json) -> Json:
    """Save a method that nothing was paid with yet."""
    kind = CARD if isinstance(means, Card) else DEBIT
    return work.save(
        {
            "id": new_id("pm_1"),
            "object": KIND,
            "allow_redisplay": "limited",
            "billing_details": billing,
            "created": work.now,
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            kind: _card(means) if isinstance(means, Card) else _account(means.iban),
        }
    )


def details_on_charge(method: Json) -> Json:
    """The `payment_method_details` of a charge."""
    if method["type"] == DEBIT:
        account = {key: value for key, value in method[DEBIT].items() if key != "type"}
        account.pop("generated_from")
        return {"type": DEBIT, DEBIT: account | {"mandate": None}}
    card = method[CARD]
    kept = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        "type": CARD,
        CARD: {
            **{name: card[name] for name in kept},
            "amount_authorized": None,
            "authorization_code": None,
            "checks": card["checks"],
            "installments": None,
            "mandate": None,
            "network": card["brand"],
            "network_token": {"used": False},
            "network_transaction_id": None,
            "regulated_status": "unregulated",
            "three_d_secure": None,
            "wallet": None,
        },
    }


def _card(card: Card) -> Json:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "display_brand": card.brand,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "fingerprint": _fingerprint(card.number),
        "funding": "credit",
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _account(iban: str) -> Json:
    return {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": _fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }


def _fingerprint(number: str) -> str:
    """The same for the same number, which it does not give away."""
    return hashlib.sha256(f"sandbox:{number}".encode()).hexdigest()[:16]
