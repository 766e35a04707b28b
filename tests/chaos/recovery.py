"""How long each order took from paid to COMPLETED, and how much of that was ours to answer for."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.history.v1 import HistoryEvent

from domain.webhook import PAYING
from tests.chaos.diary import Diary
from tests.chaos.evidence import Books, Ledger, temporal
from tests.chaos.fleet import Outage
from tests.chaos.vocabulary import WORKERS
from tests.chaos.world import World


Span = tuple[float, float]


@dataclass(frozen=True)
class Course:
    """One order's way from paid by card to COMPLETED; moments in seconds since the epoch.

    `heard` is when Stripe's word of the payment reached us, or else when the buyer's first look at
    the order did, which has Stripe asked; None if neither did before the end, and so nobody asked;
    `cleared` when the last fault was over that made a step of it fail, or took the worker that was
    at it, or kept all from going on: no Temporal, no worker, or no API while nobody had told the
    order's workflow yet.
    """

    order_id: str
    paid: float
    heard: float | None
    cleared: float | None
    done: float

    @property
    def is_silent(self) -> bool:
        """Whether only the next of our own looks, or a sweep, could find the payment."""
        return self.heard is None

    @property
    def recovery(self) -> float:
        """Seconds to COMPLETED since nothing stood in its way any more."""
        return self.done - max(self.paid, self.heard or 0.0, self.cleared or 0.0)


async def courses(
    world: World, diaries: list[Diary], books: Books, ledger: Ledger
) -> AsyncIterator[Course]:
    """The course of every order that was paid by card and completed."""
    done = {
        line["order_id"]: line["occurred_at"].timestamp()
        for line in books.history
        if line["type"] == "completed"
    }
    outages = world.fleet.outages
    orders = {each["id"]: each["client_reference_id"] for each in ledger.sessions}
    heard, told = _heard(books, ledger, "received_at"), _heard(books, ledger, "delivered_at")
    stops, standstills = _stops(world, outages), list(_standstills(outages))
    client = await temporal(world)
    for diary in diaries:
        order_id = orders.get(diary.session, "")
        if order_id not in done or diary.paid_at is None:
            continue
        end = done[order_id]
        words = (heard.get(order_id), diary.looked_at)
        history = await client.get_workflow_handle(order_id).fetch_history()
        over = [
            *stops[order_id],
            *standstills,
            *_unheard(outages, told.get(order_id, end)),
            *strikes(_missed(history.events), outages),
        ]
        yield Course(
            order_id=order_id,
            paid=diary.paid_at,
            heard=next((each for each in words if each is not None and each <= end), None),
            cleared=max((each for each in over if diary.paid_at < each <= end), default=None),
            done=end,
        )


def _heard(books: Books, ledger: Ledger, by: str) -> dict[str, float]:
    """When Stripe's own call first told us that an order was paid; a sweep's finding is none."""
    found = dict[str, float]()
    for event in books.inbox:
        is_told = event["id"] in ledger.acknowledged and event[by] is not None
        if event["type"] in PAYING and is_told and event["order_id"]:
            moment = event[by].timestamp()
            found[event["order_id"]] = min(moment, found.get(event["order_id"], moment))
    return found


def _stops(world: World, outages: list[Outage]) -> defaultdict[str, list[float]]:
    """When what made a step of an order fail was over, by the workers' own account.

    A step that was under way in a worker that was killed tells nothing: see `strikes`.
    """
    found = defaultdict[str, list[float]](list)
    for name in WORKERS:
        with world.fleet.log(name).open(errors="replace") as log:
            for line in log:
                if "activity_declined" not in line:
                    continue
                told = json.loads(line)
                moment = datetime.fromisoformat(told["timestamp"]).timestamp()
                found[told["workflow_id"]].append(_over(moment, outages))
    return found


def _over(moment: float, outages: list[Outage]) -> float:
    """The end of what was away at that moment; the moment itself if a single call failed."""
    return max([moment, *(each.ended for each in outages if each.began <= moment <= each.ended)])


def _unheard(outages: list[Outage], told: float) -> Iterator[float]:
    """When the API was back, which takes the events in and passes them on."""
    yield from (each.ended for each in outages if each.part == "api" and each.began < told)


def _standstills(outages: list[Outage]) -> Iterator[float]:
    """When Temporal was back, and when a worker was after there was none."""
    yield from (each.ended for each in outages if each.part == "temporal")
    without = sorted(
        (each for each in outages if each.part in WORKERS), key=lambda each: each.began
    )
    for one, other in pairwise(without):
        if one.part != other.part and other.began < one.ended:
            yield min(one.ended, other.ended)


def strikes(spans: Iterable[Span], outages: list[Outage]) -> Iterator[float]:
    """When the workers were struck that were at the order between these moments, and were missed.

    The time until they were missed is ours. Where several were struck, the first one counts.
    """
    struck = sorted(each.began for each in outages if each.part in WORKERS)
    for taken, missed in spans:
        yield from [moment for moment in struck if taken <= moment <= missed][:1]


def _missed(events: Iterable[HistoryEvent]) -> Iterator[Span]:
    """From when a worker may have taken a task, or a step, to when it was known to be gone."""
    taken = missed = 0.0
    steps = dict[int, float]()
    for event in events:
        moment = event.event_time.ToNanoseconds() / 1e9
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                taken = moment
            case EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                task = event.workflow_task_timed_out_event_attributes
                if task.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
                    yield taken, moment
                    missed = moment
            case EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
                # Of a task that timed out again and again, the history bears the first and the last
                if event.workflow_task_scheduled_event_attributes.attempt > 2:
                    yield missed, moment
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                steps[event.event_id] = moment
            case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                step = event.activity_task_started_event_attributes
                if step.last_failure.HasField("timeout_failure_info"):
                    yield steps[step.scheduled_event_id], moment
