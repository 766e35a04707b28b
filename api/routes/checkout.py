"""Checking out: one beat, or a whole cart."""

from fastapi import APIRouter, Depends, Request

from api.bodies import StrictRoute
from api.dependencies import DesksHere, IdempotencyKey
from api.errors import declares
from api.guards import limit_checkouts
from api.schemas.checkout import CheckoutAnswer, MultiCheckout, SingleCheckout
from domain.errors import CartRefused, CheckoutAbandoned, CheckoutRefused, IdempotencyConflict

router = APIRouter(
    prefix="/api/stripe",
    tags=["Checkout"],
    dependencies=[Depends(limit_checkouts)],
    route_class=StrictRoute,
)
_ERRORS = declares(
    CartRefused,
    CheckoutRefused,
    IdempotencyConflict,
    CheckoutAbandoned,
    invalid=True,
    body=True,
    limited=True,
)


@router.post("/create-checkout", summary="Check out one beat", responses=_ERRORS)
async def create_checkout(
    wanted: SingleCheckout, request: Request, here: DesksHere, key: IdempotencyKey
) -> CheckoutAnswer:
    """Opens a payment page for one license of one beat."""
    request.state.single_item = True
    return CheckoutAnswer.of(await here.checkouts.open(wanted, key))


@router.post("/create-multi-checkout", summary="Check out a cart", responses=_ERRORS)
async def create_multi_checkout(
    wanted: MultiCheckout, here: DesksHere, key: IdempotencyKey
) -> CheckoutAnswer:
    """Opens a payment page for a cart; the prices are the catalogue's, never the request's."""
    return CheckoutAnswer.of(await here.checkouts.open(wanted, key))
