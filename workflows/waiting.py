"""What an undecided payment waits for, and how long before Stripe is asked unasked."""

from datetime import datetime, timedelta

from domain.payment import CheckoutSession, PaymentOutcome
from workflows import options

# The outcomes that leave a payment undecided, in words for the Temporal UI.
AWAITING = {
    PaymentOutcome.WAITING: "Waiting for the buyer to pay, since {since} by the last look.",
    PaymentOutcome.SETTLING: "Waiting for the money, since {since} by the last look: it was paid "
    "by a method that settles late.",
    PaymentOutcome.HELD: "**Held** since {since}: what was paid is not what was quoted. Decide by "
    "`approve` or `refund`.",
    PaymentOutcome.HELD_DISPUTED: "**Held and disputed** since {since}: what was paid is not what "
    "was quoted, and the buyer's bank wants it back. Answer at Stripe; until the bank has decided, "
    "`approve` grants nothing.",
}


def patience(
    session: CheckoutSession, outcome: PaymentOutcome, checks: int, now: datetime
) -> timedelta:
    """How long to wait for news after `checks` looks, the last of which had this outcome."""
    match outcome:
        case PaymentOutcome.SETTLING:
            return options.SETTLING_CHECK
        case PaymentOutcome.HELD | PaymentOutcome.HELD_DISPUTED:
            return options.HELD_CHECK
    interval = options.CHECK_INTERVALS[min(checks, len(options.CHECK_INTERVALS) - 1)]
    left = session.expires_at + options.EXPIRY_SLACK - now
    if left > timedelta(0):
        return min(interval, left)
    # Stripe's clock is behind ours: each wait is as long as all since the time was up.
    return max(options.EXPIRY_SLACK, -left)
