"""Sold files are looked for at Cloudinary before they are granted, as seldom as need be."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from activities.downloads import LINES_AT_ONCE, DownloadActivities
from database import grants
from database.catalog_tables import beat_assets
from database.engine import Database, count_statements
from domain.beat import AssetKind
from domain.errors import AssetNotFound, Unavailable
from domain.order import Attention, OrderStatus
from gateways.cloudinary_assets import CloudinaryAssets
from tests.cloud import Cloud, cloud_with, sold_files
from tests.making import (
    TRACKOUT,
    WAV,
    Wanted,
    asset,
    find,
    history,
    pay,
    place,
    publication,
    publish,
)
from tests.waiting import meanwhile

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MASTER, STEMS = AssetKind.MASTER, AssetKind.STEMS
UNREACHABLE = Attention.FILES_UNREACHABLE
BEATS = [f"beat-{number}" for number in range(50)]


@pytest.fixture(scope="module")
def module_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    stored = sold_files("dusk", "dawn", *BEATS)
    with cloud_with(tmp_path_factory.mktemp("cloud"), stored) as cloud:
        yield cloud


@pytest.fixture
def cloud(module_cloud: Cloud) -> Iterator[Cloud]:
    """A Cloudinary that has every file, and was not asked yet."""
    module_cloud.calls.clear()
    yield module_cloud
    module_cloud.is_well()


@dataclass
class Step:
    """The step that grants files, at a time of the test's choosing."""

    database: Database
    cloudinary: CloudinaryAssets
    now: datetime = NOON
    activities: DownloadActivities = field(init=False)

    def __post_init__(self) -> None:
        self.activities = DownloadActivities(self.database, self.cloudinary, HOUR, lambda: self.now)

    async def issue(self, order_id: str, at_once: bool = False) -> OrderStatus:
        """Runs as an activity that was scheduled at noon, or in the workflow's own task."""
        environment, info = ActivityEnvironment(), ActivityEnvironment.default_info()
        environment.info = replace(info, scheduled_time=NOON, is_local=at_once)
        status = await environment.run(self.activities.issue_downloads, order_id)
        assert isinstance(status, OrderStatus)
        return status

    async def paid(self, *wanted: Wanted) -> str:
        order_id = await place(self.database, *wanted)
        await pay(self.database, order_id)
        return order_id

    async def granted(self, order_id: str) -> int:
        async with self.database.reading() as reader:
            return len(await grants.of_order(reader, order_id))

    async def attention(self, order_id: str) -> Attention | None:
        return (await find(self.database, order_id)).attention


@pytest.fixture
async def step(database: Database, cloud: Cloud) -> Step:
    await publish(database, *(publication(beat_id) for beat_id in ("dusk", "dawn", *BEATS)))
    return Step(database, cloud.assets)


async def test_files_that_are_there_are_granted_and_asked_about_once_an_hour(
    step: Step, cloud: Cloud
) -> None:
    for minutes, calls in [(0, 1), (0, 1), (59, 1), (60, 2), (61, 2), (120, 3)]:
        step.now = NOON + minutes * MINUTE
        assert await step.issue(await step.paid(("dusk", WAV))) is OrderStatus.COMPLETED
        assert len(cloud.calls) == calls, minutes


async def test_only_what_was_sold_is_asked_about(step: Step, cloud: Cloud) -> None:
    await step.issue(await step.paid(("dusk", TRACKOUT), ("dawn", WAV)))
    asked = {call.path.split("/")[-2]: call.names for call in cloud.calls}
    assert asked == {
        "video": ["beats/dawn/master", "beats/dusk/master"],
        "raw": ["beats/dusk/stems"],
    }


async def test_orders_of_one_beat_at_once_cost_one_call(step: Step, cloud: Cloud) -> None:
    order_ids = [await step.paid(("dusk", WAV)) for _ in range(10)]
    cloud.fault(delay=1.0)  # they all ask before the first has its answer
    statuses = await asyncio.gather(*(step.issue(order_id) for order_id in order_ids))
    assert set(statuses) == {OrderStatus.COMPLETED}
    assert len(cloud.calls) == 1


async def test_a_silent_cloudinary_keeps_few_workflows_own_tasks_waiting(
    step: Step, cloud: Cloud
) -> None:
    orders = [await step.paid((beat_id, WAV)) for beat_id in BEATS[: LINES_AT_ONCE + 2]]
    *first, later, last = orders
    cloud.fault(delay=1.0)
    waiting = [asyncio.create_task(step.issue(order_id, at_once=True)) for order_id in first]
    await meanwhile(lambda: len(cloud.calls) == LINES_AT_ONCE)
    with pytest.raises(Unavailable, match="wait for its answer already"):
        await step.issue(later, at_once=True)
    assert not any(each.done() for each in waiting)
    assert await step.issue(last) is OrderStatus.COMPLETED  # as a step of its own, it may wait
    assert await asyncio.gather(*waiting) == [OrderStatus.COMPLETED] * LINES_AT_ONCE
    cloud.is_well()
    assert await step.issue(later) is OrderStatus.COMPLETED


@pytest.mark.parametrize("size", [1, 50])
async def test_a_cart_of_fifty_costs_as_many_calls_and_statements_as_one_of_one(
    step: Step, cloud: Cloud, size: int
) -> None:
    wanted = [(beat_id, TRACKOUT) for beat_id in BEATS[:size]]
    first, second = [await step.paid(*wanted) for _ in range(2)]

    async def cost(order_id: str) -> tuple[int, int]:
        cloud.calls.clear()
        count = count_statements()
        await step.issue(order_id)
        return len(cloud.calls), count.statements

    # Which files were not looked for lately, and that they are there now; then, as ever, the
    # order is locked, the files granted, the order written and its history with it.
    assert await cost(first) == (2, 2 + 3)
    assert await cost(second) == (0, 1 + 3)


@pytest.mark.parametrize("kind", [MASTER, STEMS])
async def test_a_lost_file_holds_the_order_until_it_is_put_back(
    step: Step, cloud: Cloud, kind: AssetKind
) -> None:
    order_id = await step.paid(("dusk", TRACKOUT), ("dawn", WAV))
    cloud.lose(asset("dusk", kind))
    for _ in range(2):
        with pytest.raises(AssetNotFound) as lost:
            await step.issue(order_id)
        assert (lost.value.beat_id, lost.value.kind) == ("dusk", kind)
    assert await step.granted(order_id) == 0
    assert (await find(step.database, order_id)).status is OrderStatus.PAID
    assert await step.attention(order_id) is Attention.FILE_MISSING
    lines = [line for line in await history(step.database, order_id) if line[0] == "file_missing"]
    assert lines == [("file_missing", {"beat": "dusk", "file": kind})]
    cloud.put_back(asset("dusk", kind))
    assert await step.issue(order_id) is OrderStatus.COMPLETED
    assert await step.attention(order_id) is None
    assert await step.granted(order_id) == 3


async def test_a_lost_file_is_asked_about_again_and_those_that_are_there_are_not(
    step: Step, cloud: Cloud
) -> None:
    order_id = await step.paid(("dusk", TRACKOUT))
    cloud.lose(asset("dusk", STEMS))
    for calls in (2, 3):
        with pytest.raises(AssetNotFound):
            await step.issue(order_id)
        assert len(cloud.calls) == calls
    cloud.put_back(asset("dusk", STEMS))


async def test_a_file_published_anew_is_looked_for_anew(step: Step, cloud: Cloud) -> None:
    await step.issue(await step.paid(("dusk", WAV)))
    await publish(step.database, publication("dusk"))  # the same: what is known of it stands
    await step.issue(await step.paid(("dusk", WAV)))
    assert len(cloud.calls) == 1
    again = publication("dusk")
    again.assets[MASTER] = replace(again.assets[MASTER], sha256="cd" * 32)
    await publish(step.database, again)
    await step.issue(await step.paid(("dusk", WAV)))
    assert len(cloud.calls) == 2


async def test_an_answer_about_a_file_says_nothing_of_the_one_that_has_replaced_it(
    step: Step, cloud: Cloud
) -> None:
    order_id = await step.paid(("dusk", TRACKOUT))

    class Slow(CloudinaryAssets):
        async def missing(self, assets: Any, lines: int = 0) -> Any:
            answer = await cloud.assets.missing(assets)
            renamed = replace(asset("dusk", STEMS), public_id="beats/dusk/stems.zip")
            after = publication("dusk")
            after.assets[STEMS] = renamed
            await publish(step.database, after)
            return answer

    slow = Step(step.database, Slow(cloud.account))
    await slow.issue(order_id)
    query = select(beat_assets.c.kind).where(
        beat_assets.c.beat_id == "dusk", beat_assets.c.verified_at.is_not(None)
    )
    async with step.database.reading() as reader:
        assert list(await reader.sql.scalars(query)) == [MASTER]


async def test_while_cloudinary_is_away_the_order_waits_and_after_a_while_an_operator_is_told(
    step: Step, cloud: Cloud
) -> None:
    order_id = await step.paid(("dusk", WAV))
    cloud.fault(status=503)
    for minutes, attention in [(0, None), (14, None), (15, UNREACHABLE), (16, UNREACHABLE)]:
        step.now = NOON + minutes * MINUTE
        with pytest.raises(Unavailable):
            await step.issue(order_id)
        assert await step.attention(order_id) is attention, minutes
    assert await step.granted(order_id) == 0
    fault = {"fault": "Cloudinary is unavailable: HTTP 503"}
    assert (await history(step.database, order_id))[-1] == ("files_unreachable", fault)
    cloud.is_well()
    assert await step.issue(order_id) is OrderStatus.COMPLETED
    assert await step.attention(order_id) is None


async def test_a_rate_limit_that_lasts_is_told_at_once(step: Step, cloud: Cloud) -> None:
    order_id = await step.paid(("dusk", WAV))
    for seconds, attention in [(60, None), (1200, UNREACHABLE)]:
        cloud.fault(status=420, retry_after=seconds, times=1)
        with pytest.raises(Unavailable) as away:
            await step.issue(order_id)
        assert away.value.retry_after == timedelta(seconds=seconds)
        assert await step.attention(order_id) is attention


async def test_files_seen_within_the_hour_need_no_cloudinary(step: Step, cloud: Cloud) -> None:
    await step.issue(await step.paid(("dusk", WAV)))
    cloud.fault(cut=True)
    assert await step.issue(await step.paid(("dusk", WAV))) is OrderStatus.COMPLETED


async def test_what_is_granted_already_is_not_asked_about_again(step: Step, cloud: Cloud) -> None:
    order_id = await step.paid(("dusk", WAV))
    await step.issue(order_id)
    step.now = NOON + 2 * HOUR
    cloud.fault(cut=True)
    assert await step.issue(order_id) is OrderStatus.COMPLETED
    assert len(cloud.calls) == 1


async def test_no_order_waits_for_the_answer_about_anothers_files(step: Step, cloud: Cloud) -> None:
    first, second = await step.paid(("dusk", WAV)), await step.paid(("dawn", WAV))
    asked, answered = asyncio.Event(), asyncio.Event()

    class Slow(CloudinaryAssets):
        async def missing(self, assets: Any, lines: int = 0) -> Any:
            wanted = list(assets)
            if wanted[0].public_id == asset("dusk", MASTER).public_id:
                asked.set()
                await answered.wait()
            return await super().missing(wanted)

    step = Step(step.database, Slow(cloud.account))
    waiting = asyncio.create_task(step.issue(first))
    await asked.wait()
    assert await step.issue(second) is OrderStatus.COMPLETED
    answered.set()
    assert await waiting is OrderStatus.COMPLETED


async def test_postgresql_being_away_is_no_fault_of_the_files(step: Step, cloud: Cloud) -> None:
    order_id = await step.paid(("dusk", WAV))

    class Crossed(CloudinaryAssets):
        async def missing(self, assets: Any, lines: int = 0) -> Any:
            raise Unavailable("PostgreSQL")

    crossed = Step(step.database, Crossed(cloud.account), now=NOON + HOUR)
    with pytest.raises(Unavailable):
        await crossed.issue(order_id)
    assert await step.attention(order_id) is None
