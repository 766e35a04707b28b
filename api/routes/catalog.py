"""The catalogue, read only."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import DesksHere
from api.errors import declares
from api.schemas.catalog import BeatList, BeatQuery, BeatView, LicenseView, Pagination
from api.schemas.wire import Identifier, Success
from database import catalog, catalog_pages
from domain.errors import BeatNotFound
from domain.license import TERMS

router = APIRouter(prefix="/api", tags=["Catalogue"])


@router.get("/beats", summary="Browse the beats on sale", responses=declares(invalid=True))
async def list_beats(query: Annotated[BeatQuery, Query()], here: DesksHere) -> BeatList:
    """Beats that are active and released, filtered, sorted, a page at a time."""
    async with here.database.browsing() as reader:
        page = await catalog_pages.page(
            reader,
            here.editions,
            query.filter,
            here.clock(),
            order=catalog_pages.SortOrder(query.sort_field, descending=query.sort_order == "desc"),
            limit=query.limit,
            offset=(query.page - 1) * query.limit,
        )
    return BeatList(
        success=True,
        data=[BeatView.of(beat) for beat in page.beats],
        pagination=Pagination.of(query, page.total),
    )


@router.get("/beats/genres", summary="List the genres on sale", responses=declares())
async def list_genres(here: DesksHere) -> Success[list[str]]:
    async with here.database.browsing() as reader:
        return Success(
            success=True, data=await catalog_pages.genres(reader, here.editions, here.clock())
        )


@router.get("/beats/{beatId}", summary="See one beat", responses=declares(BeatNotFound))
async def get_beat(
    beat_id: Annotated[Identifier, Path(alias="beatId")], here: DesksHere
) -> Success[BeatView]:
    """Any beat: `isActive` and `scheduledReleaseAt` say if it is withdrawn or yet to come."""
    async with here.database.browsing() as reader:
        beat = await catalog.find(reader, beat_id)
    if beat is None:
        raise BeatNotFound
    return Success(success=True, data=BeatView.of(beat))


@router.get("/licenses", summary="See the license types and what each allows", responses=declares())
async def list_licenses() -> Success[list[LicenseView]]:
    return Success(
        success=True, data=[LicenseView.model_validate(terms) for terms in TERMS.values()]
    )
