"""Orders that do not get on by themselves, or take longer than they should."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.order import Attention

# What an order on its way from one state to the next may take.
UNDER_WAY = timedelta(minutes=2)


class Stuck(StrEnum):
    """Why an order is stuck; the first ones are the most pressing."""

    PAYMENT_DIFFERS = Attention.PAYMENT_DIFFERS.value
    FILE_MISSING = Attention.FILE_MISSING.value
    FILES_UNREACHABLE = Attention.FILES_UNREACHABLE.value
    SECOND_PAYMENT_KEPT = Attention.SECOND_PAYMENT_KEPT.value
    REFUND_FAILED = Attention.REFUND_FAILED.value
    RECEIPT_UNSENT = Attention.RECEIPT_UNSENT.value
    UNCONFIRMED = "unconfirmed"  # pending, though Stripe said long ago that its page was paid
    UNFULFILLED = "unfulfilled"  # paid, and without its files for too long
    OVERDUE = "overdue"  # pending, though its payment page is long closed
    UNOPENED = "unopened"  # pending, and without a payment page for too long


@dataclass(frozen=True)
class Standstill:
    """That an order is stuck, why, and since when."""

    why: Stuck
    since: datetime
