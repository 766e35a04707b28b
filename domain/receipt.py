"""A receipt: the letter that tells a buyer what was bought, and where it is."""

from enum import StrEnum

# The first receipt of each order. One that is sent again bears the time at which somebody asked
# for it, in minutes or, an operator's, in milliseconds: far above, either way.
FIRST = 1


class ReceiptOutcome(StrEnum):
    """What became of a receipt."""

    SENT = "sent"
    SKIPPED = "skipped"  # there was nothing to send, or nothing to send it with
    FAILED = "failed"  # an operator is told
