"""A receipt: sent within a day, or noted for an operator."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker
from activities.interceptor import ActivityInterceptor
from activities.receipts import Receipt, UnsentReceipt
from activities.refusals import refusal_behind
from domain.errors import MailRefused, OrderNotFound, Unavailable
from domain.order import new_order_id
from domain.receipt import ReceiptOutcome
from gateways.mail import Patience
from temporal.client import Receipts
from tests.waiting import soon
from tests.workflows.sandboxed import sandboxed
from workflows import options
from workflows.receipt import ReceiptWorkflow

HOUR = timedelta(hours=1)


@dataclass
class Post:
    """Stand-ins for the receipt's activities: what each attempt to send meets, and what came."""

    meets: list[Exception] = field(default_factory=list)
    outcome: ReceiptOutcome = ReceiptOutcome.SENT
    tried: list[tuple[Receipt, datetime]] = field(default_factory=list)
    unsent: list[UnsentReceipt] = field(default_factory=list)

    @property
    def hours(self) -> list[int]:
        """When it was tried, in hours since the first time."""
        began = self.tried[0][1]
        return [round((at - began) / HOUR) for _, at in self.tried]

    @activity.defn
    async def send_receipt(self, receipt: Receipt) -> ReceiptOutcome:
        self.tried.append((receipt, activity.info().started_time))
        if self.meets:
            raise self.meets.pop(0)
        return self.outcome

    @activity.defn
    async def record_unsent_receipt(self, unsent: UnsentReceipt) -> None:
        self.unsent.append(unsent)


@dataclass(frozen=True)
class Sending:
    post: Post
    receipt: Receipt
    handle: WorkflowHandle[ReceiptWorkflow, ReceiptOutcome]

    async def result(self) -> ReceiptOutcome:
        return await soon(self.handle.result(), within=20)


Send = Callable[[Post], AbstractAsyncContextManager[Sending]]


@pytest.fixture
def send(leaping: WorkflowEnvironment) -> Send:
    @asynccontextmanager
    async def sent(post: Post) -> AsyncIterator[Sending]:
        receipt = Receipt(new_order_id(), 7)
        async with Worker(
            leaping.client,
            task_queue=receipt.order_id,
            workflows=worker.WORKFLOWS,
            activities=[post.send_receipt, post.record_unsent_receipt],
            interceptors=[ActivityInterceptor()],
            workflow_runner=sandboxed(),
        ):
            handle = await leaping.client.start_workflow(
                ReceiptWorkflow.run,
                receipt,
                id=f"receipt:{receipt.order_id}:{receipt.number}",
                task_queue=receipt.order_id,
            )
            yield Sending(post, receipt, handle)

    return sent


@pytest.mark.parametrize("outcome", [ReceiptOutcome.SENT, ReceiptOutcome.SKIPPED])
async def test_a_receipt_ends_as_its_sending_did(send: Send, outcome: ReceiptOutcome) -> None:
    async with send(Post(outcome=outcome)) as sending:
        assert await sending.result() is outcome
    assert [receipt for receipt, _ in sending.post.tried] == [sending.receipt]
    assert sending.post.unsent == []


async def test_mail_that_is_away_for_hours_is_tried_until_it_is_back(send: Send) -> None:
    away: list[Exception] = [Unavailable("The mail server", 5 * HOUR) for _ in range(4)]
    async with send(Post(meets=away)) as sending:
        assert await sending.result() is ReceiptOutcome.SENT
    assert sending.post.hours == [0, 5, 10, 15, 20]
    assert sending.post.unsent == []


async def test_after_a_day_an_operator_is_told(send: Send) -> None:
    away: list[Exception] = [Unavailable("The mail server", 5 * HOUR) for _ in range(9)]
    async with send(Post(meets=away)) as sending:
        assert await sending.result() is ReceiptOutcome.FAILED
    assert sending.post.hours == [0, 5, 10, 15, 20]
    assert sending.post.unsent == [
        UnsentReceipt(sending.receipt.order_id, 7, "not sent within a day")
    ]


def test_a_letter_is_tried_often_at_first_and_every_ten_minutes_in_the_end() -> None:
    policy = options.MAIL_WITHIN_A_DAY
    retries = policy["retry_policy"]
    assert retries is not None
    assert retries.initial_interval == timedelta(seconds=1)
    assert retries.maximum_interval == timedelta(minutes=10)
    assert policy["schedule_to_close_timeout"] == timedelta(days=1)
    # Whoever is given up while the server still thinks sends a letter twice.
    patience = Patience()
    longest = timedelta(seconds=patience.connect + patience.handover)
    assert policy["start_to_close_timeout"] == longest + timedelta(seconds=10)


async def test_a_refusal_is_told_at_once(send: Send) -> None:
    async with send(Post(meets=[MailRefused("SMTPRecipientRefused 550 5.1.1")])) as sending:
        assert await sending.result() is ReceiptOutcome.FAILED
    assert len(sending.post.tried) == 1
    reason = "refused by the mail server: SMTPRecipientRefused 550 5.1.1"
    assert sending.post.unsent == [UnsentReceipt(sending.receipt.order_id, 7, reason)]


async def test_an_order_that_is_not_there_has_nobody_to_tell(send: Send) -> None:
    async with send(Post(meets=[OrderNotFound()])) as sending:
        with pytest.raises(WorkflowFailureError) as failed:
            await sending.result()
    assert isinstance(refusal_behind(failed.value), OrderNotFound)
    assert sending.post.unsent == []


async def test_a_burst_of_wishes_is_one_letter_and_the_next_minute_another(
    dev_client: Client,
) -> None:
    order_id, queue = new_order_id(), f"nobody-{new_order_id()}"
    receipts = Receipts(dev_client, queue)
    now = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    number = int(now.timestamp()) // 60

    def handle(of: int) -> WorkflowHandle[ReceiptWorkflow, ReceiptOutcome]:
        return dev_client.get_workflow_handle_for(ReceiptWorkflow.run, f"receipt:{order_id}:{of}")

    moments = [now + timedelta(seconds=second) for second in range(0, 60, 5)]
    await asyncio.gather(*(receipts.send_again(order_id, moment) for moment in moments))
    first = await handle(number).describe()
    await handle(number).terminate("it is sent by now")
    await receipts.send_again(order_id, moments[-1])
    again = await handle(number).describe()
    assert (again.run_id, again.status) == (first.run_id, WorkflowExecutionStatus.TERMINATED)
    await receipts.send_again(order_id, now + timedelta(minutes=1))
    assert (await handle(number + 1).describe()).status is WorkflowExecutionStatus.RUNNING
    await handle(number + 1).terminate("nobody works here")
