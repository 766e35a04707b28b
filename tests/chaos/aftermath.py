"""What comes once the faults are over: buyers who wait, money sent back, pages that expire."""

import asyncio
import time

from tests.chaos.bank import refund
from tests.chaos.buyers import Visit
from tests.chaos.evidence import deliveries
from tests.chaos.invariants import Finding, Kind
from tests.chaos.world import World

# Seconds in which an order is there whose buyer waits: asked for by the visit, if by nothing else.
SERVED_WITHIN = 20.0
LINKS_IN_HAND = 3  # buyers whose money goes back while they hold the links to their files
EXPIRING = 3  # pages a second
EVERY_PAGE_IS_OVER = 24 * 3600.0  # seconds from now, by Stripe's clock


async def waited_in_vain(visits: list[Visit]) -> list[Finding]:
    """Has the buyers who still wait look on: no sweep is needed for what somebody looks at."""
    served = await asyncio.gather(*(visit.is_served(SERVED_WITHIN) for visit in visits))
    return [
        Finding(Kind.LOST, f"buyer {visit.diary.buyer.number} has paid, and waits in vain")
        for visit, is_served in zip(visits, served, strict=True)
        if not is_served
    ]


async def refund_with_links_in_hand(world: World, visits: list[Visit]) -> None:
    """Has the money of some go back whose order is done; `doors.py` tries their links later."""
    refunded = 0
    for visit in visits:
        if refunded == LINKS_IN_HAND:
            return
        if visit.diary.session is not None and await visit.fetches_links():
            await refund(world, visit.diary.session)
            refunded += 1


async def late_events(world: World) -> list[str]:
    """The events that have not come in yet, though nothing is in their way any more."""
    owed = [each["event"] for each in await deliveries(world, state="pending")]
    return list(dict.fromkeys(owed))


async def expire_all_pages(world: World) -> None:
    """Moves Stripe's clock past the end of every page, some pages at a time.

    In life they end as they were opened, over a day: a shop that is sized for its buyers need not
    take the end of all of them at once.
    """
    sessions = world.stripe.v1.checkout.sessions
    listed = await sessions.list_async({"status": "open", "limit": 100})
    ends = sorted([page.expires_at async for page in listed.auto_paging_iter()])
    for last in ends[EXPIRING - 1 :: EXPIRING]:
        await world.switch("stripe", "/clock", offset=last - time.time())
        await asyncio.sleep(1)
    await world.switch("stripe", "/clock", offset=EVERY_PAGE_IS_OVER)
    deadline = time.monotonic() + SERVED_WITHIN
    while (await sessions.list_async({"status": "open", "limit": 1})).data:
        assert time.monotonic() < deadline, "pages do not expire"
        await asyncio.sleep(0.1)


async def resend(world: World, events: list[str]) -> None:
    for event in events:
        await world.switch("stripe", f"/events/{event}/resend")
