"""What buyers asked for: the durable claim on an order id."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from database.engine import Reader, Recorder
from database.parameters import OF_ORDER, ORDER
from database.tables import checkout_requests, orders
from domain.cart import Cart, CartLine
from domain.checkout import CheckoutRequest
from domain.errors import IdempotencyConflict
from domain.license import LicenseType
from domain.order import OrderKind


async def claim(recorder: Recorder, request: CheckoutRequest) -> bool:
    """Claims the order id; False if the same request holds it already.

    Waits for a competing claim to be decided. Raises IdempotencyConflict if another body does.
    """
    row = asdict(request) | {"cart": [_line_to_json(line) for line in request.cart.lines]}
    if await recorder.sql.scalar(_CLAIM, row) is not None:
        return True
    return not await is_claimed(recorder, request)


async def is_claimed(reader: Reader, request: CheckoutRequest) -> bool:
    """Whether the same request holds its order id. Raises IdempotencyConflict if another does."""
    holder = await reader.sql.scalar(_HOLDER, {ORDER: request.order_id})
    if holder not in (None, request.fingerprint):
        raise IdempotencyConflict
    return holder is not None


async def find(reader: Reader, order_id: str) -> CheckoutRequest | None:
    row = (await reader.sql.execute(_REQUEST, {ORDER: order_id})).mappings().one_or_none()
    if row is None:
        return None
    cart = Cart(tuple(_line_from_json(line) for line in row["cart"]))
    return CheckoutRequest(**{**row, "cart": cart, "kind": OrderKind(row["kind"])})


@dataclass(frozen=True)
class Progress:
    """How far a request has come: its order's session, once there is one."""

    session_id: str | None


async def progress_of(reader: Reader, order_id: str | None) -> Progress | None:
    """None if an order of this id was never asked for."""
    row = (await reader.sql.execute(_PROGRESS, {ORDER: order_id})).one_or_none()
    return Progress(*row) if row is not None else None


def _line_to_json(line: CartLine) -> dict[str, Any]:
    return {name: value for name, value in asdict(line).items() if value is not None}


def _line_from_json(line: dict[str, Any]) -> CartLine:
    license_type = line.get("license_type")
    return CartLine(**{**line, "license_type": license_type and LicenseType(license_type)})


_IS_ITS = checkout_requests.c.order_id == OF_ORDER
_CLAIM = insert(checkout_requests).on_conflict_do_nothing().returning(checkout_requests.c.order_id)
_HOLDER = select(checkout_requests.c.fingerprint).where(_IS_ITS)
_REQUEST = select(checkout_requests).where(_IS_ITS)
_PROGRESS = (
    select(orders.c.session_id).select_from(checkout_requests.outerjoin(orders)).where(_IS_ITS)
)
