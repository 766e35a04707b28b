"""Who gets in when all is quiet: files for orders in good standing, and for nobody else."""

from collections.abc import Iterator
from typing import Any

from tests.chaos.diary import Diary
from tests.chaos.evidence import Books
from tests.chaos.invariants import Finding, Kind
from tests.chaos.world import World

OPEN = "COMPLETED"


async def unlocked(world: World, books: Books, diaries: list[Diary]) -> list[Finding]:
    """Asks for every order's files as its buyer would."""
    found: list[Finding] = []
    orders = {order["id"]: order for order in books.orders}
    by_session = {order["session_id"]: order for order in books.orders}
    for former in books.former_sessions:
        by_session[former["session_id"]] = orders[former["order_id"]]
    beats = {item["order_id"]: item["beat_id"] for item in books.items}
    for diary in diaries:
        order = by_session.get(diary.session)
        if order is not None:
            email = order["customer_email"] or diary.email
            found += await _knock(world, order, email)
            found += await _fetch(world, order, email, beats[order["id"]])
            found += await _use(world, order["status"], diary)
    return found


async def _knock(world: World, order: dict[str, Any], email: str) -> list[Finding]:
    answer = await world.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": email}
    )
    expected = (200,) if order["status"] == OPEN else (403, 409)
    if answer.status_code in expected:
        return []
    words = f"{order['id']} is {order['status']}, its downloads: {answer.status_code}"
    return [Finding(Kind.WRONG, words)]


async def _fetch(world: World, order: dict[str, Any], email: str, beat_id: str) -> list[Finding]:
    query = {"orderId": order["id"], "customerEmail": email, "type": "master"}
    answer = await world.http.get(f"/api/download/beat/{beat_id}", params=query)
    expected = (307,) if order["status"] == OPEN else (403,)
    if answer.status_code in expected:
        return []
    words = f"{order['id']} is {order['status']}, a file of it: {answer.status_code}"
    return [Finding(Kind.WRONG, words)]


async def _use(world: World, status: str, diary: Diary) -> list[Finding]:
    """Follows the addresses that the buyer was given while the order may have stood otherwise."""
    statuses = [(await world.http.get(address)).status_code for address in diary.addresses]
    return list(_unfit(statuses, status, diary))


def _unfit(statuses: list[int], status: str, diary: Diary) -> Iterator[Finding]:
    expected = 307 if status == OPEN else 403
    for each in statuses:
        if each != expected:
            words = f"buyer {diary.buyer.number}'s link gives {each}, the order is {status}"
            yield Finding(Kind.WRONG, words)
