"""What Temporal shows of an order: where its workflows stand, and what keeps them."""

import asyncio
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, PendingActivityState, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from temporal.connection import within
from temporal.encryption import PayloadUnreadable

# A worker answers in milliseconds; without one, nobody does.
WORKER_PATIENCE = timedelta(seconds=3)
# How many of an order's other workflows are looked at, the newest first.
MOST_RELATED = 20
# What may stand in a query as it is.
_IS_ID = re.compile(r"\w+")
# How far back in a history the reason for a task's failure is looked for, in events.
LOOK_BACK = 20


@dataclass(frozen=True)
class PendingStep:
    """An activity under way, or waiting for its next attempt."""

    name: str
    attempt: int
    is_running: bool
    failure: str | None  # of the attempt before
    next_attempt_at: datetime | None


@dataclass(frozen=True)
class PendingTask:
    """A turn of the workflow's own code that no worker has finished."""

    since: datetime
    attempt: int
    failure: str | None


@dataclass(frozen=True)
class WorkflowState:
    """One workflow, as Temporal knows it."""

    id: str
    run_id: str
    type: str
    status: str
    started_at: datetime
    closed_at: datetime | None
    details: str | None  # what it says of itself; None where no worker answers
    steps: tuple[PendingStep, ...]
    task: PendingTask | None

    @property
    def is_running(self) -> bool:
        return self.status == "running"


class Inspection:
    """Looks at workflows; every method raises Unavailable when Temporal cannot answer in time."""

    def __init__(self, client: Client, patience: timedelta) -> None:
        self._client = client
        self._patience = patience

    async def checkout(self, order_id: str) -> WorkflowState | None:
        """The order's checkout, by its latest run; None where Temporal knows of none."""
        return await self._state(order_id)

    async def related(self, order_id: str, reviewed: Collection[str]) -> list[WorkflowState]:
        """The order's refunds and receipts, and the reviews of its payments and other sessions.

        `reviewed` are the ids of those, as Stripe has them. The newest come first.
        """
        found = await within(self._patience, self._search(_about(order_id, reviewed)))
        states = await asyncio.gather(*(self._state(workflow_id) for workflow_id in found))
        return [state for state in states if state is not None]

    async def _search(self, query: str) -> list[str]:
        listed = self._client.list_workflows(query, limit=MOST_RELATED)
        return list(dict.fromkeys([each.id async for each in listed]))

    async def _state(self, workflow_id: str) -> WorkflowState | None:
        handle = self._client.get_workflow_handle(workflow_id)
        described = await within(self._patience, _described(handle))
        if described is None:
            return None
        details, task, steps = await asyncio.gather(
            self._details(handle), self._task(described), self._steps(described)
        )
        status = described.status or WorkflowExecutionStatus.RUNNING
        return WorkflowState(
            id=described.id,
            run_id=described.run_id,
            type=described.workflow_type,
            status=status.name.lower(),
            started_at=described.start_time,
            closed_at=described.close_time,
            details=details,
            steps=steps,
            task=task,
        )

    async def _details(self, handle: WorkflowHandle[Any, Any]) -> str | None:
        query = handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        with suppress(Unavailable, WorkflowQueryFailedError):
            return (await within(WORKER_PATIENCE, query)).current_details or None
        return None

    async def _task(self, described: WorkflowExecutionDescription) -> PendingTask | None:
        raw = described.raw_description
        if not raw.HasField("pending_workflow_task"):
            return None
        task = raw.pending_workflow_task
        failure = await self._task_failure(described) if task.attempt > 1 else None
        return PendingTask(_instant(task.original_scheduled_time), task.attempt, failure)

    async def _task_failure(self, described: WorkflowExecutionDescription) -> str | None:
        """Why the workflow's code could not go on, when it was last tried for the first time."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=described.id, run_id=described.run_id),
            maximum_page_size=LOOK_BACK,
        )
        service = self._client.workflow_service
        call = service.get_workflow_execution_history_reverse(request)
        answer = await within(self._patience, call)
        for event in answer.history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                cause = WorkflowTaskFailedCause.Name(failed.cause)
                cause = cause.removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
                return f"{cause}: {await self._words(failed.failure)}"
        return None

    async def _steps(self, described: WorkflowExecutionDescription) -> tuple[PendingStep, ...]:
        pending: Sequence[PendingActivityInfo] = described.raw_description.pending_activities
        return tuple([await self._step(step) for step in pending])

    async def _step(self, step: PendingActivityInfo) -> PendingStep:
        has_failed, has_next = (
            step.HasField("last_failure"),
            step.HasField("next_attempt_schedule_time"),
        )
        return PendingStep(
            name=step.activity_type.name,
            attempt=step.attempt,
            is_running=step.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
            failure=await self._words(step.last_failure) if has_failed else None,
            next_attempt_at=_instant(step.next_attempt_schedule_time) if has_next else None,
        )

    async def _words(self, failure: Failure) -> str:
        """A failure's message, decrypted; why it cannot be read, where it cannot."""
        try:
            decoded = await self._client.data_converter.decode_failure(failure)
        except PayloadUnreadable as error:
            return f"it cannot be read here, since {error}"
        return getattr(decoded, "message", None) or str(decoded)


async def _described(handle: WorkflowHandle[Any, Any]) -> WorkflowExecutionDescription | None:
    try:
        return await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def _about(order_id: str, reviewed: Collection[str]) -> str:
    """A query for the workflows whose ids begin with what an order's do."""
    kinds = [f"{kind}:{order_id}" for kind in ("refund", "receipt")]
    prefixes = [*kinds, *(f"review:{each}" for each in sorted(reviewed) if _IS_ID.fullmatch(each))]
    return " OR ".join(f'WorkflowId STARTS_WITH "{prefix}"' for prefix in prefixes)


def _instant(moment: Timestamp) -> datetime:
    return moment.ToDatetime(UTC)
