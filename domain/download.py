"""Who may have which sold file of an order."""

import hmac
from dataclasses import dataclass

from domain.beat import Asset, AssetKind
from domain.errors import (
    AssetNotFound,
    BeatNotFound,
    BeatNotInOrder,
    EmailMismatch,
    GrantMismatch,
    OrderClosed,
    OrderUnpaid,
    StemsNotLicensed,
)
from domain.license import LicenseType
from domain.order import OrderStatus, normalized_email

# File names end at 255 bytes; a license's name and the extension take up to 40 of them.
MAX_TITLE_BYTES = 200


@dataclass(frozen=True)
class SoldFile:
    """One file of one order item, as far as there is one: what a download is decided on.

    `item_id` is None when the beat is not in the order, `grant_id` when the file has not been
    granted, `asset` when the beat has no such file.
    """

    order_id: str
    order_status: OrderStatus
    customer_email: str | None
    beat_id: str
    beat_exists: bool
    kind: AssetKind
    title: str | None
    item_id: str | None
    license_type: LicenseType | None
    has_stems: bool
    grant_id: int | None
    asset: Asset | None

    @property
    def filename(self) -> str:
        """The name a person sees on disk: `Midnight Drive (WAV Lease).wav`."""
        name = self.license_type.terms.name if self.license_type else "License"
        label = f"{name}, Stems" if self.kind is AssetKind.STEMS else name
        extension = self.asset.format if self.asset else "bin"
        return file_name(self.title or self.beat_id, label, extension)


def file_name(title: str, label: str, extension: str) -> str:
    """A name that people can read and file systems take, such as `Dusk (WAV Lease).wav`."""
    return f"{_printable(title)} ({label}).{extension}"


def require_buyer(status: OrderStatus, given: str, of_order: str | None) -> None:
    """Raises EmailMismatch unless the address is the order's; takes the same time either way.

    An order that knows no address yet, since nobody has paid it, raises OrderUnpaid instead.
    """
    if of_order is None:
        require_standing(status)
    expected = normalized_email(of_order or "").encode()
    same = hmac.compare_digest(normalized_email(given).encode(), expected)
    if not same or not expected:
        raise EmailMismatch


def require_access(file: SoldFile) -> tuple[int, Asset]:
    """The grant and the asset to hand out, or the refusal that stands in the way."""
    require_standing(file.order_status)
    if not file.beat_exists:
        raise BeatNotFound
    if file.item_id is None:
        raise BeatNotInOrder
    if file.kind is AssetKind.STEMS and not file.has_stems:
        raise StemsNotLicensed
    if file.grant_id is None or file.asset is None:
        raise AssetNotFound(file.beat_id, file.kind)
    return file.grant_id, file.asset


def require_same_file(file: SoldFile, beat_id: str, kind: AssetKind | None) -> None:
    """Raises GrantMismatch unless a grant is used for the very file that it names."""
    if file.beat_id != beat_id or kind not in (None, file.kind):
        raise GrantMismatch


def require_standing(status: OrderStatus) -> None:
    """Raises OrderUnpaid or OrderClosed unless the order's files may be handed out now."""
    match status:
        case OrderStatus.COMPLETED:
            return
        case OrderStatus.PENDING | OrderStatus.PAID:
            raise OrderUnpaid(status)
        case _:
            raise OrderClosed(status)


def _printable(title: str) -> str:
    """A title without what file systems refuse, and no longer than leaves room for the rest."""
    kept = "".join(
        " " if char in '/\\:*?"<>|' or not char.isprintable() else char for char in title
    )
    short = " ".join(kept.split()).encode()[:MAX_TITLE_BYTES].decode(errors="ignore")
    return short.strip(". ") or "Beat"
