"""Publishing: a beat as its producer has it now, and nothing touched that is the same."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from database import catalog, publishing
from database.engine import Database
from database.publishing import Published
from database.tables import metadata
from domain.beat import AssetKind, Beat, Price
from domain.money import Money
from tests.making import TRACKOUT, UNLIMITED, WAV, assets, prices, publication, publish

MASTER, STEMS, PREVIEW, ARTWORK = AssetKind


async def shown(database: Database, beat_id: str = "dusk") -> Beat:
    async with database.reading() as reader:
        found = await catalog.find(reader, beat_id)
    assert found is not None
    return found


async def published(database: Database, beat_id: str = "dusk") -> Published | None:
    async with database.reading() as reader:
        return await publishing.find(reader, beat_id)


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, with the transaction that wrote it last."""
    written_by: ColumnElement[str] = literal_column("xmin::text")
    async with database.reading() as reader:
        return {
            table.name: [
                tuple(row)
                for row in await reader.sql.execute(
                    select(table, written_by).order_by(*table.primary_key)
                )
            ]
            for table in metadata.sorted_tables
        }


async def test_a_beat_is_shown_as_it_was_published(database: Database) -> None:
    await publish(database, publication())
    beat = await shown(database)
    assert beat == Beat(
        id="dusk",
        title="Dusk",
        description="Slow and warm",
        genre="Trap",
        bpm=120,
        key="A",
        mode="minor",
        duration_seconds=125,
        tags=("dark", "808"),
        has_stems=True,
        is_exclusive=False,
        is_active=True,
        featured=False,
        scheduled_release_at=None,
        preview_url="https://files.example/dusk/preview.wav",
        artwork_url="https://files.example/dusk/artwork.png",
        created_at=beat.created_at,
        updated_at=beat.created_at,
        prices=prices("dusk"),
    )
    assert await published(database) == Published(125, assets("dusk"))
    assert await published(database, "dawn") is None


async def test_publishing_the_same_beat_again_writes_no_row(database: Database) -> None:
    await publish(database, publication())
    before = await everything(database)
    await publish(database, publication(producer_email=" Producer@Example.com "))
    assert await everything(database) == before


async def test_a_change_of_a_beat_moves_its_time(database: Database) -> None:
    await publish(database, publication())
    before = await shown(database)
    await publish(database, publication(title="Dusk II", tags=()))
    after = await shown(database)
    assert after.updated_at > before.updated_at
    assert after == replace(before, title="Dusk II", tags=(), updated_at=after.updated_at)


async def test_another_price_takes_the_place_of_the_old(database: Database) -> None:
    await publish(database, publication())
    dearer = {**prices("dusk"), WAV: Price("price_dearer", Money(2999, "EUR"))}
    await publish(database, publication(prices=dearer))
    assert (await shown(database)).prices == dearer


async def test_a_license_no_longer_offered_goes_and_may_come_back(database: Database) -> None:
    await publish(database, publication("dusk"), publication("dawn"))
    for offered in ([WAV, UNLIMITED], [TRACKOUT]):
        left = prices("dusk", *offered)
        await publish(database, publication("dusk", prices=left))
        assert (await shown(database)).prices == left
    assert (await shown(database, "dawn")).prices == prices("dawn")


async def test_a_beat_may_be_offered_with_no_license_at_all(database: Database) -> None:
    await publish(database, publication())
    await publish(database, publication(prices={}))
    assert (await shown(database)).prices == {}


async def test_stems_that_were_withdrawn_stay_for_those_who_bought_them(
    database: Database,
) -> None:
    await publish(database, publication())
    await publish(database, publication(assets=assets("dusk", MASTER, PREVIEW)))
    assert not (await shown(database)).has_stems
    assert await published(database) == Published(125, assets("dusk"))


async def test_a_beat_may_change_its_producer(database: Database) -> None:
    await publish(database, publication())
    before = await everything(database)
    await publish(database, publication(producer_email="heir@example.com"))
    after = await everything(database)
    assert [row[1] for row in after["users"]] == ["producer@example.com", "heir@example.com"]
    assert before["beats"][0][1] == before["users"][0][0]
    assert after["beats"][0][1] == after["users"][1][0]
