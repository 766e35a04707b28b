"""What operators have done through Temporal, and what it shows them of an order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client

from activities.decisions import Act
from activities.refunds import Refund
from domain.errors import NothingToDecide, RefundRefused, Unavailable
from domain.order import new_order_id
from domain.payment import CheckoutSession, PaymentOutcome
from temporal.client import Checkouts, WorkflowEnded
from temporal.connection import connect_now
from temporal.inspection import Inspection, WorkflowState
from temporal.operations import Operations
from tests.rings import NEW, OLD, ring
from tests.waiting import until
from tests.workflows.stand_ins import StandIns, worker_of
from workflows.checkout import Checkout, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said

PATIENCE = timedelta(seconds=10)
SAID = Said("an operator", "as tested")
REPORT = PaymentReported("evt_1", "checkout.session.completed")


class Desk:
    """An operator's way to a queue of its own, and the stand-ins behind it."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        expires_at = datetime.now(UTC) + timedelta(hours=12)
        session = CheckoutSession("cs_1", "https://pay.example/cs_1", expires_at)
        self.client = client
        self.stand_ins = StandIns(session)
        self.queue = f"desk-{uuid4().hex}"
        self.checkouts = Checkouts(client, self.queue, PATIENCE)
        self.operations = Operations(client, self.queue, patience)
        self.inspection = Inspection(client, PATIENCE)

    async def begun(self) -> str:
        """The id of an order whose checkout waits to be paid, or for a worker."""
        order_id = new_order_id()
        await self.client.start_workflow(
            CheckoutWorkflow.run, Checkout.of(order_id), id=order_id, task_queue=self.queue
        )
        return order_id

    async def state(self, order_id: str) -> WorkflowState:
        found = await self.inspection.checkout(order_id)
        assert found is not None
        return found


@pytest.fixture
async def desk(dev_client: Client) -> AsyncIterator[Desk]:
    made = Desk(dev_client)
    async with worker_of(dev_client, made.stand_ins, made.queue):
        yield made


async def test_a_decision_is_carried_out_once_by_its_id(desk: Desk) -> None:
    order_id = await desk.begun()
    desk.stand_ins.payments = [PaymentOutcome.WAITING]
    for _ in range(2):
        await desk.operations.decide(order_id, Act.RETRY, SAID, "retry-1")
    assert [decision.id for decision in desk.stand_ins.decisions] == ["retry-1"]


async def test_a_decision_that_is_not_waited_for_is_refused(desk: Desk) -> None:
    order_id = await desk.begun()
    await desk.checkouts.open(order_id)
    with pytest.raises(NothingToDecide):
        await desk.operations.decide(order_id, Act.APPROVE, SAID, "approve-1")


@pytest.mark.parametrize("act", [Act.RETRY, Act.APPROVE, Act.CANCEL])
async def test_a_decision_about_no_checkout_is_told_from_one_that_is_refused(
    desk: Desk, act: Act
) -> None:
    with pytest.raises(WorkflowEnded):
        await desk.operations.decide(new_order_id(), act, SAID, "d-1")
    order_id = await desk.begun()
    await desk.checkouts.report(order_id, REPORT)
    await desk.client.get_workflow_handle(order_id).result()
    with pytest.raises(WorkflowEnded):
        await desk.operations.decide(order_id, act, SAID, "d-2")


async def test_a_refund_that_stripe_refuses_is_refused_with_its_reason(desk: Desk) -> None:
    desk.stand_ins.failures["refund_payment"] = [RefundRefused("charge_disputed")]
    order_id = new_order_id()
    refund = Refund(order_id, f"refund:{order_id}:0:rest", "an operator", "as tested")
    with pytest.raises(RefundRefused) as refused:
        await desk.operations.refund(refund)
    assert refused.value.reason == "charge_disputed"
    assert await desk.operations.refund(refund) is PaymentOutcome.PAID  # asked for again
    assert [each.id for each in desk.stand_ins.refunds] == [refund.id] * 2
    related = await until(lambda: desk.inspection.related(order_id, ()))
    assert [(each.type, each.status) for each in related] == [("Refund", "completed")]


async def test_two_who_ask_for_one_refund_at_once_get_one(desk: Desk) -> None:
    desk.stand_ins.held["refund_payment"] = asyncio.Event()
    order_id = new_order_id()
    refund = Refund(order_id, f"refund:{order_id}:0:1000", "an operator", "as tested", 1000)
    asked = [asyncio.create_task(desk.operations.refund(refund)) for _ in range(2)]
    await desk.stand_ins.begun["refund_payment"].wait()
    desk.stand_ins.held["refund_payment"].set()
    assert await asyncio.gather(*asked) == [PaymentOutcome.PAID] * 2
    assert desk.stand_ins.refunds == [refund]


async def test_what_an_order_waits_for_is_told(desk: Desk) -> None:
    order_id = await desk.begun()
    desk.stand_ins.payments = [PaymentOutcome.HELD]
    await desk.checkouts.report(order_id, REPORT)

    async def is_held() -> bool:
        return "**Held**" in ((await desk.state(order_id)).details or "")

    await until(is_held)
    state = await desk.state(order_id)
    assert (state.is_running, state.steps, state.task) == (True, (), None)
    assert await desk.inspection.checkout(new_order_id()) is None


async def test_a_step_that_fails_is_told_with_its_failure(desk: Desk) -> None:
    away = Unavailable("Stripe", timedelta(minutes=5), "APIError 503")
    desk.stand_ins.failures["open_checkout_session"] = [away]
    order_id = await desk.begun()

    async def has_failed() -> bool:
        return any(step.failure for step in (await desk.state(order_id)).steps)

    await until(has_failed)
    (step,) = (await desk.state(order_id)).steps
    assert (step.name, step.attempt, step.is_running) == ("open_checkout_session", 2, False)
    assert step.failure == "Stripe is unavailable: APIError 503"
    assert step.next_attempt_at is not None
    assert step.next_attempt_at - datetime.now(UTC) > timedelta(minutes=4)


async def test_a_step_that_was_told_to_wait_is_tried_at_once(desk: Desk) -> None:
    away = Unavailable("Stripe", timedelta(minutes=30), "RateLimitError 429")
    desk.stand_ins.failures["open_checkout_session"] = [away]
    order_id = await desk.begun()

    async def waits() -> bool:
        return any(step.next_attempt_at for step in (await desk.state(order_id)).steps)

    await until(waits)
    assert await desk.operations.hurry(order_id) == 1
    assert await desk.checkouts.open(order_id) == desk.stand_ins.session
    assert await desk.operations.hurry(order_id) == 0


async def test_without_a_worker_the_wait_for_one_is_told(dev_client: Client) -> None:
    desk = Desk(dev_client, patience=timedelta(seconds=0.3))
    order_id = await desk.begun()
    state = await desk.state(order_id)
    assert state.details is None
    assert state.task is not None
    assert (state.task.attempt, state.task.failure) == (1, None)
    with pytest.raises(Unavailable, match="no answer in time"):
        await desk.operations.decide(order_id, Act.RETRY, SAID, "retry-1")
    with pytest.raises(Unavailable, match="no answer in time"):
        await desk.operations.reconcile(1)


async def test_a_worker_without_the_key_is_told_apart(
    dev_client: Client, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    desk = Desk(await connect_now(ring(NEW, OLD)))
    hasty = Operations(desk.client, desk.queue, timedelta(seconds=1))
    order_id = await desk.begun()
    async with worker_of(await connect_now(ring(OLD)), desk.stand_ins, desk.queue):

        async def has_failed() -> bool:
            task = (await desk.state(order_id)).task
            return task is not None and task.failure is not None

        await until(has_failed)

        async def is_known_to_fail() -> bool:  # after a few attempts
            with pytest.raises(Unavailable) as refused:
                await hasty.decide(order_id, Act.RETRY, SAID, "retry-1")
            return refused.value.service == "The checkout"

        await until(is_known_to_fail)
    task = (await desk.state(order_id)).task
    assert task is not None
    words = "workflow_worker_unhandled_failure: {}the payload key '{}' is not in PAYLOAD_KEYS"
    assert task.failure == words.format("", NEW)
    desk.inspection = Inspection(await connect_now(ring(NEW)), PATIENCE)
    unreadable = (await desk.state(order_id)).task
    assert unreadable is not None
    assert unreadable.failure == words.format("it cannot be read here, since ", OLD)
    desk.stand_ins.payments = [PaymentOutcome.WAITING]
    async with worker_of(desk.client, desk.stand_ins, desk.queue):

        async def goes_on() -> bool:
            return (await desk.state(order_id)).task is None

        await until(goes_on, within=30)
        await desk.operations.decide(order_id, Act.RETRY, SAID, "retry-2")
