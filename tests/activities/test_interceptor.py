"""What leaves an activity that failed: our own errors in full, of all others the kind alone."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.interceptor import ActivityInterceptor
from domain.errors import CheckoutRefused, Unavailable

Ending = Callable[[], Coroutine[Any, Any, object]]


class Activity(ActivityInboundInterceptor):
    """The activity itself: the last link of the chain."""

    def __init__(self, ending: Ending) -> None:
        self._ending = ending

    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002
        return await self._ending()


async def run(ending: Ending, missed_after: timedelta | None = None) -> tuple[object, int]:
    """What the activity returned, and how often it told that it lives."""
    pulse = timedelta(milliseconds=1)
    chain = ActivityInterceptor(pulse).intercept_activity(Activity(ending))
    called = ExecuteActivityInput(fn=ending, args=[], executor=None, headers={})
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=missed_after)
    pulses = list[object]()
    environment.on_heartbeat = lambda *_: pulses.append(None)
    return await environment.run(chain.execute_activity, called), len(pulses)


async def a_while() -> None:
    """Takes many pulses' time."""
    for _ in range(50):
        await asyncio.sleep(0.002)


async def failure(error: BaseException) -> ApplicationError:
    async def fail() -> None:
        raise error

    with pytest.raises(ApplicationError) as failed:
        await run(fail)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    return failed.value


async def test_a_result_passes_unchanged() -> None:
    async def seven() -> int:
        return 7

    assert await run(seven) == (7, 0)


async def test_an_attempt_tells_that_its_worker_lives() -> None:
    assert (await run(a_while, timedelta(seconds=5)))[1] > 0


@pytest.mark.parametrize("missed_after", [None, timedelta(minutes=1)])
async def test_an_attempt_that_is_not_missed_soon_is_left_to_itself(
    missed_after: timedelta | None,
) -> None:
    assert (await run(a_while, missed_after))[1] == 0


async def test_a_refusal_is_not_tried_again() -> None:
    told = await failure(CheckoutRefused("customer_email", "InvalidRequestError 400"))
    assert (told.type, told.non_retryable) == ("CheckoutRefused", True)
    assert list(told.details) == [
        {"parameter": "customer_email", "detail": "InvalidRequestError 400"}
    ]


async def test_an_absence_is_tried_again_when_it_asks_for_it() -> None:
    told = await failure(Unavailable("Stripe", timedelta(seconds=7)))
    assert (told.type, told.non_retryable) == ("Unavailable", False)
    assert told.next_retry_delay == timedelta(seconds=7)


async def test_another_error_is_tried_again_and_tells_nothing_of_a_buyer() -> None:
    told = await failure(KeyError("payer@example.com"))
    assert (told.type, told.non_retryable) == ("KeyError", False)
    assert "payer" not in str(told)
    assert list(told.details) == []


async def test_a_cancellation_stays_one() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await run(cancelled)
