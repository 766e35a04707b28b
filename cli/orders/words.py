"""What operators are told: why something was not done, why an order is stuck, how long ago."""

from datetime import datetime, timedelta

from database.engine import StatementFailed
from domain.errors import NothingToDecide, RefundRefused, Unavailable
from domain.money import Money
from domain.stuck import Stuck
from settings import SettingsError


class Failed(Exception):
    """Something that could not be done; the message is a sentence for the operator."""


STUCK = {
    Stuck.PAYMENT_DIFFERS: "what was paid is not what was quoted: approve or refund",
    Stuck.FILE_MISSING: "a file that was sold is missing: put it back, then retry",
    Stuck.FILES_UNREACHABLE: "Cloudinary does not say whether the files are there: it is tried on",
    Stuck.SECOND_PAYMENT_KEPT: "it was paid twice, and Stripe keeps the second: see to it there",
    Stuck.REFUND_FAILED: "a refund came back from the buyer's bank: refund again, or dismiss",
    Stuck.RECEIPT_UNSENT: "the receipt could not be sent: resend",
    Stuck.UNCONFIRMED: "Stripe told of money, and could not be asked about it: show tells why",
    Stuck.UNFULFILLED: "paid, and its files are not granted yet: show tells why",
    Stuck.OVERDUE: "its payment page has closed, and we know of no end: reconcile, or retry",
    Stuck.UNOPENED: "it has no payment page yet: show tells why",
}


def sentence(error: Exception) -> str:
    """One sentence for whatever kept a command from doing what it should."""
    match error:
        case NothingToDecide(status):
            return f"There is nothing to decide: the payment is {status}."
        case RefundRefused(reason, detail):
            return f"Stripe will not send this money back: {reason or detail}."
        case Unavailable(detail="no answer in time"):
            return (
                f"{error}. Is a worker running? What was asked for may still be done once one is; "
                "asking again does no harm."
            )
        case Unavailable():
            return f"{error}."
        case SettingsError():
            return f"The environment is not complete: {error}."
        case StatementFailed():
            return f"The database would not run it: {error}."
        case _:
            return str(error)


def span(time: timedelta) -> str:
    """How long something took, in the one unit that matters."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 1:
        return f"{max(int(time.total_seconds()), 0)} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def instant(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else ""


def masked(email: str | None) -> str:
    """As much of an address as tells it from others to somebody who knows it."""
    if not email:
        return ""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def amount(total: Money, refunded: Money) -> str:
    """What an order costs, and what of it has gone back."""
    return f"{total}" + (f" (−{refunded.major})" if refunded.minor else "")
