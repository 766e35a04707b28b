"""Downloads: which files an order has, and the files themselves."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from api.bodies import StrictRoute
from api.dependencies import DesksHere, PublicBase
from api.downloads import Credentials
from api.errors import declares
from api.guards import limit_downloads
from api.schemas.download import DownloadRequest, OrderDownloads
from api.schemas.wire import Identifier, Success
from domain import errors
from domain.beat import AssetKind

router = APIRouter(
    prefix="/api/download",
    tags=["Downloads"],
    # Its second look comes before the answer is on its way.
    dependencies=[Depends(limit_downloads, scope="function")],
    route_class=StrictRoute,
)

_ORDER_ERRORS = (errors.OrderNotFound, errors.EmailMismatch, errors.OrderClosed)
# Both file endpoints answer with a redirect, or with one of these errors.
_REDIRECT: dict[str, Any] = {
    "status_code": HTTPStatus.TEMPORARY_REDIRECT,
    "response_class": RedirectResponse,
    "responses": declares(
        *_ORDER_ERRORS,
        errors.FileUnpaid,
        errors.CredentialsMissing,
        errors.GrantInvalid,
        errors.GrantExpired,
        errors.GrantMismatch,
        errors.BeatNotFound,
        errors.BeatNotInOrder,
        errors.StemsNotLicensed,
        errors.AssetNotFound,
        invalid=True,
        limited=True,
    )
    | {307: {"description": "The file, at a signed address that ends soon."}},
}

_BeatId = Annotated[Identifier, Path(alias="beatId")]
_PathOrderId = Annotated[Identifier, Path(alias="orderId")]


async def credentials(
    order_id: Annotated[Identifier | None, Query(alias="orderId", max_length=255)] = None,
    customer_email: Annotated[
        str | None,
        StringConstraints(strip_whitespace=True),
        Query(alias="customerEmail", max_length=320),
    ] = None,
    grant: Annotated[
        str | None, Query(max_length=1024, description="From the call for an order.")
    ] = None,
) -> Credentials:
    """A grant, or the order and e-mail address of a purchase."""
    return Credentials(grant, order_id, customer_email)


CredentialsHere = Annotated[Credentials, Depends(credentials)]


@router.post(
    "/multi-order/{orderId}",
    summary="Get an order's downloads",
    responses=declares(*_ORDER_ERRORS, errors.OrderUnpaid, invalid=True, body=True, limited=True),
    response_model_exclude_unset=True,
)
async def grant_downloads(
    order_id: _PathOrderId, wanted: DownloadRequest, here: DesksHere, base: PublicBase
) -> Success[OrderDownloads]:
    """Timed addresses of every file that the order's licenses include; ask again at any time."""
    granted = await here.downloads.grant_all(order_id, wanted.customer_email, base)
    return Success(success=True, data=granted)


@router.get("/beat/{beatId}", summary="Download a file of a beat", **_REDIRECT)
async def download_beat(
    beat_id: _BeatId,
    here: DesksHere,
    by: CredentialsHere,
    type: Literal["master", "preview", "stems"] | None = None,  # noqa: A002 - the contract's word
) -> RedirectResponse:
    """The master unless `type` says otherwise, or the grant's own file; a preview is public."""
    kind = AssetKind(type) if type else None
    return _redirect(await here.downloads.file_url(beat_id, kind, by))


@router.get("/stems/{beatId}", summary="Download the stems of a beat", **_REDIRECT)
async def download_stems(
    beat_id: _BeatId, here: DesksHere, by: CredentialsHere
) -> RedirectResponse:
    """The stems as a ZIP, where the license bought on that very beat includes them."""
    return _redirect(await here.downloads.file_url(beat_id, AssetKind.STEMS, by))


def _redirect(url: str) -> RedirectResponse:
    """An address with a right in it stays out of caches and out of other sites' logs."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, HTTPStatus.TEMPORARY_REDIRECT, headers)
