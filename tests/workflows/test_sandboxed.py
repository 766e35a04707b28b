"""The sandbox around the workflows of these tests lets nothing through that a replay would not."""

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError

from tests.workflows.careless import CarelessWorkflow
from tests.workflows.sandboxed import sandboxed


async def test_a_workflow_that_looks_at_the_clock_is_caught(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    async with Worker(
        client,
        task_queue="careless",
        workflows=[CarelessWorkflow],
        workflow_runner=sandboxed(),
        workflow_failure_exception_types=[RestrictedWorkflowAccessError],
    ):
        with pytest.raises(WorkflowFailureError) as caught:
            await client.execute_workflow(
                CarelessWorkflow.run, id="careless", task_queue="careless"
            )
    assert "datetime.now" in str(caught.value.cause)


def test_our_workflows_are_within_it() -> None:
    restrictions = sandboxed().restrictions
    assert not restrictions.passthrough_all_modules
    assert "workflows" not in {name.split(".")[0] for name in restrictions.passthrough_modules}
