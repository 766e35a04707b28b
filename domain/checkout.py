"""A buyer's request for a checkout."""

from dataclasses import dataclass
from datetime import datetime

from domain.cart import Cart
from domain.order import OrderKind


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
