"""What `beatline setup` leaves in a namespace."""

from uuid import uuid4

import pytest
from temporalio.api.workflowservice.v1 import DescribeScheduleRequest
from temporalio.client import Client

from tests.workflows.rings import NEW, OLD, ring
from workflows import setup
from workflows.connection import connect_now
from workflows.encryption import KEY_ID
from workflows.setup import LONGEST_SWEEP, schedule_reconciliation


@pytest.fixture(autouse=True)
def schedule_id(dev_client: Client, temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    monkeypatch.setattr(setup, "SCHEDULE_ID", f"sweep-{uuid4().hex}")
    return setup.SCHEDULE_ID


async def scheduled(client: Client, *key_ids: str) -> bool:
    """Runs a setup with these keys; whether the schedule is new."""
    ours = await connect_now(ring(*key_ids))
    return await schedule_reconciliation(ours, "sweeps-of-a-test", 30 * LONGEST_SWEEP, 72)


async def test_the_schedule_is_encrypted_anew_by_the_next_setup(
    dev_client: Client, schedule_id: str
) -> None:
    keys = list[set[bytes]]()
    for ring_of in ([OLD], [OLD, NEW], [NEW, OLD]):
        assert await scheduled(dev_client, *ring_of) is (not keys)
        request = DescribeScheduleRequest(namespace=dev_client.namespace, schedule_id=schedule_id)
        told = await dev_client.workflow_service.describe_schedule(request)
        payloads = told.schedule.action.start_workflow.input.payloads
        keys.append({payload.metadata[KEY_ID] for payload in payloads})
    assert keys == [{OLD.encode()}, {OLD.encode()}, {NEW.encode()}]


async def test_a_sweep_that_never_ends_stops_the_later_ones_for_hours_only(
    dev_client: Client, schedule_id: str
) -> None:
    await scheduled(dev_client, NEW)
    request = DescribeScheduleRequest(namespace=dev_client.namespace, schedule_id=schedule_id)
    told = await dev_client.workflow_service.describe_schedule(request)
    limit = told.schedule.action.start_workflow.workflow_execution_timeout
    assert limit.ToTimedelta() == LONGEST_SWEEP
