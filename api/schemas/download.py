"""The files that an order gives a right to."""

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.wire import Instant, Wire
from domain.license import LicenseType

EmailCredential = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)
]


class DownloadRequest(Wire):
    customer_email: EmailCredential


class DownloadUrls(Wire):
    """Timed addresses of one item's files; `stems` where its license includes them."""

    master: str
    stems: str | None = None
    expires_at: Instant


class BeatDownloads(Wire):
    beat_id: str
    beat_title: str
    license_type: LicenseType
    has_stems: bool
    download_urls: DownloadUrls


class OrderDownloads(Wire):
    order_id: str
    customer_email: str
    expires_at: Instant
    beats: list[BeatDownloads]
