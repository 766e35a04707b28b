"""What is timed of one purchase, and buyers who make one after another."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Purchase:
    """One order from the cart to its files; durations in seconds.

    `fulfillment` begins when Stripe's event leaves Stripe, and ends when COMPLETED is committed.
    """

    order: str  # what its system knows it by
    checkout: float
    acknowledgement: float
    fulfillment: float


Buy = Callable[[], Awaitable[Purchase]]


async def made_by(buyers: int, orders: int, buy: Buy) -> list[Purchase]:
    """So many purchases by so many buyers at once, each of whom begins anew when it is done."""
    numbers, made = iter(range(orders)), list[Purchase]()

    async def shop() -> None:
        for _ in numbers:
            made.append(await buy())

    await asyncio.gather(*(shop() for _ in range(buyers)))
    return made
