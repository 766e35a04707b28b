"""A receipt: the letter that tells a buyer what was bought, and where it is."""

from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from domain.order import Order

# The first receipt of each order. One that is sent again bears the time at which somebody asked
# for it, in minutes or, an operator's, in milliseconds: far above, either way.
FIRST = 1

_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


class ReceiptOutcome(StrEnum):
    """What became of a receipt."""

    SENT = "sent"
    SKIPPED = "skipped"  # there was nothing to send, or nothing to send it with
    FAILED = "failed"  # an operator is told


def order_page(order: Order) -> str:
    """Where the buyer came back to after paying: the shop's page of this very order.

    A success URL that does not say where the session id belongs gets it as `session_id`, the name
    that Stripe's own manual gives it.
    """
    session_id = order.session_id or ""
    if _PLACEHOLDER in order.success_url:
        return order.success_url.replace(_PLACEHOLDER, session_id)
    parts = urlsplit(order.success_url)
    query = "&".join(filter(None, [parts.query, urlencode({"session_id": session_id})]))
    return parts._replace(query=query).geturl()
