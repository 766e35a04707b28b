"""Download grants: what a paid order gives a right to, once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from database import grants
from database.catalog_tables import beat_assets
from database.engine import Database
from database.tables import download_grants, download_links
from domain.beat import AssetKind
from domain.download import SoldFile
from domain.errors import AssetNotFound
from domain.license import LicenseType
from domain.order import OrderStatus
from tests.making import (
    BUYER,
    NOW,
    TRACKOUT,
    UNLIMITED,
    WAV,
    asset,
    assets,
    pay,
    place,
    publication,
    publish,
    sell,
)

MASTER, STEMS = AssetKind.MASTER, AssetKind.STEMS


@pytest.fixture
async def shop(database: Database) -> Database:
    await publish(database, publication("dusk"), publication("dawn"))
    return database


async def issue(database: Database, order_id: str) -> int:
    async with database.writing() as writer:
        return await grants.issue(writer, order_id)


async def granted(database: Database, order_id: str) -> list[tuple[str, LicenseType, AssetKind]]:
    async with database.reading() as reader:
        found = await grants.of_order(reader, order_id)
    return [(grant.beat_id, grant.license_type, grant.kind) for grant in found]


async def file(database: Database, order_id: str, beat_id: str, kind: AssetKind) -> SoldFile:
    async with database.reading() as reader:
        found = await grants.find_file(reader, order_id, beat_id, kind)
    assert found is not None
    return found


async def lose(database: Database, beat_id: str, kind: AssetKind) -> None:
    columns = beat_assets.c
    lost = delete(beat_assets).where(columns.beat_id == beat_id, columns.kind == kind)
    async with database.writing() as writer:
        await writer.sql.execute(lost)


async def test_each_license_grants_its_files_in_the_order_of_the_lines(shop: Database) -> None:
    order_id = await place(shop, ("dusk", TRACKOUT), ("dawn", WAV))
    assert await issue(shop, order_id) == 3
    assert await granted(shop, order_id) == [
        ("dusk", TRACKOUT, MASTER),
        ("dusk", TRACKOUT, STEMS),
        ("dawn", WAV, MASTER),
    ]


async def test_a_wav_lease_never_grants_stems(shop: Database) -> None:
    order_id = await place(shop, ("dusk", WAV))
    assert await issue(shop, order_id) == 1
    assert await granted(shop, order_id) == [("dusk", WAV, MASTER)]


async def test_granting_again_grants_nothing_new(shop: Database) -> None:
    order_id = await place(shop, ("dusk", UNLIMITED))
    assert await issue(shop, order_id) == 2
    async with shop.reading() as reader:
        before = await grants.of_order(reader, order_id)
    assert await issue(shop, order_id) == 0
    async with shop.reading() as reader:
        assert await grants.of_order(reader, order_id) == before


async def test_of_ten_racing_grants_one_counts(shop: Database) -> None:
    order_id = await place(shop, ("dusk", UNLIMITED))
    assert sorted(await asyncio.gather(*(issue(shop, order_id) for _ in range(10)))) == [
        *[0] * 9,
        2,
    ]


@pytest.mark.parametrize(("beat_id", "kind"), [("dusk", STEMS), ("dawn", MASTER)])
async def test_a_lost_file_grants_nothing_at_all(
    shop: Database, beat_id: str, kind: AssetKind
) -> None:
    order_id = await place(shop, ("dusk", TRACKOUT), ("dawn", WAV))
    await lose(shop, beat_id, kind)
    with pytest.raises(AssetNotFound) as refused:
        await issue(shop, order_id)
    assert (refused.value.beat_id, refused.value.kind) == (beat_id, kind)
    assert await granted(shop, order_id) == []


async def test_stems_that_nobody_bought_are_not_missed(shop: Database) -> None:
    order_id = await place(shop, ("dusk", WAV))
    await lose(shop, "dusk", STEMS)
    assert await issue(shop, order_id) == 1


async def test_two_licenses_of_one_beat_are_granted_each(shop: Database) -> None:
    order_id = await sell(shop, ("dusk", UNLIMITED), ("dusk", WAV), ("dusk", TRACKOUT))
    assert await granted(shop, order_id) == [
        ("dusk", UNLIMITED, MASTER),
        ("dusk", UNLIMITED, STEMS),
        ("dusk", WAV, MASTER),
        ("dusk", TRACKOUT, MASTER),
        ("dusk", TRACKOUT, STEMS),
    ]


@pytest.mark.parametrize("kind", [MASTER, STEMS])
async def test_of_two_licenses_the_most_generous_gives_the_file(
    shop: Database, kind: AssetKind
) -> None:
    order_id = await sell(shop, ("dusk", WAV), ("dusk", UNLIMITED), ("dusk", TRACKOUT))
    assert (await file(shop, order_id, "dusk", kind)).license_type is UNLIMITED


async def test_a_sold_file_is_found_with_all_that_decides_on_it(shop: Database) -> None:
    order_id = await sell(shop, ("dusk", TRACKOUT))
    found = await file(shop, order_id, "dusk", STEMS)
    assert found == SoldFile(
        order_id=order_id,
        order_status=OrderStatus.COMPLETED,
        customer_email=BUYER,
        beat_id="dusk",
        beat_exists=True,
        kind=STEMS,
        title="Dusk",
        item_id=order_id.replace("ord_", "itm_") + "_0",
        license_type=TRACKOUT,
        has_stems=True,
        grant_id=found.grant_id,
        asset=asset("dusk", STEMS),
    )
    assert found.grant_id is not None
    async with shop.reading() as reader:
        assert await grants.find_granted_file(reader, found.grant_id) == found


async def test_a_paid_order_has_no_grants_yet(shop: Database) -> None:
    order_id = await place(shop)
    await pay(shop, order_id)
    found = await file(shop, order_id, "dusk", MASTER)
    assert (found.order_status, found.grant_id) == (OrderStatus.PAID, None)


async def test_a_beat_that_was_not_bought_belongs_to_no_item(shop: Database) -> None:
    order_id = await sell(shop, ("dusk", TRACKOUT))
    other = await file(shop, order_id, "dawn", MASTER)
    assert (other.beat_exists, other.item_id, other.grant_id) == (True, None, None)
    unknown = await file(shop, order_id, "noon", MASTER)
    assert (unknown.beat_exists, unknown.item_id, unknown.asset) == (False, None, None)


async def test_a_withdrawn_beat_is_still_its_buyers(shop: Database) -> None:
    order_id = await place(shop, ("dusk", TRACKOUT))
    kept = assets("dusk", MASTER)
    await publish(shop, publication("dusk", is_active=False, assets=kept, prices={}))
    assert await issue(shop, order_id) == 2
    assert (await file(shop, order_id, "dusk", STEMS)).asset == asset("dusk", STEMS)


async def test_nothing_is_found_for_an_order_or_a_grant_that_is_not(shop: Database) -> None:
    async with shop.reading() as reader:
        assert await grants.find_file(reader, "ord_unheard_of", "dusk", MASTER) is None
        assert await grants.find_granted_file(reader, 2**60) is None
        assert await grants.of_order(reader, "ord_unheard_of") == []


async def test_every_address_that_was_handed_out_is_written_down(shop: Database) -> None:
    order_id = await sell(shop)
    expires_at = NOW + timedelta(minutes=30)
    async with shop.writing() as writer:
        (grant,) = await grants.of_order(writer, order_id)
        await grants.record_link(writer, grant.id, expires_at)
        await grants.record_link(writer, grant.id, expires_at)
    links = download_links.c
    query = select(links.expires_at, func.count()).where(links.grant_id == grant.id)
    async with shop.reading() as reader:
        rows = (await reader.sql.execute(query.group_by(links.expires_at))).all()
        assert [tuple(row) for row in rows] == [(expires_at, 2)]
        assert await reader.sql.scalar(select(func.count()).select_from(download_grants)) == 1
