"""What a workflow leaves in Temporal: events, bytes, and the actions that Temporal Cloud bills.

What counts as an action: https://docs.temporal.io/cloud/actions
"""

from collections import Counter
from collections.abc import Iterable
from statistics import mean
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

# One event of these is one action. An activity's start beyond its first attempt is another one,
# which a run without faults has none of.
_BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "start",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "update",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activities",
    EventType.EVENT_TYPE_TIMER_STARTED: "timers",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "search attributes",
}


def actions_in(events: Iterable[Any]) -> Counter[str]:
    """A history's billable actions by kind.

    All local activities of one workflow task are one action together.
    """
    actions, tasks_with_markers = Counter[str](), set[int]()
    for event in events:
        if event.event_type in _BILLED:
            actions[_BILLED[event.event_type]] += 1
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            marked = event.marker_recorded_event_attributes
            tasks_with_markers.add(marked.workflow_task_completed_event_id)
    if tasks_with_markers:
        actions["local activities"] = len(tasks_with_markers)
    return actions


async def left_by(client: Client, workflow_ids: Iterable[str]) -> dict[str, float]:
    """Events, bytes and actions, an average of these workflows'."""
    lengths, sizes, actions = list[int](), list[int](), list[Counter[str]]()
    for workflow_id in workflow_ids:
        handle = client.get_workflow_handle(workflow_id)
        history = await handle.fetch_history()
        described = (await handle.describe()).raw_description.workflow_execution_info
        lengths.append(len(history.events))
        sizes.append(described.history_size_bytes)
        actions.append(actions_in(history.events))
    kinds = sorted(set().union(*actions))
    return {
        "events": mean(lengths),
        "bytes": mean(sizes),
        "actions": mean(each.total() for each in actions),
        **{f"actions: {kind}": mean(each[kind] for each in actions) for kind in kinds},
    }
