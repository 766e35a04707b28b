"""What a Temporal namespace needs before its first order: `beatline setup` gives it that."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from workflows.options import MISSED_AFTER
from workflows.reconciliation import Reconciliation, ReconciliationWorkflow
from workflows.visibility import SEARCH_ATTRIBUTES

SCHEDULE_ID = "beatline-reconciliation"

# After a pause of the whole cluster, sweeps that should have run meanwhile are left out: each looks
# as far back as its window goes.
CATCH_UP = timedelta(minutes=1)
# A sweep that has not ended by then never will, say for a payload key that is gone: the next ones,
# which wait for its end, go on without it.
LONGEST_SWEEP = timedelta(hours=6)


async def missing_search_attributes(client: Client) -> list[SearchAttributeKey[Any]]:
    """Those that the namespace does not know; raises Unavailable if Temporal does not say."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = await client.operator_service.list_search_attributes(request)
    except RPCError as error:
        raise Unavailable("Temporal", detail=error.status.name) from error
    return [key for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]


async def register_search_attributes(client: Client) -> list[str]:
    """Makes orders searchable; returns the names of those attributes that were new.

    Raises Unavailable where the cluster does not let us, as Temporal Cloud does not: there they
    are made by its own console or command.
    """
    missing = await missing_search_attributes(client)
    if not missing:
        return []
    request = new_search_attributes(client.namespace, missing)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise Unavailable("Temporal", detail=error.status.name) from error
    return [key.name for key in missing]


def new_search_attributes(
    namespace: str, keys: Iterable[SearchAttributeKey[Any]]
) -> AddSearchAttributesRequest:
    types = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in keys}
    return AddSearchAttributesRequest(namespace=namespace, search_attributes=types)


async def schedule_reconciliation(
    client: Client, task_queue: str, every: timedelta, hours: int
) -> bool:
    """Has the sweep run `every` so often; False if it did so already.

    Each looks back to where the last one began that came to its end, and `hours` at the most.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            ReconciliationWorkflow.run,
            Reconciliation(hours, since_last=True),
            id="reconciliation",
            task_queue=task_queue,
            task_timeout=MISSED_AFTER,
            execution_timeout=LONGEST_SWEEP,
            static_summary="Stripe's word compared with our books",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    try:
        await client.create_schedule(SCHEDULE_ID, schedule)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(SCHEDULE_ID)
        await handle.update(lambda given: _replaced_by(schedule, given))
        return False
    return True


def _replaced_by(schedule: Schedule, given: ScheduleUpdateInput) -> ScheduleUpdate:
    """The new schedule, paused if the old one is: an operator's pause outlives a deployment."""
    schedule.state.paused = given.description.schedule.state.paused
    schedule.state.note = given.description.schedule.state.note
    return ScheduleUpdate(schedule)
