"""Stripe's client, and the one table from its exceptions to ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import stripe

from domain.errors import CheckoutRefused, Unavailable

TIMEOUT_SECONDS = 10
SERVICE = "Stripe"

LONGEST_WAIT = timedelta(hours=1)

# The answer is no, and will be: our request, not Stripe's day, is at fault.
_REFUSALS = (stripe.InvalidRequestError, stripe.CardError)


@asynccontextmanager
async def stripe_client(
    secret_key: str, api_base: str | None = None
) -> AsyncIterator[stripe.StripeClient]:
    """A client on one connection pool; it never retries, since Temporal does.

    `api_base` is an address that speaks Stripe's HTTP in Stripe's place, such as the sandbox's.
    """
    stripe.enable_telemetry = False
    # aiohttp takes a fifth of the processor time that the library's default client does.
    http_client = stripe.AIOHTTPClient(timeout=TIMEOUT_SECONDS)
    try:
        yield stripe.StripeClient(
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
        raise CheckoutRefused(getattr(error, "param", None), _fault(error)) from error
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


def unavailable(error: stripe.StripeError) -> Unavailable:
    return Unavailable(SERVICE, _retry_after(error), _fault(error))


def _fault(error: stripe.StripeError) -> str:
    """Stripe's fault in words without its message, which may quote a buyer's address."""
    words = [
        type(error).__name__,
        str(error.http_status or ""),
        error.code,
        getattr(error, "param", None),
        error.request_id,
    ]
    return " ".join(word for word in words if word)


def _retry_after(error: stripe.StripeError) -> timedelta | None:
    """How long Stripe asks us to wait, where it says so in whole seconds."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    seconds = headers.get("retry-after", "")
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > 9:
        return None
    return min(timedelta(seconds=int(seconds)), LONGEST_WAIT)
