"""What there is after a run: our books, Stripe's ledger, Temporal's histories, our logs."""

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client, WorkflowExecutionStatus

from domain.webhook import SUBSCRIBED
from tests.chaos.world import World

Row = dict[str, Any]
PAGE = 100
TABLES = {
    "orders": "SELECT * FROM orders",
    "items": "SELECT * FROM order_items",
    "history": "SELECT * FROM order_events ORDER BY id",
    "former_sessions": "SELECT * FROM former_sessions",
    "inbox": "SELECT * FROM webhook_events",
    "grants": "SELECT order_id, order_item_id, asset FROM download_grants"
    " JOIN order_items ON order_items.id = order_item_id",
    "metrics": "SELECT * FROM metrics_daily",
}
_PAYLOAD = re.compile(r'"data":\s*"([A-Za-z0-9+/=]+)"')


@dataclass(frozen=True)
class Books:
    """Our database, row by row."""

    orders: list[Row]
    items: list[Row]
    history: list[Row]
    former_sessions: list[Row]
    inbox: list[Row]
    grants: list[Row]
    metrics: list[Row]


@dataclass(frozen=True)
class Ledger:
    """What Stripe knows, and the events that our API has acknowledged."""

    sessions: list[Row]
    intents: dict[str, Row]
    disputes: list[Row]
    events: list[Row]
    acknowledged: set[str]


@dataclass(frozen=True)
class Execution:
    """One run of one workflow."""

    id: str
    run_id: str
    kind: str
    status: WorkflowExecutionStatus | None
    began: datetime
    history_bytes: int


async def read_books(world: World) -> Books:
    url = world.system.environment()["DATABASE_URL"]
    async with (
        await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection,
        connection.cursor() as cursor,
    ):
        rows = {}
        for name, query in TABLES.items():
            await cursor.execute(query)
            rows[name] = await cursor.fetchall()
    return Books(**rows)


async def read_ledger(world: World) -> Ledger:
    api = world.stripe.v1
    sessions = await api.checkout.sessions.list_async({"limit": PAGE})
    intents = await api.payment_intents.list_async(
        {"limit": PAGE, "expand": ["data.latest_charge"]}
    )
    disputes = await api.disputes.list_async({"limit": PAGE})
    events = await api.events.list_async({"limit": PAGE, "types": sorted(SUBSCRIBED)})
    return Ledger(
        sessions=await _all(sessions),
        intents={intent["id"]: intent for intent in await _all(intents)},
        disputes=await _all(disputes),
        events=await _all(events),
        acknowledged=await acknowledged_events(world),
    )


async def acknowledged_events(world: World) -> set[str]:
    """The events to which the API has said 200."""
    return {each["event"] for each in await deliveries(world, state="delivered")}


async def deliveries(world: World, **only: str) -> list[Row]:
    """Every event's way to us, as Stripe saw it; of one `state`, if that is given."""
    url = f"{world.system.url('stripe')}/_emulator/deliveries"
    answer = await world.http.get(url, params={"limit": "1000000"} | only, timeout=60)
    found: list[Row] = answer.json()["data"]
    return found


async def read_executions(world: World) -> list[Execution]:
    client = await temporal(world)
    return [
        Execution(
            each.id,
            each.run_id,
            each.workflow_type,
            each.status,
            each.start_time,
            each.raw_info.history_size_bytes,
        )
        async for each in client.list_workflows()
    ]


async def histories(world: World, executions: list[Execution]) -> AsyncIterator[tuple[str, str]]:
    """Every workflow's history as text, its payloads decoded."""
    client = await temporal(world)
    for each in executions:
        history = await client.get_workflow_handle(each.id, run_id=each.run_id).fetch_history()
        text = history.to_json()
        decoded = [base64.b64decode(found).decode(errors="replace") for found in _payloads(text)]
        yield each.id, "\n".join([text, *decoded])


async def temporal(world: World) -> Client:
    return await Client.connect(world.system.environment()["TEMPORAL_ADDRESS"])


def _payloads(text: str) -> list[str]:
    return _PAYLOAD.findall(text)


async def _all(page: Any) -> list[Row]:
    return [each.to_dict(for_json=True) async for each in page.auto_paging_iter()]
