"""An order, as the success page shows it."""

from typing import Literal

from api.schemas.wire import Amount, Instant, Wire
from domain.license import LicenseType
from domain.order import ItemBeat, Order, OrderItem, OrderKind, OrderStatus


class ItemBeatView(Wire):
    id: str
    title: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration: str
    artwork_url: str | None
    is_exclusive: bool
    featured: bool

    @classmethod
    def of(cls, beat: ItemBeat) -> "ItemBeatView":
        return cls(
            id=beat.id,
            title=beat.title,
            genre=beat.genre,
            bpm=beat.bpm,
            key=beat.key,
            mode=beat.mode,
            duration=minutes(beat.duration_seconds),
            artwork_url=beat.artwork_url,
            is_exclusive=beat.is_exclusive,
            featured=beat.featured,
        )


class OrderItemView(Wire):
    id: str
    order_id: str
    beat_id: str
    beat: ItemBeatView
    quantity: int
    unit_price: Amount
    total_price: Amount
    license_type: LicenseType
    usage_rights: list[str]
    has_stems: bool
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, item: OrderItem) -> "OrderItemView":
        return cls(
            id=item.id,
            order_id=item.order_id,
            beat_id=item.beat.id,
            beat=ItemBeatView.of(item.beat),
            quantity=item.quantity,
            unit_price=item.unit_price.major,
            total_price=item.total.major,
            license_type=item.license_type,
            usage_rights=list(item.usage_rights),
            has_stems=item.has_stems,
            created_at=item.created_at,
            updated_at=item.updated_at,
        )


class OrderView(Wire):
    id: str
    customer_email: str | None
    customer_name: str | None
    customer_phone: str | None
    total_amount: Amount
    refunded_amount: Amount
    currency: str
    status: OrderStatus
    payment_method: str | None
    payment_id: str | None
    paid_at: Instant | None
    usage_rights: list[str]
    created_at: Instant
    updated_at: Instant
    session_id: str | None
    items: list[OrderItemView]

    @classmethod
    def of(cls, order: Order) -> "OrderView":
        rights = dict.fromkeys(right for item in order.items for right in item.usage_rights)
        return cls(
            id=order.id,
            customer_email=order.customer_email,
            customer_name=order.customer_name,
            customer_phone=order.customer_phone,
            total_amount=order.total.major,
            refunded_amount=order.refunded.major,
            currency=order.total.currency,
            status=order.status,
            payment_method=order.payment_method,
            payment_id=order.payment_id,
            paid_at=order.paid_at,
            usage_rights=list(rights),
            created_at=order.created_at,
            updated_at=order.updated_at,
            session_id=order.session_id,
            items=[OrderItemView.of(item) for item in order.items],
        )


class OrderLookup(Wire):
    """An order with its kind beside it, as some storefronts ask for it."""

    success: Literal[True]
    type: Literal["single", "multi-item"]
    data: OrderView

    @classmethod
    def of(cls, order: Order) -> "OrderLookup":
        kind: Literal["single", "multi-item"] = (
            "single" if order.kind is OrderKind.SINGLE else "multi-item"
        )
        return cls(success=True, type=kind, data=OrderView.of(order))


def minutes(seconds: int) -> str:
    """A duration as `m:ss`."""
    return f"{seconds // 60}:{seconds % 60:02}"
