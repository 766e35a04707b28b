"""An order, as the success page shows it."""

from typing import Literal

from pydantic import AliasPath, Field

from api.schemas.wire import Amount, Duration, Instant, Wire
from domain.license import LicenseType
from domain.order import Order, OrderKind, OrderStatus


class ItemBeatView(Wire):
    """What an order shows of a beat; never where its master or stems are."""

    id: str
    title: str
    genre: str
    bpm: int
    key: str
    mode: str
    duration: Duration = Field(validation_alias="duration_seconds")
    artwork_url: str | None
    is_exclusive: bool
    featured: bool


class OrderItemView(Wire):
    id: str
    order_id: str
    beat_id: str = Field(validation_alias=AliasPath("beat", "id"))
    beat: ItemBeatView
    quantity: int
    unit_price: Amount
    total_price: Amount = Field(validation_alias="total")
    license_type: LicenseType
    usage_rights: tuple[str, ...]
    has_stems: bool
    created_at: Instant
    updated_at: Instant


class OrderView(Wire):
    id: str
    customer_email: str | None
    customer_name: str | None
    customer_phone: str | None
    total_amount: Amount = Field(validation_alias="total")
    refunded_amount: Amount = Field(validation_alias="refunded")
    currency: str = Field(validation_alias=AliasPath("total", "currency"))
    status: OrderStatus
    payment_method: str | None
    payment_id: str | None
    paid_at: Instant | None
    usage_rights: tuple[str, ...]
    created_at: Instant
    updated_at: Instant
    session_id: str | None
    items: tuple[OrderItemView, ...]


class OrderLookup(Wire):
    """An order with its kind beside it, as some storefronts ask for it."""

    success: Literal[True]
    type: Literal["single", "multi-item"]
    data: OrderView

    @classmethod
    def of(cls, order: Order) -> "OrderLookup":
        single = order.kind is OrderKind.SINGLE
        data = OrderView.model_validate(order)
        return cls(success=True, type="single" if single else "multi-item", data=data)
