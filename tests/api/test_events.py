"""What visitors did, counted by day, beat and license; nothing is kept of who they were."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from database.engine import Database
from tests.api.conftest import Api
from tests.making import publication, publish

SITE = "https://shop.example"
ADDED = {"type": "add_to_cart", "beatId": "dusk", "licenseType": "TRACKOUT_LEASE"}


async def counts(database: Database) -> dict[tuple[str, str, str], int]:
    query = text("SELECT type, beat_id, license_type, count FROM metrics_daily")
    async with database.reading() as reader:
        return {(row[0], row[1], row[2]): row[3] for row in await reader.sql.execute(query)}


@pytest.fixture
async def beats(database: Database) -> Database:
    await publish(database, publication(), publication("dawn"))
    return database


async def test_events_add_up(api: Api, beats: Database) -> None:
    events = [ADDED, ADDED, {"type": "checkout_started"}, ADDED | {"licenseType": "WAV_LEASE"}]
    async with api() as client:
        for _ in range(2):
            answer = await client.post("/api/events", json={"events": events})
            assert answer.status_code == 202
            assert answer.json() == {"success": True, "data": {"accepted": 4}}
    assert await counts(beats) == {
        ("add_to_cart", "dusk", "TRACKOUT_LEASE"): 4,
        ("add_to_cart", "dusk", "WAV_LEASE"): 2,
        ("checkout_started", "", ""): 2,
    }


async def test_a_beat_that_is_not_ours_is_not_counted(api: Api, beats: Database) -> None:
    events = [ADDED | {"beatId": f"made-up-{number}"} for number in range(49)]
    async with api() as client:
        answer = await client.post("/api/events", json={"events": [*events, ADDED]})
    assert answer.status_code == 202
    assert await counts(beats) == {("add_to_cart", "dusk", "TRACKOUT_LEASE"): 1}


@pytest.mark.parametrize("media", ["text/plain;charset=UTF-8", "application/json", "TEXT/PLAIN"])
async def test_a_beacon_counts_however_a_browser_names_it(
    api: Api, beats: Database, media: str
) -> None:
    headers = {"Content-Type": media, "Origin": SITE}
    async with api() as client:
        body = json.dumps({"events": [ADDED]})
        answer = await client.post("/api/events", content=body, headers=headers)
    assert answer.status_code == 202
    assert answer.headers["access-control-allow-origin"] == SITE
    assert sum((await counts(beats)).values()) == 1


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://shop.example", ""])
async def test_pages_of_other_sites_count_nothing(api: Api, beats: Database, origin: str) -> None:
    async with api() as client:
        answer = await client.post(
            "/api/events", json={"events": [ADDED]}, headers={"Origin": origin}
        )
    assert (answer.status_code, answer.json()["code"]) == (403, "site_not_allowed")
    assert await counts(beats) == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "events"),
        ({"events": []}, "events"),
        ({"events": [ADDED] * 51}, "events"),
        ({"events": ["add_to_cart"]}, "events.0"),
        ({"events": [{"type": "page_viewed"}]}, "events.0.type"),
        ({"events": [ADDED | {"licenseType": "FREE"}]}, "events.0.licenseType"),
        ({"events": [ADDED, ADDED | {"beatId": ""}]}, "events.1.beatId"),
        ({"events": [ADDED | {"beatId": "a\u0000b"}]}, "events.0.beatId"),
        ({"events": [ADDED | {"beatId": "x" * 256}]}, "events.0.beatId"),
        ([ADDED], ""),
    ],
)
async def test_what_is_no_event_is_refused_whole(
    api: Api, beats: Database, body: Any, field: str
) -> None:
    async with api() as client:
        answer = await client.post("/api/events", json=body)
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == field
    assert await counts(beats) == {}


async def test_reports_in_any_order_do_not_lock_each_other_out(api: Api, beats: Database) -> None:
    events = [ADDED | {"beatId": beat} for beat in ("dawn", "dusk")]
    events += [{"type": kind} for kind in ("checkout_started", "download_finished")]
    async with api() as client:
        answers = await asyncio.gather(
            *(client.post("/api/events", json={"events": events[::step]}) for step in (1, -1) * 8)
        )
    assert {answer.status_code for answer in answers} == {202}
    assert set((await counts(beats)).values()) == {16}


async def test_a_client_that_reports_too_often_is_told(api: Api, beats: Database) -> None:
    async with api(RATE_LIMIT_EVENTS="2/minute") as client:
        answers = [await client.post("/api/events", json={"events": [ADDED]}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert "retry-after" in answers[2].headers


async def test_neither_logs_nor_tables_tell_who_it_was(api: Api, beats: Database) -> None:
    headers = {"User-Agent": "a-browser-of-its-own", "Cookie": "id=visitor-7"}
    with capture_logs() as lines:
        async with api(peer="203.0.113.99") as client:
            await client.post("/api/events", json={"events": [ADDED]}, headers=headers)
    (line,) = (line for line in lines if line["event"] == "request")
    assert (line["route"], line["sql"]) == ("/api/events", 1)
    columns = text("SELECT column_name FROM information_schema.columns WHERE table_name = :table")
    async with beats.reading() as reader:
        names = set(await reader.sql.scalars(columns, {"table": "metrics_daily"}))
    assert names == {"day", "type", "beat_id", "license_type", "count"}
    for trace in ("203.0.113.99", "a-browser-of-its-own", "visitor-7"):
        assert trace not in str(lines)
