"""How long each order took from paid to COMPLETED, and how much of that was ours to answer for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from domain.webhook import PAYING
from tests.chaos.diary import Diary
from tests.chaos.evidence import Books, Ledger, temporal
from tests.chaos.hindrances import absences, losses, standstills, stops
from tests.chaos.world import World


@dataclass(frozen=True)
class Course:
    """One order's way from paid by card to COMPLETED; moments in seconds since the epoch.

    `heard` is when Stripe's word of the payment reached us, or else when the buyer's first look at
    the order did, which has Stripe asked about the order's own page; None if neither did before the
    end, and so nobody asked;
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
    stopped, stood = stops(world), list(standstills(outages))
    client = await temporal(world)
    for diary in diaries:
        order_id = orders.get(diary.session, "")
        if order_id not in done or diary.paid_at is None:
            continue
        end = done[order_id]
        looked_at = diary.looked_at if diary.has_paid_own_page else None
        words = (heard.get(order_id), looked_at)
        history = await client.get_workflow_handle(order_id).fetch_history()
        over = [
            *stopped[order_id],
            *stood,
            *absences(outages, told.get(order_id, end)),
            *losses(history.events, outages),
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
