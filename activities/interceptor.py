"""What surrounds every activity: its log line, and the form in which its errors travel."""

import asyncio
import time
from asyncio import CancelledError
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.refusals import to_application_error
from domain.errors import Refusal, Unavailable

log = structlog.get_logger()

PULSE = timedelta(seconds=1)
# Attempts that are missed sooner than this tell by a pulse that their worker lives. Longer ones
# have heartbeats of their own, by which they tell that they get on.
LONGEST_SILENCE = timedelta(seconds=10)


class ActivityInterceptor(Interceptor):
    """Logs each attempt under its order's id, tells that it lives, carries domain errors out of it.

    Causes and messages of other exceptions stay in our log: in Temporal's histories they would
    be readable for all, and they may quote a buyer's name or address.
    """

    def __init__(self, pulse: timedelta = PULSE) -> None:
        self._pulse = pulse

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _LoggedActivity(next, self._pulse)


class _LoggedActivity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, pulse: timedelta) -> None:  # noqa: A002
        super().__init__(next)
        self._pulse = pulse

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            workflow_id=info.workflow_id,
            order_id=_order_of(input.args),
            activity=info.activity_type,
            attempt=info.attempt,
        )
        started = time.perf_counter()
        try:
            async with _alive(info.heartbeat_timeout, self._pulse):
                result = await super().execute_activity(input)
        except (Refusal, Unavailable) as error:
            log.warning("activity_declined", error=type(error).__name__, detail=str(error))
            raise to_application_error(error) from None
        except (ApplicationError, CancelledError):
            raise
        except Exception as error:
            log.exception("activity_broke")
            kind = type(error).__name__
            raise ApplicationError(f"{kind}: the worker's log has the rest", type=kind) from None
        log.info("activity_done", ms=round((time.perf_counter() - started) * 1000, 1))
        return result


@asynccontextmanager
async def _alive(missed_after: timedelta | None, pulse: timedelta) -> AsyncIterator[None]:
    """Tells Temporal, for as long as the block lasts, that the worker is there."""
    if not missed_after or missed_after > LONGEST_SILENCE:
        yield
        return

    async def beat() -> None:
        while True:
            await asyncio.sleep(pulse.total_seconds())
            activity.heartbeat()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


def _order_of(arguments: Sequence[Any]) -> str | None:
    """The order that a step is about, where it says so."""
    for argument in arguments:
        order_id = getattr(argument, "order_id", argument)
        if isinstance(order_id, str) and order_id.startswith("ord_"):
            return order_id
    return None
