"""Where Stripe tells us what happened."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Header, Request

from api.dependencies import DesksHere
from api.errors import declares
from api.guards import limit_rejects
from api.schemas.checkout import WebhookAnswer
from domain.errors import EventRefused

router = APIRouter(prefix="/api/stripe", tags=["Webhook"])


@router.post(
    "/webhook",
    summary="Take an event of Stripe's",
    responses=declares(EventRefused, body=True, limited=True),
    dependencies=[Depends(limit_rejects)],
)
async def take_webhook(
    request: Request,
    here: DesksHere,
    afterwards: BackgroundTasks,
    signature: Annotated[str | None, Header(alias="Stripe-Signature")] = None,
) -> WebhookAnswer:
    """Answers once the event is kept for good; Stripe sends again what is not answered so."""
    delivered = await here.webhooks.take(await request.body(), signature)
    if delivered is not None:
        afterwards.add_task(here.webhooks.note, delivered)
    return WebhookAnswer(received=True)
