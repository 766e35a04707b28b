"""What storefronts tell of their visitors, counted."""

from http import HTTPStatus

from fastapi import APIRouter, Depends

from api.bodies import BeaconRoute
from api.dependencies import DesksHere
from api.errors import declares
from api.guards import limit_events, require_known_site
from api.schemas.event import EventsAnswer, ShopEvents
from api.schemas.wire import Success
from database import metrics
from domain.errors import SiteNotAllowed

router = APIRouter(
    prefix="/api",
    tags=["Metrics"],
    dependencies=[Depends(limit_events), Depends(require_known_site)],
    route_class=BeaconRoute,
)


@router.post(
    "/events",
    summary="Count what a visitor did",
    status_code=HTTPStatus.ACCEPTED,
    responses=declares(SiteNotAllowed, invalid=True, body=True, limited=True),
)
async def count_events(told: ShopEvents, here: DesksHere) -> Success[EventsAnswer]:
    """Adds to the counts of the day; nothing is kept of who did it. The body may be sent as
    `text/plain` too, as beacons to another site are."""
    async with here.database.recording() as recorder:
        await metrics.count(recorder, here.clock().date(), [report.event for report in told.events])
    return Success(success=True, data=EventsAnswer(accepted=len(told.events)))
