"""What operators do through Temporal: decide about an order, send money back, have it checked."""

from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import (
    Client,
    RPCError,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCStatusCode

from activities.decisions import Act
from activities.refunds import Refund
from activities.refusals import refusal_behind
from domain.errors import Unavailable
from domain.payment import PaymentOutcome
from domain.receipt import ReceiptOutcome
from temporal.client import WorkflowEnded
from temporal.connection import SERVICE, within
from workflows.checkout import CheckoutWorkflow
from workflows.decisions import Said
from workflows.options import MISSED_AFTER
from workflows.reconciliation import Reconciliation, ReconciliationWorkflow, Report
from workflows.refund import RefundWorkflow


class Operations:
    """Operators' acts. Every method raises Unavailable when there is no answer within `patience`.

    What was begun goes on all the same, and asking for it again is asking for the same thing.
    """

    def __init__(self, client: Client, task_queue: str, patience: timedelta) -> None:
        self._client = client
        self._task_queue = task_queue
        self._patience = patience

    async def decide(self, order_id: str, act: Act, said: Said, decision_id: str) -> None:
        """Tells a checkout that is under way what was decided, once for each `decision_id`.

        Raises WorkflowEnded if no checkout is under way, NothingToDecide if it does not wait for
        such a decision.
        """
        checkout = self._client.get_workflow_handle(order_id)
        await within(self._patience, _told(checkout, act, said, decision_id))

    async def hurry(self, workflow_id: str) -> int:
        """Has the steps that wait for their next attempt tried at once; how many there were."""
        handle = self._client.get_workflow_handle(workflow_id)
        described = await within(self._patience, handle.describe())
        waiting = [
            step
            for step in described.raw_description.pending_activities
            if step.HasField("next_attempt_schedule_time")
        ]
        for step in waiting:
            request = ResetActivityRequest(
                namespace=self._client.namespace,
                execution=WorkflowExecution(workflow_id=workflow_id, run_id=described.run_id),
                id=step.activity_id,
            )
            service = self._client.workflow_service
            await within(self._patience, service.reset_activity(request))
        return len(waiting)

    async def refund(self, refund: Refund) -> PaymentOutcome:
        """Sends money back; what the payment is then. A refund that is done is not made again.

        Raises RefundRefused if Stripe says no, NothingToDecide if no money was received.
        """
        start = self._client.start_workflow(
            RefundWorkflow.run,
            refund,
            id=refund.id,
            task_queue=self._task_queue,
            task_timeout=MISSED_AFTER,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # Stripe knows by the id whether it is done; one that a bank returned is made anew.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary="Money sent back, as an operator decided",
        )
        handle = await within(self._patience, start)
        try:
            return await within(self._patience, handle.result())
        except WorkflowFailureError as error:
            raise refusal_behind(error) or Unavailable(SERVICE, detail="ended") from error

    async def reconcile(self, hours: int) -> Report:
        """Compares Stripe's word with our books, or joins those who are at it already."""
        start = self._client.start_workflow(
            ReconciliationWorkflow.run,
            Reconciliation(hours),
            id=f"reconciliation:by-hand:{hours}h",
            task_queue=self._task_queue,
            task_timeout=MISSED_AFTER,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary="Stripe's word compared with our books, as an operator asked",
        )
        handle = await within(self._patience, start)
        try:
            return await within(self._patience, handle.result())
        except WorkflowFailureError as error:
            raise Unavailable(SERVICE, detail="the sweep was given up") from error

    async def receipt_outcome(self, workflow_id: str) -> ReceiptOutcome:
        """What became of a receipt that was sent again."""
        handle = self._client.get_workflow_handle(workflow_id, result_type=ReceiptOutcome)
        try:
            return await within(self._patience, handle.result())
        except WorkflowFailureError as error:
            raise refusal_behind(error) or Unavailable(SERVICE, detail="ended") from error


async def _told(checkout: WorkflowHandle[Any, Any], act: Act, said: Said, decision_id: str) -> None:
    """Raises WorkflowEnded where Temporal knows of no checkout that is under way."""
    try:
        await checkout.execute_update(_UPDATES[act], said, id=decision_id)
    except WorkflowUpdateFailedError as error:
        refusal = refusal_behind(error)
        if refusal is None:  # it came to its end while it was being told
            raise WorkflowEnded from error
        raise refusal from error
    except RPCError as error:
        match error.status:
            case RPCStatusCode.NOT_FOUND:
                raise WorkflowEnded from error
            case RPCStatusCode.FAILED_PRECONDITION:  # no worker's code gets it to go on
                raise Unavailable("The checkout", detail="its code fails, as show tells") from error
        raise


_UPDATES: dict[Act, Any] = {
    Act.RETRY: CheckoutWorkflow.retry,
    Act.APPROVE: CheckoutWorkflow.approve,
    Act.CANCEL: CheckoutWorkflow.cancel,
}
