"""What counts as an order's recovery."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import Failure, TimeoutFailureInfo
from temporalio.api.history.v1 import (
    ActivityTaskScheduledEventAttributes,
    ActivityTaskStartedEventAttributes,
    HistoryEvent,
    WorkflowTaskScheduledEventAttributes,
    WorkflowTaskStartedEventAttributes,
    WorkflowTaskTimedOutEventAttributes,
)

from tests.chaos.fleet import Outage
from tests.chaos.hindrances import losses
from tests.chaos.plan import plan
from tests.chaos.recovery import Course
from tests.chaos.result import Result
from tests.chaos.vocabulary import Scenario

SMOOTH = Course(order_id="ord_1", paid=100.0, heard=100.0, cleared=None, done=107.0)


def result(*courses: Course, swept_at: float) -> Result:
    return Result(
        plan=plan(Scenario.CLEAN, 0, 1),
        placed=0,
        faults=0,
        paid=0,
        persisted=0,
        findings=[],
        courses=list(courses),
        swept_at=swept_at,
    )


@pytest.mark.parametrize(
    ("heard", "cleared", "seconds"),
    [(100.5, None, 6.5), (102.0, None, 5.0), (102.0, 106.0, 1.0), (105.0, 103.0, 2.0)],
)
def test_it_counts_from_what_last_stood_in_the_way(
    heard: float, cleared: float | None, seconds: float
) -> None:
    assert replace(SMOOTH, heard=heard, cleared=cleared).recovery == seconds


def test_it_never_counts_from_before_the_payment() -> None:
    assert replace(SMOOTH, heard=99.0, cleared=98.0).recovery == 7.0


def test_an_order_that_nobody_asked_for_counts_from_the_sweep_or_not_at_all() -> None:
    silent = replace(SMOOTH, heard=None)
    assert result(silent, swept_at=105.0).recoveries == [2.0]
    assert result(silent, swept_at=200.0).recoveries == []


def history(*events: tuple[int, dict[str, Any]]) -> list[HistoryEvent]:
    """Events with the seconds at which they came, numbered from 1."""
    return [
        HistoryEvent(event_id=number, event_time=Timestamp(seconds=at), **what)
        for number, (at, what) in enumerate(events, start=1)
    ]


def missed_task(since: int, kind: "TimeoutType.ValueType") -> dict[str, Any]:
    lost = WorkflowTaskTimedOutEventAttributes(started_event_id=since, timeout_type=kind)
    return {"workflow_task_timed_out_event_attributes": lost}


TASK_TAKEN: dict[str, Any] = {
    "workflow_task_started_event_attributes": WorkflowTaskStartedEventAttributes()
}
LATE = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
UNTAKEN = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
STRUCK = [Outage("worker-1", 3, 9), Outage("worker-2", 12, 20), Outage("api", 1, 30)]


@pytest.mark.parametrize(
    ("taken", "missed", "kind", "moments"),
    [
        (2, 7, LATE, [3]),  # this worker died at it
        (11, 16, LATE, [12]),
        (2, 14, LATE, [3]),  # which of the two had it, nobody knows
        (4, 9, LATE, []),  # nobody was struck: it was slow
        (2, 7, UNTAKEN, []),  # it had been taken by nobody
    ],
)
def test_an_order_whose_worker_died_at_its_task_counts_from_that_death(
    taken: int, missed: int, kind: "TimeoutType.ValueType", moments: list[float]
) -> None:
    events = history((taken, TASK_TAKEN), (missed, missed_task(1, kind)))
    assert list(losses(events, STRUCK)) == moments


def test_a_task_that_was_missed_again_and_again_counts_from_a_later_death() -> None:
    again = WorkflowTaskScheduledEventAttributes(attempt=3)
    events = history(
        (2, TASK_TAKEN),
        (7, missed_task(1, LATE)),
        (16, {"workflow_task_scheduled_event_attributes": again}),
    )
    assert list(losses(events, STRUCK)) == [3, 12]


def test_an_order_whose_worker_died_at_a_step_counts_from_that_death() -> None:
    asked = {"activity_task_scheduled_event_attributes": ActivityTaskScheduledEventAttributes()}
    timed_out = Failure(timeout_failure_info=TimeoutFailureInfo())
    for failure, moments in ((timed_out, [3]), (Failure(message="declined"), [])):
        begun = ActivityTaskStartedEventAttributes(scheduled_event_id=1, last_failure=failure)
        events = history((2, asked), (8, {"activity_task_started_event_attributes": begun}))
        assert list(losses(events, STRUCK)) == moments
