"""Checkouts recorded on a real server still go the way they went; see record.py."""

import re

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

import worker
from tests.replay.outcomes import outcomes
from tests.replay.record import HISTORIES

RECORDED = {path.stem: path.read_text() for path in sorted(HISTORIES.glob("*.json"))}


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*worker._PASSED_THROUGH)
    return Replayer(
        workflows=worker.WORKFLOWS,
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
    )


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_checkout_replays(replayer: Replayer, name: str) -> None:
    await replayer.replay_workflow(WorkflowHistory.from_json(name, RECORDED[name]))


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_checkout_ended_as_its_name_says(name: str) -> None:
    last = WorkflowHistory.from_json(name, RECORDED[name]).events[-1]
    (payload,) = last.workflow_execution_completed_event_attributes.result.payloads
    assert payload.data.decode() == f'"{outcomes()[name].result}"'


def test_every_outcome_is_recorded() -> None:
    assert RECORDED.keys() == outcomes().keys()


async def test_a_checkout_that_would_go_another_way_is_noticed(replayer: Replayer) -> None:
    history = RECORDED["completed"]
    otherwise = history.replace('"confirm_payment"', '"trust_the_webhook"')
    assert otherwise != history
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json("completed", otherwise))


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_checkout_tells_nothing_of_where_it_was_recorded(name: str) -> None:
    text = RECORDED[name]
    assert set(re.findall(r'"identity": "([^"]*)"', text)) <= {"recorder", "stand-ins", ""}
    assert "@" not in text
    assert str(HISTORIES.parents[2]) not in text
    assert "stackTrace" not in text
