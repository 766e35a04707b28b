"""A buyer's request for a checkout."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from domain.cart import Cart
from domain.order import OrderKind

# A buyer waits for the payment page, or comes back with the same key. After this it is given up,
# and Stripe is not asked for one any more.
TRIED_FOR = timedelta(hours=1)

_PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


@dataclass(frozen=True)
class CheckoutRequest:
    """What a buyer asked for, in a sound shape; `fingerprint` (SHA-256, hex) tells bodies apart."""

    order_id: str
    kind: OrderKind
    cart: Cart
    success_url: str
    cancel_url: str
    customer_email: str | None
    fingerprint: str
    created_at: datetime


def success_page(success_url: str, session_id: str) -> str:
    """Where the buyer comes back to after paying: the shop's page of this very order.

    A success URL that does not say where the session id belongs gets it as `session_id`, the name
    that Stripe's own manual gives it.
    """
    if _PLACEHOLDER in success_url:
        return success_url.replace(_PLACEHOLDER, session_id)
    parts = urlsplit(success_url)
    query = "&".join(filter(None, [parts.query, urlencode({"session_id": session_id})]))
    return parts._replace(query=query).geturl()
