"""Stripe's client, and the one table from its exceptions to ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import stripe
from stripe import StripeClient as StripeClient

from domain.errors import CheckoutRefused, Unavailable
from gateways.retry_after import retry_after

SERVICE = "Stripe"
TIMEOUT_SECONDS = 10
# What several calls may take that one activity makes, one after the other: as long as one may.
CALLS_WITHIN = timedelta(seconds=TIMEOUT_SECONDS)
PAGE = 100  # objects to a page of a list, Stripe's most
# Stripe takes 25 a second of a kind: https://docs.stripe.com/rate-limits
CALLS_PER_SECOND = 20

Each = TypeVar("Each", bound=stripe.StripeObject)

# The answer is no, and will be: our request, not Stripe's day, is at fault.
_REFUSALS = (stripe.InvalidRequestError, stripe.CardError)


@asynccontextmanager
async def stripe_client(
    secret_key: str, api_base: str | None = None, calls_per_second: int = CALLS_PER_SECOND
) -> AsyncIterator[StripeClient]:
    """A client on one connection pool; it never retries, since Temporal does.

    `api_base` is an address that speaks Stripe's HTTP in Stripe's place, such as the sandbox's.
    No endpoint is called more than `calls_per_second`; what would wait long for that raises
    Unavailable.
    """
    # Late: the API, to which the workflows' steps bring this module, has no use for aiohttp.
    from gateways.stripe_pace import PacedHTTPClient

    stripe.enable_telemetry = False
    # aiohttp takes a fifth of the processor time that the library's default client does.
    http_client = PacedHTTPClient(calls_per_second, TIMEOUT_SECONDS)
    try:
        yield StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=0,
            http_client=http_client,
        )
    finally:
        await http_client.close_async()  # type: ignore[no-untyped-call]


@contextmanager
def translated() -> Iterator[None]:
    """Turns Stripe's exceptions into CheckoutRefused or Unavailable."""
    try:
        yield
    except _REFUSALS as error:
        raise CheckoutRefused(getattr(error, "param", None), fault_of(error)) from error
    except stripe.StripeError as error:
        raise unavailable(error) from error


@contextmanager
def asking() -> Iterator[None]:
    """For questions that must find their answer: whatever Stripe raises is Unavailable.

    A session that Stripe does not know is no refusal but a wrong key, which an operator mends.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise unavailable(error) from error


@asynccontextmanager
async def answered_within(time: timedelta) -> AsyncIterator[None]:
    """Raises Unavailable where several calls, one after the other, take longer than this."""
    try:
        async with asyncio.timeout(time.total_seconds()):
            yield
    except TimeoutError:
        raise Unavailable(SERVICE, detail="no answer in time") from None


async def pages(first: stripe.ListObject[Each]) -> AsyncIterator[list[Each]]:
    """A list page by page, each of which takes a call; one may be empty, and the next not."""
    page = first
    while True:
        yield list(page.data)
        if not page.has_more:
            return
        page = await page.next_page_async()


def unavailable(error: stripe.StripeError) -> Unavailable:
    return Unavailable(SERVICE, retry_after(error.headers or {}), fault_of(error))


def fault_of(error: stripe.StripeError) -> str:
    """Stripe's fault in words without its message, which may quote a buyer's address."""
    words = [
        type(error).__name__,
        str(error.http_status or ""),
        error.code,
        getattr(error, "param", None),
        error.request_id,
    ]
    return " ".join(word for word in words if word)


def is_final(fault: BaseException | None) -> bool:
    """Whether Stripe will answer a key like this until it forgets the key.

    It saved a fault of its own, or it has seen the key with other parameters: an order's differ
    when the environment's name or the session's lifetime was changed in between.
    """
    if isinstance(fault, stripe.IdempotencyError):
        return True
    headers = {
        name.lower(): value for name, value in (getattr(fault, "headers", None) or {}).items()
    }
    return headers.get("idempotent-replayed") == "true"


def instant(timestamp: int) -> datetime:
    """A moment by Stripe's clock, in whole seconds."""
    return datetime.fromtimestamp(timestamp, UTC)
