"""What a storefront tells of its visitors."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.wire import Wire
from domain.license import LicenseType
from domain.shop_event import ShopEvent, ShopEventType

MAX_EVENTS = 50

_BeatId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]


class ShopEventReport(Wire):
    """One thing that a visitor did; about a beat and license, where it was about one."""

    type: ShopEventType
    beat_id: _BeatId | None = None
    license_type: LicenseType | None = None

    @property
    def event(self) -> ShopEvent:
        return ShopEvent(self.type, self.beat_id, self.license_type)


class ShopEvents(Wire):
    events: list[ShopEventReport] = Field(min_length=1, max_length=MAX_EVENTS)


class EventsAnswer(Wire):
    """How many events were taken; those about beats that the shop does not know are not counted."""

    accepted: int
