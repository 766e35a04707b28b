"""Looking at an order, by the session id that only its buyer was given."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

import logs
from api.dependencies import Desks, DesksHere
from api.errors import declares
from api.guards import limit_lookups
from api.schemas.order import OrderLookup, OrderView
from api.schemas.wire import Identifier, Success
from database import orders
from domain.errors import OrderNotFound
from domain.order import Order

_SessionId = Annotated[Identifier, Path(alias="sessionId")]

router = APIRouter(
    prefix="/api/orders",
    tags=["Orders"],
    responses=declares(OrderNotFound, limited=True),
    dependencies=[Depends(limit_lookups)],
)


@router.get("/multi-payment/{sessionId}", summary="See an order")
async def get_order(session_id: _SessionId, here: DesksHere) -> Success[OrderView]:
    """The order of a checkout session, PENDING from the moment that the session exists."""
    return Success(success=True, data=OrderView.model_validate(await _find(session_id, here)))


@router.get("/lookup/{sessionId}", summary="See an order and its kind")
async def look_up_order(session_id: _SessionId, here: DesksHere) -> OrderLookup:
    """The same, with the order's kind beside it."""
    return OrderLookup.of(await _find(session_id, here))


async def _find(session_id: str, here: Desks) -> Order:
    async with here.database.reading() as reader:
        order = await orders.find_by_session(reader, session_id)
    if order is None:
        raise OrderNotFound
    logs.bind(order_id=order.id)
    return order
