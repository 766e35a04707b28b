"""How many SQL statements each endpoint takes: a constant, however large the cart."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from database import order_sessions
from database.engine import Database
from tests.api.conftest import Api
from tests.making import (
    BUYER,
    TRACKOUT,
    find,
    place,
    price_id,
    publication,
    publish,
    sell,
    session_of,
)

RETURNS = {"successUrl": "https://shop.example/", "cancelUrl": "https://shop.example/"}


@pytest.fixture
async def beats(database: Database) -> list[str]:
    ids = [f"beat-{number}" for number in range(50)]
    await publish(database, *(publication(beat_id) for beat_id in ids))
    return ids


async def statements(client: httpx.AsyncClient, *request: str, **options: Any) -> tuple[int, int]:
    """A request's status, and how many statements it took."""
    with capture_logs() as lines:
        answer = await client.request(*request, **options)
    (line,) = (line for line in lines if line["event"] == "request")
    return answer.status_code, line["sql"]


@pytest.mark.parametrize("size", [1, 50])
async def test_a_checkout_takes_two_statements_before_its_workflow(
    api: Api, beats: list[str], size: int
) -> None:
    items = [{"priceId": price_id(each, TRACKOUT), "quantity": 1} for each in beats[:size]]
    path = "/api/stripe/create-multi-checkout"
    async with api(CHECKOUT_PATIENCE_SECONDS="0.1") as client:  # and no worker to wait for
        asked = await statements(client, "POST", path, json=RETURNS | {"items": items})
    assert asked == (503, 2)


@pytest.mark.parametrize("size", [1, 50])
async def test_looking_at_an_order_and_its_files_takes_as_many_for_one_as_for_fifty(
    api: Api, database: Database, beats: list[str], size: int
) -> None:
    order_id = await sell(database, *((each, TRACKOUT) for each in beats[:size]))
    session_id = (await find(database, order_id)).session_id
    email = {"customerEmail": BUYER}
    known = {"orderId": order_id} | email
    async with api() as client:
        look = await statements(client, "GET", f"/api/orders/multi-payment/{session_id}")
        look_up = await statements(client, "GET", f"/api/orders/lookup/{session_id}")
        links = await statements(
            client, "POST", f"/api/download/multi-order/{order_id}", json=email
        )
        receipt = await statements(client, "POST", "/api/orders/resend-email", json=known)
        file = await statements(client, "GET", f"/api/download/beat/{beats[0]}", params=known)
        stems = await statements(client, "GET", f"/api/download/stems/{beats[0]}", params=known)
    assert (look, look_up, links) == ((200, 2), (200, 2), (200, 3))
    assert (file, stems, receipt) == ((307, 2), (307, 2), (200, 2))


@pytest.mark.parametrize("limit", [1, 50])
async def test_the_catalogue_takes_as_many_for_a_page_of_one_as_of_fifty(
    api: Api, beats: list[str], limit: int
) -> None:
    async with api() as client:
        page = await statements(client, "GET", f"/api/beats?limit={limit}&search=beat&bpmMin=1")
        one = await statements(client, "GET", f"/api/beats/{beats[0]}")
        genres = await statements(client, "GET", "/api/beats/genres")
        preview = await statements(client, "GET", f"/api/download/beat/{beats[0]}?type=preview")
        licenses = await statements(client, "GET", "/api/licenses")
        health = await statements(client, "GET", "/api/health")
    assert (page, one, genres, preview) == ((200, 2), (200, 1), (200, 1), (307, 1))
    assert (licenses, health) == ((200, 0), (200, 0))


@pytest.mark.parametrize("size", [1, 50])
async def test_events_are_counted_in_one_statement(api: Api, beats: list[str], size: int) -> None:
    events = [{"type": "add_to_cart", "beatId": beat} for beat in beats[:size]]
    async with api() as client:
        told = await statements(client, "POST", "/api/events", json={"events": events})
    assert told == (202, 1)


async def test_a_buyer_finds_the_order_by_a_session_that_is_its_own_no_more(
    api: Api, database: Database, beats: list[str]
) -> None:
    order_id = await place(database, (beats[0], TRACKOUT))
    held = (await find(database, order_id)).session_id
    paid = replace(session_of(order_id), id="cs_test_paid")
    async with database.writing() as writer:
        assert await order_sessions.adopt(writer, order_id, paid)
    async with api() as client:
        for session_id in (held, paid.id):
            path = f"/api/orders/lookup/{session_id}"
            assert await statements(client, "GET", path) == (200, 2)
            found = (await client.get(path)).json()["data"]
            assert (found["id"], found["sessionId"]) == (order_id, paid.id)


async def test_a_refusal_takes_no_more(api: Api, beats: list[str]) -> None:
    path = "/api/stripe/create-checkout"
    async with api() as client:
        unknown = await statements(client, "POST", path, json=RETURNS | {"priceId": "price_x"})
        malformed = await statements(client, "POST", path, json={})
        order = await statements(client, "GET", "/api/orders/lookup/cs_none")
        forged = await statements(client, "POST", "/api/stripe/webhook", content=b"{}")
    assert (unknown, malformed, order, forged) == ((400, 2), (400, 0), (404, 1), (400, 0))
