"""Calls to Stripe keep below its limits: so many a second to each endpoint, and no long queue."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from domain.errors import Unavailable
from gateways.stripe_client import stripe_client
from gateways.stripe_pace import Pace, endpoint
from gateways.stripe_payments import StripePayments
from tests.sandbox.stripe.inspection import Inspector
from tests.sandbox.stripe.shop import KEY, Shop

Answer = TypeVar("Answer")
API = "https://api.stripe.com"


class _Leaps(selectors.DefaultSelector):
    """Leaps over the time that a loop would wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += (timeout or 0.0) + 1e-6  # a clock that stands still would leave no way out
        return super().select(0)


class _LeapingLoop(asyncio.SelectorEventLoop):
    """A loop in whose time nothing takes any, but waiting."""

    def __init__(self) -> None:
        self._leaps = _Leaps()
        super().__init__(self._leaps)

    def time(self) -> float:
        return self._leaps.now


def in_no_time(story: Coroutine[Any, Any, Answer]) -> Answer:
    with asyncio.Runner(loop_factory=_LeapingLoop) as runner:
        return runner.run(story)


async def turns(pace: Pace, count: int) -> tuple[list[float], list[Unavailable]]:
    """When each of so many calls at once had its turn, and the refusals of the others."""
    loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()

    async def turn() -> float:
        await pace.turn()
        return loop.time() - begun

    results = await asyncio.gather(*(turn() for _ in range(count)), return_exceptions=True)
    times = [each for each in results if isinstance(each, float)]
    return times, [each for each in results if isinstance(each, Unavailable)]


@pytest.mark.parametrize(("rate", "most"), [(1, 2), (5, 6), (20, 22), (1000, 1100)])
def test_no_second_sees_more_than_the_rate_and_a_tenth(rate: int, most: int) -> None:
    async def busy() -> list[float]:
        pace, loop, times = Pace(rate), asyncio.get_running_loop(), list[float]()

        async def caller() -> None:
            while loop.time() < 5:
                await pace.turn()
                times.append(loop.time())

        await asyncio.gather(*(caller() for _ in range(min(rate, 50))))
        return times

    times = in_no_time(busy())
    assert 5 * rate <= len(times) <= 6 * rate + 2
    for start in times:
        assert sum(start <= time < start + 0.999 for time in times) <= most


def test_calls_go_out_evenly_and_in_turn() -> None:
    times, refused = in_no_time(turns(Pace(20), 10))
    assert refused == []
    assert times == sorted(times)
    assert times == pytest.approx([0, 0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4], abs=0.001)


def test_what_would_wait_longer_than_a_second_is_refused_at_once() -> None:
    times, refused = in_no_time(turns(Pace(20), 100))
    assert len(times) == 22
    assert max(times) <= 1.001
    assert len(refused) == 78
    assert {(each.service, each.retry_after) for each in refused} == {
        ("Stripe", timedelta(seconds=1))
    }


def test_whoever_gives_up_leaves_its_place_to_others() -> None:
    async def story() -> int:
        pace = Pace(20)
        crowd = [asyncio.create_task(pace.turn()) for _ in range(22)]
        await asyncio.sleep(0)
        for each in crowd[2:]:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        times, _ = await turns(pace, 20)
        return len(times)

    assert in_no_time(story()) == 20


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("post", "/v1/checkout/sessions", "POST /v1/checkout/sessions"),
        ("get", "/v1/checkout/sessions?limit=1", "GET /v1/checkout/sessions"),
        ("get", "/v1/checkout/sessions/cs_test_1", "GET /v1/checkout/sessions/*"),
        ("post", "/v1/checkout/sessions/cs_1/expire", "POST /v1/checkout/sessions/*/expire"),
        ("get", "/v1/products/beat_dusk", "GET /v1/products/*"),
        ("get", "/v1/payment_intents/pi_1", "GET /v1/payment_intents/*"),
        ("get", "/v1/not_thought_of/x_1", "GET /v1/*/*"),
    ],
)
def test_calls_count_by_what_they_do_and_not_to_whom(method: str, path: str, counted: str) -> None:
    assert " ".join(endpoint(method, API + path)) == counted


async def test_a_rush_on_one_endpoint_is_refused_and_the_others_are_free(
    shop: Shop, stripe_inspector: Inspector
) -> None:
    session = await shop.session()
    stripe_inspector.clear()
    async with stripe_client(KEY, shop.url, calls_per_second=2) as client:
        payments = StripePayments(client, "development")
        rush = [payments.find(session.id) for _ in range(20)]
        results = await asyncio.gather(*rush, return_exceptions=True)
        refused = [each for each in results if isinstance(each, Unavailable)]
        assert {(each.service, each.retry_after) for each in refused} == {
            ("Stripe", timedelta(seconds=1))
        }
        assert len(refused) == 17  # one went out at once, two waited their second
        seen = [call for call in stripe_inspector.calls if call.path.endswith(session.id)]
        assert len(seen) == 3
        await payments.expire(session.id)
        assert (await client.v1.checkout.sessions.list_async()).data[0].status == "expired"
