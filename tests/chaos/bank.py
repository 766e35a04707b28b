"""What others than Beatline do at Stripe: the shop's owner, the buyer's bank, another tool."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import stripe

from tests.chaos.vocabulary import Aftermath, Buyer
from tests.chaos.world import World

ASKS_AGAIN = 0.4  # seconds between two tries
PART = 100  # minor units of a refund in part

Answer = TypeVar("Answer")


async def insisted(call: Callable[[], Awaitable[Answer]], within: float = 240.0) -> Answer:
    """A call to Stripe, made until no fault strikes it; each of those may take ten seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            return await call()
        except (stripe.InvalidRequestError, stripe.CardError):
            raise
        except stripe.StripeError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(ASKS_AGAIN)


async def session_of(world: World, session_id: str) -> stripe.checkout.Session:
    sessions = world.stripe.v1.checkout.sessions
    return await insisted(lambda: sessions.retrieve_async(session_id))


async def open_second_page(world: World, session_id: str, wanted: list[tuple[str, int]]) -> str:
    """A page of another session for the same order and cart; returns its address."""
    order = str((await session_of(world, session_id)).client_reference_id)
    metadata = {"order_id": order, "environment": "development", "second": "yes"}
    lines: list[Any] = [{"price": price, "quantity": quantity} for price, quantity in wanted]
    sessions = world.stripe.v1.checkout.sessions
    second = await insisted(
        lambda: sessions.create_async(
            {
                "mode": "payment",
                "line_items": lines,
                "success_url": "https://shop.example/ok",
                "client_reference_id": order,
                "metadata": metadata,
                "payment_intent_data": {"metadata": metadata},
            }
        )
    )
    return str(second.url)


async def refund(world: World, session_id: str) -> None:
    """Sends all back that was paid on a page."""
    payment = (await session_of(world, session_id)).payment_intent
    await _refund(world, str(payment), Aftermath.REFUNDED)


async def take_back(world: World, session_id: str, buyer: Buyer) -> None:
    """Refunds or disputes what was paid on a page, as the plan has it for this buyer."""
    if buyer.aftermath is Aftermath.KEPT:
        return
    await asyncio.sleep(buyer.aftermath_after)
    payment = (await session_of(world, session_id)).payment_intent
    if payment is None:  # it was the second page that was paid
        return
    if buyer.aftermath in (Aftermath.REFUNDED, Aftermath.REFUNDED_IN_PART):
        await _refund(world, str(payment), buyer.aftermath)
    else:
        await _dispute(world, str(payment), buyer)


async def _refund(world: World, payment: str, aftermath: Aftermath) -> None:
    """Without a key: what was executed unseen may be done again, or be refused."""
    wish: stripe.params.RefundCreateParams = {"payment_intent": payment}
    if aftermath is Aftermath.REFUNDED_IN_PART:
        wish["amount"] = PART
    with suppress(stripe.InvalidRequestError):
        await insisted(lambda: world.stripe.v1.refunds.create_async(wish))


async def _dispute(world: World, payment: str, buyer: Buyer) -> None:
    answer = await world.switch("stripe", "/disputes", payment_intent=payment)
    if answer.status_code != 200 or buyer.aftermath is Aftermath.DISPUTED:
        return
    await asyncio.sleep(buyer.aftermath_after / 2)
    outcome = "won" if buyer.aftermath is Aftermath.DISPUTE_WON else "lost"
    await world.switch("stripe", f"/disputes/{answer.json()['id']}/close", outcome=outcome)
