"""What comes of paying with each of Stripe's test cards, test tokens and test bank accounts."""

from dataclasses import dataclass
from typing import Literal

RefundCourse = Literal["at_once", "later", "fails"]
"""A refund succeeds at once; is pending first; or succeeds, and fails after all."""


@dataclass(frozen=True)
class Decline:
    """Why a payment was refused."""

    code: str
    message: str
    decline_code: str | None = None
    blocked: bool = False  # by Stripe, for its risk, and never sent to the bank


@dataclass(frozen=True)
class Claim:
    """What the buyer's bank claims as soon as the money has come."""

    reason: str = "fraudulent"
    inquiry: bool = False  # a question first: no money is withdrawn yet


@dataclass(frozen=True)
class Outcome:
    """How a payment goes, and what follows it."""

    decline: Decline | None = None
    claim: Claim | None = None
    refunds: RefundCourse = "at_once"
    risk: str = "normal"


PAYS = Outcome()
DISPUTED = Outcome(claim=Claim())

_DECLINED = "Your card was declined."
NO_TEST_CARD = Outcome(
    Decline(
        "card_declined",
        "Your card was declined. Your request was in test mode, but used a non test card. For a "
        "list of valid test cards, visit: https://stripe.com/docs/testing.",
        "test_mode_live_card",
    )
)
_BLOCKED = Decline("card_declined", _DECLINED, "fraudulent", blocked=True)
_NO_FUNDS = Decline("card_declined", "Your card has insufficient funds.", "insufficient_funds")
_WRONG_CODE = Decline("incorrect_cvc", "Your card's security code is incorrect.")
_PROCESSING_ERROR = Decline(
    "processing_error", "An error occurred while processing your card. Try again in a little bit."
)

_PAYING = (
    "4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210 "
    "378282246310005 6011111111111117 3056930009020004 3566002020360505 4000002760000016 "
    "4000000000000077"
).split()

CARDS: dict[str, Outcome] = {
    **dict.fromkeys(_PAYING, PAYS),
    "4000000000000259": DISPUTED,
    "4000000000002685": Outcome(claim=Claim("product_not_received")),
    "4000000000001976": Outcome(claim=Claim(inquiry=True)),
    "4000000000007726": Outcome(refunds="later"),
    "4000000000005126": Outcome(refunds="fails"),
    "4000000000009235": Outcome(risk="elevated"),
    "4100000000000019": Outcome(_BLOCKED, risk="highest"),
    "4000000000000002": Outcome(Decline("card_declined", _DECLINED, "generic_decline")),
    "4000000000009995": Outcome(_NO_FUNDS),
    "4000000000009987": Outcome(Decline("card_declined", _DECLINED, "lost_card")),
    "4000000000009979": Outcome(Decline("card_declined", _DECLINED, "stolen_card")),
    "4000000000000069": Outcome(Decline("expired_card", "Your card has expired.")),
    "4000000000000127": Outcome(
        Decline("incorrect_cvc", "Your card's security code is incorrect.")
    ),
    "4000000000000119": Outcome(_PROCESSING_ERROR),
}

# What stands after `tok_` and `pm_card_`.
TOKENS: dict[str, str] = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_prepaid": "5200828282828210",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "bypassPending": "4000000000000077",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "createDisputeInquiry": "4000000000001976",
    "pendingRefund": "4000000000007726",
    "refundFail": "4000000000005126",
    "riskLevelElevated": "4000000000009235",
    "radarBlock": "4100000000000019",
    **{
        f"{brand}chargeDeclined{reason}": number
        for brand in ("", "visa_")
        for reason, number in (
            ("", "4000000000000002"),
            ("InsufficientFunds", "4000000000009995"),
            ("LostCard", "4000000000009987"),
            ("StolenCard", "4000000000009979"),
            ("ExpiredCard", "4000000000000069"),
            ("IncorrectCvc", "4000000000000127"),
            ("ProcessingError", "4000000000000119"),
        )
    },
}

_DEBIT_REFUSED = Outcome(
    Decline("payment_intent_payment_attempt_failed", "The bank did not allow the debit.")
)

# All other accounts settle.
ACCOUNTS: dict[str, Outcome] = {
    "DE62370400440532013001": _DEBIT_REFUSED,
    "DE78370400440532013004": _DEBIT_REFUSED,
    "DE35370400440532013002": DISPUTED,
    "AT861904300235473202": _DEBIT_REFUSED,
    "AT051904300235473205": _DEBIT_REFUSED,
    "AT591904300235473203": DISPUTED,
    "IT60X0542811101000000123456": _DEBIT_REFUSED,
}
