"""How the API reaches checkouts, on Temporal's real server."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from domain.errors import (
    CartProblem,
    CartReason,
    CartRefused,
    CheckoutAbandoned,
    CheckoutRefused,
    Unavailable,
)
from domain.order import new_order_id
from domain.payload_keys import KeyRing
from domain.payment import CheckoutSession, PaymentOutcome
from sandbox import temporal
from sandbox.process import free_port
from temporal.client import Checkouts, WorkflowEnded
from temporal.connection import connect_lazily, connect_now
from tests.waiting import soon, until
from tests.workflows.stand_ins import StandIns, worker_of
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow, PaymentReported

SOLD = ["place_order", "open_checkout_session", "confirm_payment", "issue_downloads"]
PATIENCE = timedelta(seconds=5)
IMPATIENCE = timedelta(seconds=0.3)


def session() -> CheckoutSession:
    expires_at = datetime.now(UTC) + timedelta(hours=12)
    return CheckoutSession(f"cs_{uuid4().hex}", "https://pay.example/cs", expires_at)


REPORT = PaymentReported("evt_1", "checkout.session.completed")


@dataclass(frozen=True)
class Shop:
    """A worker among stand-ins, and the API's way to it."""

    client: Client
    checkouts: Checkouts
    stand_ins: StandIns
    task_queue: str

    def handle(self, order_id: str) -> Any:
        return self.client.get_workflow_handle_for(CheckoutWorkflow.run, order_id)

    async def result(self, order_id: str) -> Any:
        """How the checkout ended; fails if it does not end soon."""
        handle = self.handle(order_id)

        async def has_ended() -> bool:
            return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING

        await until(has_ended)
        return await handle.result()


@pytest.fixture
async def idle_shop(dev_client: Client) -> Shop:
    """A shop whose worker does not run."""
    queue = f"shop-{uuid4().hex}"
    return Shop(dev_client, Checkouts(dev_client, queue, PATIENCE), StandIns(session()), queue)


@pytest.fixture
async def shop(idle_shop: Shop) -> AsyncIterator[Shop]:
    async with worker_of(idle_shop.client, idle_shop.stand_ins, idle_shop.task_queue):
        yield idle_shop


async def runs(client: Client, order_id: str) -> int:
    """How many workflows there have been of an order, by the server's own books."""
    described = await client.get_workflow_handle(order_id).describe()
    first = described.raw_description.workflow_execution_info.first_run_id
    return 1 if first == described.run_id else 2


async def test_of_twenty_racing_calls_each_gets_the_one_session(shop: Shop) -> None:
    order_id = new_order_id()
    answers = await asyncio.gather(*(shop.checkouts.open(order_id) for _ in range(20)))
    assert answers == [shop.stand_ins.session] * 20
    assert shop.stand_ins.names == ["place_order", "open_checkout_session"]
    assert await runs(shop.client, order_id) == 1


async def test_an_ended_checkout_answers_as_before_and_is_not_begun_again(shop: Shop) -> None:
    order_id = new_order_id()
    opened = await shop.checkouts.open(order_id)
    await shop.checkouts.report(order_id, REPORT)
    assert await shop.result(order_id) is CheckoutResult.COMPLETED
    asked = list(shop.stand_ins.names)
    assert await shop.checkouts.open(order_id) == opened
    assert shop.stand_ins.names == asked
    described = await shop.handle(order_id).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED


async def test_a_refused_cart_is_refused_with_its_lines_however_often(shop: Shop) -> None:
    problem = CartProblem(1, CartReason.BEAT_NOT_RELEASED, "Dusk")
    shop.stand_ins.failures["place_order"] = [CartRefused((problem,))]
    order_id = new_order_id()
    for _ in range(2):
        with pytest.raises(CartRefused) as refused:
            await shop.checkouts.open(order_id)
        assert refused.value.problems == (problem,)
    assert shop.stand_ins.names == ["place_order"]
    assert await shop.result(order_id) is CheckoutResult.REFUSED


async def test_a_refused_page_names_the_parameter_at_fault(shop: Shop) -> None:
    shop.stand_ins.failures["open_checkout_session"] = [CheckoutRefused("customer_email")]
    with pytest.raises(CheckoutRefused) as refused:
        await shop.checkouts.open(new_order_id())
    assert refused.value.parameter == "customer_email"


async def test_a_checkout_that_ended_before_anybody_asked_is_abandoned(shop: Shop) -> None:
    shop.stand_ins.failures["place_order"] = [CheckoutRefused()]
    order_id = new_order_id()
    await shop.client.execute_workflow(
        CheckoutWorkflow.run, Checkout.of(order_id), id=order_id, task_queue=shop.task_queue
    )
    with pytest.raises(CheckoutAbandoned):
        await shop.checkouts.open(order_id)


async def test_without_a_worker_the_wait_ends_and_a_retry_finds_the_session(
    idle_shop: Shop,
) -> None:
    impatient = Checkouts(idle_shop.client, idle_shop.task_queue, IMPATIENCE)
    order_id, began = new_order_id(), time.monotonic()
    for _ in range(2):
        with pytest.raises(Unavailable, match="Temporal is unavailable: no answer in time"):
            await impatient.open(order_id)
    assert time.monotonic() - began < 2
    async with worker_of(idle_shop.client, idle_shop.stand_ins, idle_shop.task_queue):
        assert await idle_shop.checkouts.open(order_id) == idle_shop.stand_ins.session
        await idle_shop.checkouts.report(order_id, REPORT)
        await idle_shop.result(order_id)
    assert idle_shop.stand_ins.names.count("open_checkout_session") == 1


async def test_a_caller_who_gives_up_leaves_the_checkout_to_go_on(idle_shop: Shop) -> None:
    order_id = new_order_id()
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: complaints.append(told["message"]))
    idle_shop.stand_ins.held["place_order"] = asyncio.Event()
    async with worker_of(idle_shop.client, idle_shop.stand_ins, idle_shop.task_queue):
        caller = asyncio.create_task(idle_shop.checkouts.open(order_id))
        await soon(idle_shop.stand_ins.begun["place_order"].wait())
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        idle_shop.stand_ins.held["place_order"].set()
        assert await idle_shop.checkouts.open(order_id) == idle_shop.stand_ins.session
    gc.collect()  # asyncio complains of an error that nobody looked at when its task goes
    loop.set_exception_handler(None)
    assert "Task exception was never retrieved" not in complaints
    assert idle_shop.stand_ins.names == ["place_order", "open_checkout_session"]


async def test_a_report_reaches_the_checkout_that_waits(shop: Shop) -> None:
    shop.stand_ins.payments = [PaymentOutcome.FAILED]
    order_id = new_order_id()
    await shop.checkouts.open(order_id)
    await shop.checkouts.report(order_id, REPORT)
    assert await shop.result(order_id) is CheckoutResult.FAILED
    with pytest.raises(WorkflowEnded):
        await shop.checkouts.report(order_id, REPORT)


async def test_a_report_of_a_lost_checkout_begins_it_again(shop: Shop) -> None:
    order_id = new_order_id()
    await shop.checkouts.report(order_id, REPORT)
    assert await shop.result(order_id) is CheckoutResult.COMPLETED
    assert shop.stand_ins.names == SOLD
    with pytest.raises(WorkflowEnded):
        await shop.checkouts.report(order_id, REPORT)
    assert shop.stand_ins.names == SOLD


async def test_a_terminated_checkout_is_taken_up_again_by_a_report(shop: Shop) -> None:
    order_id = new_order_id()
    await shop.checkouts.open(order_id)
    await shop.handle(order_id).terminate("an operator's slip")
    await shop.checkouts.report(order_id, REPORT)
    assert await shop.result(order_id) is CheckoutResult.COMPLETED
    assert shop.stand_ins.names == [*SOLD[:2], *SOLD]


async def test_a_terminated_checkout_still_answers_its_buyer(shop: Shop) -> None:
    order_id = new_order_id()
    await shop.checkouts.open(order_id)
    await shop.handle(order_id).terminate("an operator's slip")
    assert await shop.checkouts.open(order_id) == shop.stand_ins.session
    assert shop.stand_ins.names == SOLD[:2]


async def test_a_temporal_that_was_never_there_is_told_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    checkouts = Checkouts(await connect_lazily(KeyRing()), "nobody", PATIENCE)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await checkouts.open(new_order_id())
    with pytest.raises(Unavailable):
        await checkouts.report(new_order_id(), REPORT)
    assert not await checkouts.is_healthy(PATIENCE)
    assert time.monotonic() - began < 6
    with pytest.raises(Unavailable):
        await connect_now(KeyRing())


async def test_a_temporal_that_went_away_is_told_soon_and_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
    checkouts = Checkouts(await connect_lazily(KeyRing()), "nobody", timedelta(seconds=3))
    with temporal.running(port=port):
        assert await checkouts.is_healthy(PATIENCE)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await checkouts.open(new_order_id())
    with pytest.raises(Unavailable):
        await checkouts.report(new_order_id(), REPORT)
    assert time.monotonic() - began < 6
    with temporal.running(port=port):
        assert await checkouts.is_healthy(PATIENCE)
        await checkouts.report(new_order_id(), REPORT)
