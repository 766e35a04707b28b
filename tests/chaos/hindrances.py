"""What stood in the orders' way, and when it was over; moments in seconds since the epoch."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.history.v1 import HistoryEvent

from tests.chaos.fleet import Outage
from tests.chaos.vocabulary import PROGRAMS, WORKERS
from tests.chaos.world import World

Span = tuple[float, float]


def stops(world: World) -> defaultdict[str, list[float]]:
    """When what made a step of an order fail was over, by the workers' own account.

    A step that was under way in a worker that was killed tells nothing: see `losses`.
    """
    found = defaultdict[str, list[float]](list)
    for name in WORKERS:
        with world.fleet.log(name).open(errors="replace") as log:
            for line in log:
                if "activity_declined" not in line:
                    continue
                told = json.loads(line)
                moment = datetime.fromisoformat(told["timestamp"]).timestamp()
                found[told["workflow_id"]] += [moment, *_returns(moment, world.fleet.outages)]
    return found


def _returns(moment: float, outages: list[Outage]) -> Iterator[float]:
    """When the servers were back that were away at that moment, if any were."""
    away = [each for each in outages if each.began <= moment <= each.ended]
    yield from (each.ended for each in away if each.part not in PROGRAMS)


def absences(outages: list[Outage], told: float) -> Iterator[float]:
    """When the API was back, which takes the events in and passes them on."""
    yield from (each.ended for each in outages if each.part == "api" and each.began < told)


def standstills(outages: list[Outage]) -> Iterator[float]:
    """When Temporal was back, and when a worker was after there was none."""
    yield from (each.ended for each in outages if each.part == "temporal")
    without = sorted(
        (each for each in outages if each.part in WORKERS), key=lambda each: each.began
    )
    for one, other in pairwise(without):
        if one.part != other.part and other.began < one.ended:
            yield min(one.ended, other.ended)


def losses(events: Sequence[HistoryEvent], outages: list[Outage]) -> Iterator[float]:
    """When the workers were struck that were at the order, and were missed later.

    The time until they were missed is ours. The history tells between which moments one was struck:
    where several were, the first one counts, and so the longer recovery.
    """
    struck = sorted(each.began for each in outages if each.part in WORKERS)
    for taken, missed in _missed(events):
        yield from [moment for moment in struck if taken <= moment <= missed][:1]


def _missed(events: Sequence[HistoryEvent]) -> Iterator[Span]:
    """From when a worker may have taken a task, or a step, to when it was known to be gone."""
    moments = {event.event_id: event.event_time.ToNanoseconds() / 1e9 for event in events}
    missed = 0.0
    for event in events:
        moment = moments[event.event_id]
        if event.HasField("workflow_task_timed_out_event_attributes"):
            lost = event.workflow_task_timed_out_event_attributes
            if lost.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
                missed = moment
                yield moments[lost.started_event_id], moment
        elif event.HasField("activity_task_started_event_attributes"):
            step = event.activity_task_started_event_attributes
            if step.last_failure.HasField("timeout_failure_info"):
                yield moments[step.scheduled_event_id], moment
        # Of a task that was missed again and again, only the first loss is in the history.
        elif event.workflow_task_scheduled_event_attributes.attempt > 2:
            yield missed, moment
