"""How long each order took from paid to COMPLETED, and how much of that was ours to answer for."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from domain.webhook import PAYING
from tests.chaos.diary import Diary
from tests.chaos.evidence import Books, Ledger
from tests.chaos.fleet import Outage
from tests.chaos.vocabulary import WORKERS
from tests.chaos.world import World


@dataclass(frozen=True)
class Course:
    """One order's way from paid by card to COMPLETED; moments in seconds since the epoch.

    `heard` is when Stripe's word of the payment reached us, or else when the buyer's first look at
    the order did, which has Stripe asked; None if neither did before the end, and so nobody asked;
    `cleared` when the last fault was over that made a step of it fail, or kept all from going on:
    no Temporal, no worker, or no API while nobody had told the order's workflow yet.
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


def courses(world: World, diaries: list[Diary], books: Books, ledger: Ledger) -> Iterator[Course]:
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
    for diary in diaries:
        order_id = orders.get(diary.session, "")
        if order_id not in done or diary.paid_at is None:
            continue
        end = done[order_id]
        words = (heard.get(order_id), diary.looked_at)
        over = [*stops[order_id], *standstills, *_unheard(outages, told.get(order_id, end))]
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

    A step that was under way in a worker that was killed tells nothing: its loss is ours.
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
