"""The orders that took longest, moment by moment: where their time went."""

import re
from collections.abc import Iterator

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tests.chaos.evidence import Books
from tests.chaos.fleet import Outage
from tests.chaos.recovery import Course

HOW_MANY = 8

Moment = tuple[float, str]


async def told(client: Client, courses: list[Course], books: Books, outages: list[Outage]) -> str:
    """Each of the slowest, in seconds from its payment."""
    asked_for = [course for course in courses if not course.is_silent]
    ranked = sorted(asked_for, key=lambda course: course.recovery, reverse=True)[:HOW_MANY]
    return "\n\n".join([await _told(client, course, books, outages) for course in ranked])


async def _told(client: Client, course: Course, books: Books, outages: list[Outage]) -> str:
    moments = [
        *_of_books(course.order_id, books),
        *_of_outages(course, outages),
        *[each async for each in _of_history(client, course.order_id)],
    ]
    head = f"{course.order_id}: {course.recovery:.1f} s of {course.done - course.paid:.1f} s"
    heard = f"{course.heard - course.paid:.1f}" if course.heard else "never"
    cleared = f"{course.cleared - course.paid:.1f}" if course.cleared else "never"
    lines = [f"  {at - course.paid:7.1f}  {what}" for at, what in sorted(moments)]
    return "\n".join([f"{head}, heard {heard}, cleared {cleared}", *lines])


def _of_books(order_id: str, books: Books) -> Iterator[Moment]:
    for line in books.history:
        if line["order_id"] == order_id:
            yield line["occurred_at"].timestamp(), f"order: {line['type']}"
    for event in books.inbox:
        if event["order_id"] == order_id:
            yield event["received_at"].timestamp(), f"inbox: {event['type']} received"
            if event["delivered_at"]:
                yield event["delivered_at"].timestamp(), f"inbox: {event['type']} delivered"


def _of_outages(course: Course, outages: list[Outage]) -> Iterator[Moment]:
    for each in outages:
        if each.ended > course.paid - 1 and each.began < course.done:
            yield each.began, f"      {each.part} down"
            yield each.ended, f"      {each.part} back"


async def _of_history(client: Client, order_id: str):  # type: ignore[no-untyped-def]
    async for event in client.get_workflow_handle(order_id).fetch_history_events():
        kind = re.sub("^EVENT_TYPE_", "", EventType.Name(event.event_type))
        more = ""
        if event.HasField("activity_task_scheduled_event_attributes"):
            more = event.activity_task_scheduled_event_attributes.activity_type.name
        if event.HasField("activity_task_started_event_attributes"):
            started = event.activity_task_started_event_attributes
            more = f"attempt {started.attempt} {started.last_failure.message}"
        if event.HasField("workflow_task_timed_out_event_attributes"):
            more = str(event.workflow_task_timed_out_event_attributes.timeout_type)
        yield event.event_time.ToNanoseconds() / 1e9, f"  {kind} {more}"
