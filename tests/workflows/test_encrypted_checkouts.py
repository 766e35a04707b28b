"""Checkouts whose payloads are encrypted, on Temporal's real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer

import worker
from domain.errors import AssetNotFound, Unavailable
from domain.order import new_order_id
from domain.payload_keys import KeyRing
from domain.payment import CheckoutSession
from temporal.client import Checkouts
from temporal.connection import connect_lazily, connect_now
from temporal.encryption import data_converter
from tests.replay.record import HISTORIES
from tests.rings import NEW, OLD, ring
from tests.waiting import soon, until
from tests.workflows.sandboxed import sandboxed
from tests.workflows.stand_ins import StandIns, worker_of
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said

OFF = KeyRing()
PATIENCE = timedelta(seconds=5)
REPORT = PaymentReported("evt_secret", "checkout.session.completed")
RECORDED = {path.stem: path.read_text() for path in sorted(HISTORIES.glob("*.json"))}
SAID = Said("an operator", "words-of-an-operator")
TOLD = ("words-of-an-operator", "secret-page", "evt_secret", "words-of-a-failure", "beat-secret")
SUMMARIES = ("freeze the quote", "A buyer's checkout", "Look again")


@dataclass(frozen=True)
class Shop:
    """One shop's stand-ins and queue, for programs that each have a ring of keys."""

    stand_ins: StandIns
    queue: str
    order_id: str

    @asynccontextmanager
    async def works(self, keys: KeyRing) -> AsyncIterator[None]:
        async with worker_of(await connect_now(keys), self.stand_ins, self.queue):
            yield

    async def checkouts(self, keys: KeyRing) -> Checkouts:
        return Checkouts(await connect_lazily(keys), self.queue, PATIENCE)

    async def handle(self, keys: KeyRing) -> WorkflowHandle[Any, CheckoutResult]:
        client = await connect_now(keys)
        return client.get_workflow_handle_for(CheckoutWorkflow.run, self.order_id)

    async def completed(self, keys: KeyRing) -> None:
        handle = await self.handle(keys)
        assert await soon(handle.result(), within=30) is CheckoutResult.COMPLETED


@pytest.fixture
def shop(dev_client: Client, temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    expires_at = datetime.now(UTC) + timedelta(hours=12)
    session = CheckoutSession("cs_1", "https://pay.example/secret-page", expires_at)
    return Shop(StandIns(session), f"shop-{uuid4().hex}", new_order_id())


async def test_a_history_tells_nothing_of_what_was_said_in_it(
    shop: Shop, dev_client: Client
) -> None:
    shop.stand_ins.failures = {
        "place_order": [Unavailable("PostgreSQL", detail="words-of-a-failure")],
        "issue_downloads": [AssetNotFound("beat-secret", "stems")],
    }
    async with shop.works(ring(NEW)):
        checkouts = await shop.checkouts(ring(NEW))
        assert await checkouts.open(shop.order_id) == shop.stand_ins.session
        await checkouts.report(shop.order_id, REPORT)
        await until(lambda: _has_begun(shop, "issue_downloads"))
        handle = await shop.handle(ring(NEW))
        await handle.execute_update(
            CheckoutWorkflow.retry, Said("an operator", "words-of-an-operator")
        )
        await shop.completed(ring(NEW))
    history = await dev_client.get_workflow_handle(shop.order_id).fetch_history()
    described = await dev_client.get_workflow_handle(shop.order_id).describe()
    kept = b"".join(event.SerializeToString() for event in history.events)
    kept += described.raw_description.SerializeToString()
    for words in (*TOLD, *SUMMARIES):
        assert words.encode() not in kept, words
    assert kept.count(b"Encoded failure") == 2
    assert await (await handle.describe()).static_summary() is not None
    await _replayer(ring(NEW)).replay_workflow(history)


async def _has_begun(shop: Shop, name: str) -> bool:
    return shop.stand_ins.begun[name].is_set()


async def test_what_an_order_waits_for_is_told_to_those_with_the_key(
    shop: Shop, dev_client: Client
) -> None:
    async with shop.works(ring(NEW)):
        await (await shop.checkouts(ring(NEW))).open(shop.order_id)
        query = "__temporal_workflow_metadata"
        told = await (await shop.handle(ring(NEW))).query(query)
        assert "payment" in str(told)
        plainly = dev_client.get_workflow_handle(shop.order_id).query(query)
        with pytest.raises(Exception, match="binary/encrypted"):
            await plainly


async def test_an_order_begun_before_encryption_was_switched_on_goes_on(shop: Shop) -> None:
    async with shop.works(OFF):
        opened = await (await shop.checkouts(OFF)).open(shop.order_id)
    async with shop.works(ring(NEW)):
        checkouts = await shop.checkouts(ring(NEW))
        assert await checkouts.open(shop.order_id) == opened
        await checkouts.report(shop.order_id, REPORT)
        await shop.completed(ring(NEW))


async def test_an_order_outlives_a_rotation_and_switching_off(shop: Shop) -> None:
    async with shop.works(ring(OLD)):
        opened = await (await shop.checkouts(ring(OLD))).open(shop.order_id)
    async with shop.works(ring(NEW, OLD)):
        assert await (await shop.checkouts(ring(NEW, OLD))).open(shop.order_id) == opened
    off = KeyRing(ring(NEW, OLD).keys, None)
    async with shop.works(off):
        await (await shop.checkouts(off)).report(shop.order_id, REPORT)
        await shop.completed(off)


async def test_an_api_without_the_key_says_so_instead_of_hanging(shop: Shop) -> None:
    async with shop.works(ring(NEW, OLD)):
        for keys in (OFF, ring(OLD)):
            with pytest.raises(Unavailable, match=f"payload key '{NEW}' is not in PAYLOAD_KEYS"):
                await (await shop.checkouts(keys)).open(shop.order_id)


async def _failed_tasks(client: Client, order_id: str) -> list[HistoryEvent]:
    history = await client.get_workflow_handle(order_id).fetch_history()
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return [event for event in history.events if event.event_type == failed]


async def test_a_worker_without_the_key_fails_visibly_and_loses_nothing(
    shop: Shop, dev_client: Client
) -> None:
    await (await connect_now(ring(NEW))).start_workflow(
        CheckoutWorkflow.run,
        Checkout.of(shop.order_id),
        id=shop.order_id,
        task_queue=shop.queue,
        task_timeout=timedelta(seconds=1),  # the second attempt is not answered, but times out
        start_signal="payment_reported",
        start_signal_args=[REPORT],
    )
    async with shop.works(ring(OLD)):
        failed = await until(lambda: _failed_tasks(dev_client, shop.order_id))
    failure = failed[0].workflow_task_failed_event_attributes.failure
    assert failure.application_failure_info.type == "PayloadKeyMissing"
    told = await data_converter(ring(OLD)).decode_failure(failure)
    assert f"payload key '{NEW}' is not in PAYLOAD_KEYS" in str(told)
    described = await dev_client.get_workflow_handle(shop.order_id).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    async with shop.works(ring(NEW)):
        await shop.completed(ring(NEW))
    assert shop.stand_ins.names.count("issue_downloads") == 1


@pytest.mark.parametrize("name", RECORDED)
async def test_a_plain_history_replays_where_payloads_are_encrypted(name: str) -> None:
    history = WorkflowHistory.from_json(name, RECORDED[name])
    await _replayer(ring(NEW)).replay_workflow(history)


def _replayer(keys: KeyRing) -> Replayer:
    return Replayer(
        workflows=worker.WORKFLOWS,
        workflow_runner=sandboxed(),
        data_converter=data_converter(keys),
    )
