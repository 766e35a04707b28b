"""What `beatline setup` leaves in a namespace."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.workflowservice.v1 import DescribeScheduleRequest
from temporalio.client import Client

from temporal.connection import connect_now
from temporal.encryption import KEY_ID
from temporal.setup import LONGEST_SWEEP, SCHEDULE_ID, schedule_reconciliation
from tests.rings import NEW, OLD, ring


@pytest.fixture(autouse=True)
async def schedule(
    dev_client: Client, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Leaves the namespace without the schedule that a test has made."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    yield
    await dev_client.get_schedule_handle(SCHEDULE_ID).delete()


async def scheduled(*key_ids: str) -> bool:
    """Runs a setup with these keys; whether the schedule is new."""
    ours = await connect_now(ring(*key_ids))
    return await schedule_reconciliation(ours, "sweeps-of-a-test", 30 * LONGEST_SWEEP, 72)


async def test_the_schedule_is_encrypted_anew_by_the_next_setup(dev_client: Client) -> None:
    keys = list[set[bytes]]()
    for ring_of in ([OLD], [OLD, NEW], [NEW, OLD]):
        assert await scheduled(*ring_of) is (not keys)
        request = DescribeScheduleRequest(namespace=dev_client.namespace, schedule_id=SCHEDULE_ID)
        told = await dev_client.workflow_service.describe_schedule(request)
        payloads = told.schedule.action.start_workflow.input.payloads
        keys.append({payload.metadata[KEY_ID] for payload in payloads})
    assert keys == [{OLD.encode()}, {OLD.encode()}, {NEW.encode()}]


async def test_a_sweep_that_never_ends_stops_the_later_ones_for_hours_only(
    dev_client: Client,
) -> None:
    await scheduled(NEW)
    request = DescribeScheduleRequest(namespace=dev_client.namespace, schedule_id=SCHEDULE_ID)
    told = await dev_client.workflow_service.describe_schedule(request)
    limit = told.schedule.action.start_workflow.workflow_execution_timeout
    assert limit.ToTimedelta() == LONGEST_SWEEP
