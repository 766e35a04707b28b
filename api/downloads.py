"""From an order's right to a file to an address that serves it for a while."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import logs
from api.grant_tokens import GrantTokens
from api.schemas.download import BeatDownloads, DownloadUrls, OrderDownloads
from database import catalog, grants, orders
from database.engine import Database
from domain.beat import AssetKind
from domain.download import (
    SoldFile,
    file_name,
    require_access,
    require_buyer,
    require_same_file,
    require_standing,
)
from domain.errors import (
    AssetNotFound,
    BeatNotFound,
    CredentialsMissing,
    FileUnpaid,
    OrderNotFound,
    OrderUnpaid,
)
from gateways.cloudinary_files import CloudinaryFiles


@dataclass(frozen=True)
class Credentials:
    """What a download is asked for with: a grant, or an order and its e-mail address."""

    grant: str | None
    order_id: str | None
    customer_email: str | None


class DownloadDesk:
    """Hands out files. The order is looked at afresh each time, and each address is recorded."""

    def __init__(self, database: Database, files: CloudinaryFiles, tokens: GrantTokens) -> None:
        self._database = database
        self._files = files
        self._tokens = tokens

    async def grant_all(self, order_id: str, customer_email: str, base_url: str) -> OrderDownloads:
        """Timed addresses, on this API, of every file that an order gives a right to.

        Raises OrderNotFound, EmailMismatch, OrderUnpaid or OrderClosed. Three statements.
        """
        async with self._database.reading() as reader:
            order = await orders.find(reader, order_id)
            if order is None:
                raise OrderNotFound
            logs.bind(order_id=order_id)  # not before: what is no order's id may be anything
            require_buyer(order.status, customer_email, order.customer_email)
            require_standing(order.status)
            granted = await grants.of_order(reader, order_id)
        expires_at = self._tokens.expiry()
        beats = [
            self._beat_downloads(list(of_item), base_url, expires_at)
            for _, of_item in groupby(granted, key=lambda grant: grant.item_id)
        ]
        return OrderDownloads(
            order_id=order_id,
            customer_email=order.customer_email or customer_email,
            expires_at=expires_at,
            beats=beats,
        )

    async def file_url(self, beat_id: str, kind: AssetKind | None, credentials: Credentials) -> str:
        """Cloudinary's address of a sold file, or of a public preview.

        Raises CredentialsMissing, GrantInvalid, GrantExpired, GrantMismatch, OrderNotFound,
        EmailMismatch, FileUnpaid, OrderClosed, BeatNotFound, BeatNotInOrder, StemsNotLicensed
        or AssetNotFound. At most two statements.
        """
        try:
            return await self._file_url(beat_id, kind, credentials)
        except OrderUnpaid as unpaid:
            raise FileUnpaid(unpaid.status) from unpaid

    async def _file_url(
        self, beat_id: str, kind: AssetKind | None, credentials: Credentials
    ) -> str:
        if kind is AssetKind.PREVIEW:
            return await self._preview_url(beat_id)
        expires_at = self._tokens.expiry()
        if credentials.grant is not None:
            grant_id, granted_until = self._tokens.read(credentials.grant)
            expires_at = self._tokens.link_expiry(granted_until)
            file = await self._granted_file(grant_id, beat_id, kind)
        else:
            file = await self._bought_file(beat_id, kind or AssetKind.MASTER, credentials)
        logs.bind(order_id=file.order_id)
        grant_id, asset = require_access(file)
        async with self._database.recording() as recorder:
            await grants.record_link(recorder, grant_id, expires_at)
        return self._files.download_url(asset, file.filename, expires_at)

    async def _granted_file(self, grant_id: int, beat_id: str, kind: AssetKind | None) -> SoldFile:
        async with self._database.reading() as reader:
            file = await grants.find_granted_file(reader, grant_id)
        if file is None:
            raise OrderNotFound
        require_same_file(file, beat_id, kind)
        return file

    async def _bought_file(
        self, beat_id: str, kind: AssetKind, credentials: Credentials
    ) -> SoldFile:
        if not credentials.order_id or not credentials.customer_email:
            raise CredentialsMissing
        async with self._database.reading() as reader:
            file = await grants.find_file(reader, credentials.order_id, beat_id, kind)
        if file is None:
            raise OrderNotFound
        require_buyer(file.order_status, credentials.customer_email, file.customer_email)
        return file

    async def _preview_url(self, beat_id: str) -> str:
        async with self._database.browsing() as reader:
            found = await catalog.find_asset(reader, beat_id, AssetKind.PREVIEW)
        if found is None:
            raise BeatNotFound
        title, asset = found
        if asset is None:
            raise AssetNotFound(beat_id, AssetKind.PREVIEW)
        filename = file_name(title, "Preview", asset.format)
        return self._files.download_url(asset, filename, self._tokens.expiry())

    def _beat_downloads(
        self, of_item: list[grants.Grant], base_url: str, expires_at: datetime
    ) -> BeatDownloads:
        item = of_item[0]
        urls = {
            grant.kind.value: f"{base_url}api/download/{_ROUTES[grant.kind]}/{grant.beat_id}"
            f"?grant={self._tokens.issue(grant.id)}"
            for grant in of_item
        }
        return BeatDownloads(
            beat_id=item.beat_id,
            beat_title=item.title,
            license_type=item.license_type,
            has_stems=item.has_stems,
            download_urls=DownloadUrls(**urls, expires_at=expires_at),
        )


_ROUTES = {AssetKind.MASTER: "beat", AssetKind.STEMS: "stems"}
