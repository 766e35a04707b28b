"""Which files Cloudinary has, asked as its library asks; and all the ways of getting no answer."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import cloudinary.api
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.beat import Asset, AssetKind
from domain.errors import Unavailable
from gateways.cloudinary_assets import BATCH, LINES, CloudinaryAssets
from gateways.cloudinary_files import CloudinaryFiles
from sandbox.process import free_port
from tests.cloud import Cloud, cloud_with, sold_files
from tests.making import asset
from tests.sandbox.serving import served

MASTER, STEMS = sold_files("dusk")
OTHERS = [asset("dusk", kind) for kind in (AssetKind.PREVIEW, AssetKind.ARTWORK)]
NEVER = asset("never", AssetKind.MASTER)
RESET = "X-FeatureRateLimit-Reset"


@pytest.fixture(scope="module")
def module_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud_with(tmp_path_factory.mktemp("cloud"), [MASTER, STEMS, *OTHERS]) as cloud:
        yield cloud


@pytest.fixture
def cloud(module_cloud: Cloud) -> Iterator[Cloud]:
    """A Cloudinary that has the files of one beat, and was not asked yet."""
    module_cloud.calls.clear()
    yield module_cloud
    module_cloud.is_well()


async def test_a_file_is_there_by_its_name_its_kind_and_its_access(cloud: Cloud) -> None:
    there = {MASTER, STEMS, *OTHERS}
    raw_master = replace(MASTER, resource_type="raw")
    public_stems = replace(STEMS, kind=AssetKind.ARTWORK)
    wanted = {*there, NEVER, raw_master, public_stems}
    assert await cloud.assets.missing(wanted) == {NEVER, raw_master, public_stems}


async def test_a_file_that_is_being_asked_about_is_not_asked_about_again(cloud: Cloud) -> None:
    assets = cloud.assets
    cloud.fault(delay=1.0)
    wanted: list[set[Asset]] = [{MASTER}, {MASTER, NEVER}, {NEVER}, {STEMS, MASTER}]
    answers = await asyncio.gather(*(assets.missing(each) for each in wanted))
    assert answers == [set(), {NEVER}, {NEVER}, set()]
    assert sorted(name for call in cloud.calls for name in call.names) == sorted(
        each.public_id for each in (MASTER, NEVER, STEMS)
    )
    cloud.is_well()
    await assets.missing([MASTER])
    assert len(cloud.calls) == 4  # what was answered may have changed


async def test_an_answer_that_fails_fails_all_who_wait_for_it_and_nobody_after(
    cloud: Cloud,
) -> None:
    assets = cloud.assets
    cloud.fault(delay=0.5, status=503, times=1)
    answers = await asyncio.gather(
        *(assets.missing([MASTER]) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in answers] == [Unavailable] * 3
    assert await assets.missing([MASTER]) == set()
    assert len(cloud.calls) == 2


async def test_a_silent_cloudinary_is_waited_for_by_a_few_and_by_more_once_it_speaks(
    cloud: Cloud,
) -> None:
    assets = cloud.assets
    cloud.fault(delay=1.0, times=1)
    waiting = [asyncio.create_task(assets.missing([MASTER])) for _ in range(LINES)]
    await asyncio.sleep(0.1)
    for lines in (LINES, 3):
        with pytest.raises(Unavailable, match="wait for its answer already"):
            await assets.missing([STEMS], lines)
    leaving = waiting.pop()
    leaving.cancel()
    await asyncio.wait([leaving])
    assert await assets.missing([STEMS]) == set()  # a place was free again
    assert not any(each.done() for each in waiting)
    assert await asyncio.gather(*waiting) == [set()] * len(waiting)


async def test_who_leaves_takes_the_answer_from_nobody(cloud: Cloud) -> None:
    assets = cloud.assets
    cloud.fault(delay=0.5)
    leaving, staying = (asyncio.create_task(assets.missing([NEVER])) for _ in range(2))
    await asyncio.sleep(0.1)
    leaving.cancel()
    assert await staying == {NEVER}
    assert leaving.cancelled()
    assert len(cloud.calls) == 1


async def test_what_was_uploaded_is_there_until_it_is_deleted(cloud: Cloud, tmp_path: Path) -> None:
    path = tmp_path / "stems.zip"
    path.write_bytes(b"PK\x05\x06" + b"\0" * 18)
    files = CloudinaryFiles(cloud.account)
    uploaded = (await files.publish("echo", AssetKind.STEMS, path)).asset
    assert await cloud.assets.missing([uploaded]) == set()
    cloud.lose(uploaded)
    assert await cloud.assets.missing([uploaded]) == {uploaded}


async def test_cloudinary_is_asked_as_its_own_library_asks(cloud: Cloud) -> None:
    names = [asset(name, AssetKind.MASTER) for name in ("dusk", "nächte = 夜, 2:3")]
    await cloud.assets.missing(names)
    account = cloud.account
    cloudinary.api.resources_by_ids(
        sorted(each.public_id for each in names),
        resource_type="video",
        type="authenticated",
        cloud_name=account.cloud_name,
        api_key=account.api_key,
        api_secret=account.api_secret,
        upload_prefix=account.upload_prefix,
    )
    ours, theirs = cloud.calls
    assert (ours.path, ours.authorization) == (theirs.path, theirs.authorization)
    assert ours.asked == theirs.asked


@pytest.mark.parametrize(("beats", "calls"), [(0, 0), (1, 2), (BATCH, 2), (BATCH + 1, 4)])
async def test_one_call_asks_for_all_files_of_a_kind(cloud: Cloud, beats: int, calls: int) -> None:
    wanted = sold_files(*(f"beat-{number}" for number in range(beats)))
    assert await cloud.assets.missing(wanted) == set(wanted)
    assert len(cloud.calls) == calls


@pytest.mark.parametrize(
    ("effect", "wait"),
    [
        ({"status": 420, "retry_after": 7}, timedelta(seconds=7)),
        ({"status": 429, "retry_after": 90_000}, timedelta(hours=1)),
        ({"status": 503, "retry_after": 3}, timedelta(seconds=3)),
        ({"status": 420}, None),
        ({"status": 401}, None),
        ({"status": 404}, None),
        ({"status": 500}, None),
        ({"status": 502}, None),
    ],
)
async def test_what_is_no_answer_loses_no_file_and_is_asked_for_once(
    cloud: Cloud, effect: dict[str, Any], wait: timedelta | None
) -> None:
    cloud.fault(**effect)
    with pytest.raises(Unavailable) as away:
        await cloud.assets.missing([MASTER])
    assert (away.value.service, away.value.retry_after) == ("Cloudinary", wait)
    assert len(cloud.calls) == 1
    cloud.is_well()
    assert await cloud.assets.missing([MASTER]) == set()


async def test_a_cut_line_loses_no_file(cloud: Cloud) -> None:
    cloud.fault(cut=True)
    with pytest.raises(Unavailable):
        await cloud.assets.missing([MASTER])


async def test_one_kind_without_an_answer_leaves_the_whole_without_one(cloud: Cloud) -> None:
    cloud.fault(status=500, times=1)
    with pytest.raises(Unavailable):
        await cloud.assets.missing([MASTER, STEMS])


async def test_wrong_credentials_lose_no_file(cloud: Cloud) -> None:
    stranger = replace(cloud.account, api_secret="guessed")
    with pytest.raises(Unavailable, match="HTTP 401"):
        await CloudinaryAssets(stranger).missing([MASTER])


async def test_an_answer_that_does_not_come_in_time_is_waited_for_once(cloud: Cloud) -> None:
    cloud.fault(delay=1)
    with pytest.raises(Unavailable):
        await CloudinaryAssets(cloud.account, timeout=0.1).missing([MASTER])
    assert len(cloud.calls) == 1


async def test_a_cloudinary_that_nobody_serves_is_unavailable(cloud: Cloud) -> None:
    away = replace(cloud.account, upload_prefix=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        await CloudinaryAssets(away).missing([MASTER])


@contextmanager
def saying(
    cloud: Cloud, status: int, body: str, headers: Mapping[str, str] = {}
) -> Iterator[CloudinaryAssets]:
    """Somebody who answers in Cloudinary's place, and always the same."""

    async def answer(_: Request) -> Response:
        return Response(body, status, headers)

    with served(Starlette(routes=[Route("/v1_1/{path:path}", answer)])) as url:
        yield CloudinaryAssets(replace(cloud.account, upload_prefix=url))


@pytest.mark.parametrize(
    "body", ["<html>Log in</html>", "", "[]", "{}", '{"resources": [{}]}', '{"resources": null}']
)
async def test_an_unreadable_answer_loses_no_file(cloud: Cloud, body: str) -> None:
    with saying(cloud, 200, body) as assets, pytest.raises(Unavailable, match="no list of files"):
        await assets.missing([MASTER])


async def test_a_redirect_is_followed_nowhere(cloud: Cloud) -> None:
    elsewhere = saying(cloud, 302, "", {"Location": "/elsewhere"})
    with elsewhere as assets, pytest.raises(Unavailable, match="HTTP 302"):
        await assets.missing([MASTER])


async def test_a_spent_hour_is_waited_out(cloud: Cloud) -> None:
    reset = datetime.now(UTC) + timedelta(minutes=20)
    spent = saying(cloud, 420, "{}", {RESET: format_datetime(reset, usegmt=True)})
    with spent as assets, pytest.raises(Unavailable) as away:
        await assets.missing([MASTER])
    assert away.value.retry_after is not None
    assert timedelta(minutes=19) < away.value.retry_after <= timedelta(minutes=20)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("", None),
        ("soon", None),
        ("Wed, 01 Jan 2020 12:00:00 -0000", None),
        ("Wed, 01 Jan 2020 12:00:00 GMT", timedelta(0)),
        ("Fri, 01 Jan 2100 12:00:00 GMT", timedelta(hours=1)),
    ],
)
async def test_a_reset_that_makes_no_sense_makes_nobody_wait_for_long(
    cloud: Cloud, said: str, wait: timedelta | None
) -> None:
    spent = saying(cloud, 420, "{}", {RESET: said})
    with spent as assets, pytest.raises(Unavailable) as away:
        await assets.missing([MASTER])
    assert away.value.retry_after == wait
