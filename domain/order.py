"""An order: its identifier, its states and what each state allows."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.license import LicenseType
from domain.money import Money

_ORDER_ID = re.compile(r"ord_[a-z2-7]{26}")


class OrderKind(StrEnum):
    SINGLE = "single"
    MULTI = "multi"


class OrderStatus(StrEnum):
    PENDING = "PENDING"
    PAID = "PAID"  # the money is received
    COMPLETED = "COMPLETED"  # the downloads are granted
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    DISPUTED = "DISPUTED"

    @property
    def is_unpaid(self) -> bool:
        """Whether no money is known of: it may still come, even for an order given up."""
        return self in (OrderStatus.PENDING, OrderStatus.CANCELLED, OrderStatus.FAILED)


class Attention(StrEnum):
    """Why an order waits for a person."""

    PAYMENT_DIFFERS = "payment_differs"  # what was paid is not what was quoted
    FILE_MISSING = "file_missing"  # a file that was sold is not where it should be
    SECOND_PAYMENT_KEPT = "second_payment_kept"  # the order was paid twice; one is to go back
    REFUND_FAILED = "refund_failed"  # money that was sent back came back to the shop
    FILES_UNREACHABLE = "files_unreachable"  # for long, nobody could say whether they are there
    RECEIPT_UNSENT = "receipt_unsent"  # the buyer has the files, and no mail that says so


@dataclass(frozen=True)
class ItemBeat:
    """What an order shows of a beat that it holds."""

    id: str
    title: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration_seconds: int
    artwork_url: str | None
    is_exclusive: bool
    featured: bool


@dataclass(frozen=True)
class OrderItem:
    """One license sold; price and rights are frozen as they were at the sale."""

    id: str
    order_id: str
    beat: ItemBeat
    license_type: LicenseType
    price_id: str
    quantity: int
    unit_price: Money
    usage_rights: tuple[str, ...]
    has_stems: bool
    created_at: datetime
    updated_at: datetime

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class OrderSummary:
    """What may be said of an order where everybody reads: in Temporal."""

    total: Money
    license_types: tuple[LicenseType, ...]


@dataclass(frozen=True)
class Order:
    id: str
    kind: OrderKind
    status: OrderStatus
    total: Money
    refunded: Money
    customer_email: str | None
    customer_name: str | None
    customer_phone: str | None
    payment_method: str | None
    payment_id: str | None
    approved_payment_id: str | None  # taken by an operator though it is not what was quoted
    paid_at: datetime | None
    session_id: str | None
    session_url: str | None
    session_expires_at: datetime | None
    checkout_attempt: int  # from 1; part of the idempotency key that Stripe is given
    success_url: str
    cancel_url: str
    attention: Attention | None  # why an operator should look at it, if one should
    waits_for: frozenset[Attention]  # the same, and less pressing reasons beside it
    created_at: datetime
    updated_at: datetime
    items: tuple[OrderItem, ...]

    @property
    def usage_rights(self) -> tuple[str, ...]:
        """Every right that an item of the order gives, each once."""
        rights = (right for item in self.items for right in item.usage_rights)
        return tuple(dict.fromkeys(rights))


def new_order_id() -> str:
    """A fresh, unguessable order id (130 random bits)."""
    return _order_id(secrets.token_bytes(17))


def order_id_for(idempotency_key: str) -> str:
    """The one order id that belongs to an idempotency key."""
    return _order_id(hashlib.sha256(f"beatline:order:{idempotency_key}".encode()).digest())


def is_order_id(text: str) -> bool:
    """Whether it has the form of our order ids: nothing else is fit for a log."""
    return _ORDER_ID.fullmatch(text) is not None


def order_item_id(order_id: str, line: int) -> str:
    """The id of an order's line (from 0): the same each time the order is placed."""
    return f"itm_{order_id.removeprefix('ord_')}_{line}"


def _order_id(entropy: bytes) -> str:
    return "ord_" + base64.b32encode(entropy).decode().lower()[:26]


def normalized_email(email: str) -> str:
    """An e-mail address as it is compared: without surrounding space, without case."""
    return email.strip().casefold()
