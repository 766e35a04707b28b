"""What buyers do in the storefront, as far as a shop counts it: never who did it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.license import LicenseType


class ShopEventType(StrEnum):
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    CHECKOUT_STARTED = "checkout_started"
    DOWNLOAD_FINISHED = "download_finished"


@dataclass(frozen=True)
class ShopEvent:
    """One thing that somebody did, and with which license of which beat, where it was about one."""

    type: ShopEventType
    beat_id: str | None = None
    license_type: LicenseType | None = None
