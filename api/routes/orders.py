"""Looking at an order, by the session id that only its buyer was given; its receipt once more."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

import logs
from api.dependencies import Desks, DesksHere
from api.errors import declares
from api.guards import limit_lookups, limit_receipts
from api.limits import Scope
from api.schemas.order import OrderLookup, OrderView
from api.schemas.receipt import ReceiptAnswer, ReceiptRequest
from api.schemas.wire import Identifier, Success
from database import orders
from domain.errors import EmailMismatch, OrderClosed, OrderNotFound, OrderUnpaid
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


@router.post(
    "/resend-email",
    summary="Have the receipt sent again",
    responses=declares(
        OrderNotFound,
        EmailMismatch,
        OrderClosed,
        OrderUnpaid,
        invalid=True,
        body=True,
        limited=True,
    ),
    dependencies=[Depends(limit_receipts, scope="function")],
)
async def resend_email(wanted: ReceiptRequest, here: DesksHere) -> Success[ReceiptAnswer]:
    """Mails the receipt to the order's address, at most once a minute."""
    await here.receipts.send_again(wanted.order_id, wanted.customer_email)
    await here.limits.spend(Scope.RECEIPTS, wanted.order_id)
    return Success(success=True, data=ReceiptAnswer(order_id=wanted.order_id))


async def _find(session_id: str, here: Desks) -> Order:
    async with here.database.reading() as reader:
        order = await orders.find_by_session(reader, session_id)
    if order is None:
        raise OrderNotFound
    logs.bind(order_id=order.id)
    here.visits.seen(order)
    return order
