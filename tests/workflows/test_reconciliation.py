"""A sweep: how far back it looks, and what it leaves for the next one to know."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.order import new_order_id
from domain.payment import CheckoutSession
from tests.making import NOW
from tests.waiting import soon
from tests.workflows.stand_ins import DIFFERENCES, MISSED, StandIns, worker_of
from workflows.reconciliation import Reconciliation, ReconciliationWorkflow, Report


@pytest.fixture
def stand_ins() -> StandIns:
    return StandIns(CheckoutSession("cs_1", "https://pay.example/cs_1", NOW))


async def sweep(client: Client, stand_ins: StandIns, wanted: Reconciliation) -> Report:
    queue = new_order_id()
    async with worker_of(client, stand_ins, queue):
        run = client.execute_workflow(
            ReconciliationWorkflow.run, wanted, id=f"reconciliation:{queue}", task_queue=queue
        )
        return await soon(run)


async def test_a_scheduled_sweep_notes_where_it_began_once_it_has_come_to_its_end(
    dev_client: Client, stand_ins: StandIns
) -> None:
    wanted = Reconciliation(hours=3, since_last=True)
    assert await sweep(dev_client, stand_ins, wanted) == Report(MISSED, DIFFERENCES)
    (farthest,), (noted,) = stand_ins.windows, stand_ins.sweeps
    assert noted.began_at - farthest.since == timedelta(hours=3)


async def test_a_sweep_by_hand_looks_as_far_as_it_was_told_and_leaves_no_note(
    dev_client: Client, stand_ins: StandIns
) -> None:
    wanted = Reconciliation(hours=3)
    assert await sweep(dev_client, stand_ins, wanted) == Report(MISSED, DIFFERENCES)
    assert (stand_ins.windows, stand_ins.sweeps) == ([], [])


async def test_a_sweep_that_did_not_come_to_its_end_leaves_no_note(
    dev_client: Client, stand_ins: StandIns
) -> None:
    queue = new_order_id()
    stand_ins.held["requeue_differences"] = asyncio.Event()
    async with worker_of(dev_client, stand_ins, queue):
        handle = await dev_client.start_workflow(
            ReconciliationWorkflow.run,
            Reconciliation(hours=3, since_last=True),
            id=f"reconciliation:{queue}",
            task_queue=queue,
        )
        await soon(stand_ins.begun["requeue_differences"].wait())
        await handle.terminate("as tested")
        stand_ins.held["requeue_differences"].set()
    assert stand_ins.sweeps == []
