"""How the outside reaches the workflows: start a checkout, report a payment, send a receipt."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypedDict

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.receipts import Receipt
from activities.refusals import refusal_behind
from domain.errors import CheckoutAbandoned, Unavailable
from domain.payment import CheckoutSession
from temporal.connection import SERVICE, SIGNAL_PATIENCE, forget, within
from workflows.checkout import Checkout, CheckoutWorkflow, PaymentReported
from workflows.options import MISSED_AFTER
from workflows.receipt import ReceiptWorkflow
from workflows.review import PaymentReviewWorkflow, Review

# One id for the one update that every caller of an order waits for: however many race, the
# workflow answers once, and goes on answering after it has ended.
_SESSION_UPDATE = "checkout-session"


class WorkflowEnded(Exception):
    """The order's checkout has come to its end."""


class StartOptions(TypedDict):
    """How a checkout is started: once, or again if it was terminated, cancelled or lost.

    One that ended by itself is left alone: only `report` with `reopen` starts it again. Every step
    may safely be repeated, so a second start finds what the first one did.
    """

    task_queue: str
    task_timeout: timedelta
    id_conflict_policy: WorkflowIDConflictPolicy
    id_reuse_policy: WorkflowIDReusePolicy
    static_summary: str


class Checkouts:
    """The checkouts in Temporal. Every method raises Unavailable when Temporal cannot answer."""

    def __init__(self, client: Client, task_queue: str, patience: timedelta) -> None:
        self._client = client
        self._task_queue = task_queue
        self._patience = patience

    async def open(self, order_id: str) -> CheckoutSession:
        """Starts the order's checkout, unless it was started, and waits for its payment page.

        Raises the refusal with which the checkout ended, and Unavailable when no worker has
        answered within the patience given: the checkout goes on, and may be asked for again.
        """
        start = WithStartWorkflowOperation(
            CheckoutWorkflow.run, Checkout.of(order_id), id=order_id, **self._options()
        )
        # The operation keeps a future of its own for the start's outcome, which somebody must look
        # at: asyncio complains of those that end unseen.
        asyncio.ensure_future(start.workflow_handle()).add_done_callback(forget)
        update = self._client.execute_update_with_start_workflow(
            CheckoutWorkflow.checkout_session, start_workflow_operation=start, id=_SESSION_UPDATE
        )
        try:
            return await within(self._patience, update)
        except WorkflowUpdateFailedError as error:
            # Without a refusal, it was terminated or cancelled: the next call starts it again.
            raise refusal_behind(error) or Unavailable(SERVICE, detail="ended") from error
        except WorkflowAlreadyStartedError as error:
            # It ended before anybody could ask it for the session.
            raise CheckoutAbandoned from error

    async def report(self, order_id: str, report: PaymentReported, *, reopen: bool = False) -> None:
        """Tells an order's checkout of an event, starting the checkout again if it was lost.

        Raises WorkflowEnded if it came to its end, unless told to `reopen` even then.
        """
        start_options = self._options()
        if reopen:
            start_options["id_reuse_policy"] = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        start = self._client.start_workflow(
            CheckoutWorkflow.run,
            Checkout.of(order_id),
            id=order_id,
            start_signal="payment_reported",
            start_signal_args=[report],
            **start_options,
        )
        try:
            await within(SIGNAL_PATIENCE, start)
        except WorkflowAlreadyStartedError as error:
            raise WorkflowEnded from error

    async def review(self, review: Review, report: PaymentReported) -> None:
        """Has a payment looked at for refunds, disputes and second payments, now or once more.

        A look does nothing that another has done, so it may be started any number of times.
        """
        start = self._client.start_workflow(
            PaymentReviewWorkflow.run,
            review,
            id=f"review:{review.other_session_id or review.payment_id}",
            task_queue=self._task_queue,
            task_timeout=MISSED_AFTER,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="payment_reported",
            start_signal_args=[report],
            static_summary=f"Stripe had news of a payment: {report.event_type}",
        )
        await within(SIGNAL_PATIENCE, start)

    def _options(self) -> StartOptions:
        return {
            "task_queue": self._task_queue,
            "task_timeout": MISSED_AFTER,
            "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
            "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            "static_summary": "A buyer's checkout: quote, payment, downloads",
        }

    async def is_healthy(self, patience: timedelta) -> bool:
        """Whether Temporal's frontend answers."""
        try:
            return await within(patience, self._client.service_client.check_health())
        except Unavailable:
            return False


class Receipts:
    """The receipts in Temporal."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def send_again(self, order_id: str, now: datetime) -> None:
        """Has an order's receipt sent again: once in each minute, however often it is asked for.

        Raises Unavailable when Temporal cannot answer.
        """
        await self.send(order_id, int(now.timestamp()) // 60)

    async def send(self, order_id: str, number: int) -> str:
        """Has a receipt of this number sent, once; the id of the workflow that sees to it.

        Raises Unavailable when Temporal cannot answer.
        """
        workflow_id = f"receipt:{order_id}:{number}"
        start = self._client.start_workflow(
            ReceiptWorkflow.run,
            Receipt(order_id, number),
            id=workflow_id,
            task_queue=self._task_queue,
            task_timeout=MISSED_AFTER,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary="A receipt, sent again",
        )
        with suppress(WorkflowAlreadyStartedError):  # this one was seen to before
            await within(SIGNAL_PATIENCE, start)
        return workflow_id
