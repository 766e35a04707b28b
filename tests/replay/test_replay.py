"""Workflows recorded on a real server still go the way they went; see record.py."""

import json
import re
from dataclasses import asdict

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import worker
from domain.payment import CheckoutSession, PaymentOutcome
from tests.replay.outcomes import outcomes
from tests.replay.record import HISTORIES
from tests.workflows.sandboxed import sandboxed
from workflows import steps
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow
from workflows.reconciliation import Report

RECORDED = {path.stem: path.read_text() for path in sorted(HISTORIES.glob("*.json"))}


@pytest.fixture(scope="module")
def replayer() -> Replayer:
    return Replayer(
        workflows=worker.WORKFLOWS,
        workflow_runner=sandboxed(),
    )


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_workflow_replays(replayer: Replayer, name: str) -> None:
    await replayer.replay_workflow(WorkflowHistory.from_json(name, RECORDED[name]))


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_workflow_ended_as_its_name_says(name: str) -> None:
    last = WorkflowHistory.from_json(name, RECORDED[name]).events[-1]
    (payload,) = last.workflow_execution_completed_event_attributes.result.payloads
    expected = outcomes()[name].result
    told = asdict(expected) if isinstance(expected, Report) else expected
    assert json.loads(payload.data) == told


def test_every_outcome_is_recorded() -> None:
    assert RECORDED.keys() == outcomes().keys()


async def test_a_checkout_that_would_go_another_way_is_noticed(replayer: Replayer) -> None:
    history = RECORDED["completed"]
    otherwise = history.replace('"confirm_payment"', '"trust_the_webhook"')
    assert otherwise != history
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json("completed", otherwise))


@workflow.defn(name="Checkout", sandboxed=False)
class HastyCheckout(CheckoutWorkflow):
    """Asks Stripe before anybody can have paid: no order that is under way goes that way."""

    @workflow.init
    def __init__(self, checkout: Checkout) -> None:
        super().__init__(checkout)

    @workflow.run
    async def run(self, checkout: Checkout) -> CheckoutResult:
        return await super().run(checkout)

    async def _payment(self, session: CheckoutSession) -> PaymentOutcome:
        await steps.confirm_payment(self._order_id)
        return await super()._payment(session)


@workflow.defn(name="Checkout", sandboxed=False)
class HealedCheckout(HastyCheckout):
    """The same change, made so that orders under way go on as they began."""

    @workflow.init
    def __init__(self, checkout: Checkout) -> None:
        super().__init__(checkout)

    @workflow.run
    async def run(self, checkout: Checkout) -> CheckoutResult:
        return await super().run(checkout)

    async def _payment(self, session: CheckoutSession) -> PaymentOutcome:
        if workflow.patched("ask-stripe-at-once"):
            return await super()._payment(session)
        return await CheckoutWorkflow._payment(self, session)


AWAITED = [name for name in RECORDED if name in ("completed", "cancelled", "failed", "held")]


@pytest.mark.parametrize("name", AWAITED)
async def test_a_change_that_orders_under_way_would_not_survive_is_caught(name: str) -> None:
    history = WorkflowHistory.from_json(name, RECORDED[name])
    with pytest.raises(NondeterminismError):
        await Replayer(workflows=[HastyCheckout]).replay_workflow(history)


@pytest.mark.parametrize("name", AWAITED)
async def test_a_change_behind_a_patch_lets_them_go_on(name: str) -> None:
    history = WorkflowHistory.from_json(name, RECORDED[name])
    await Replayer(workflows=[HealedCheckout]).replay_workflow(history)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_workflow_tells_nothing_of_where_it_was_recorded(name: str) -> None:
    text = RECORDED[name]
    assert set(re.findall(r'"identity": "([^"]*)"', text)) <= {"recorder", "stand-ins", ""}
    assert "@" not in text
    assert str(HISTORIES.parents[2]) not in text
    assert "stackTrace" not in text
