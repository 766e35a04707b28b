"""What surrounds every activity: its log line, and the form in which its errors travel."""

import time
from asyncio import CancelledError
from collections.abc import Sequence
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.refusals import to_application_error
from domain.errors import Refusal, Unavailable

log = structlog.get_logger()


class ActivityInterceptor(Interceptor):
    """Logs each attempt under its order's id, and carries domain errors out of it.

    Causes and messages of other exceptions stay in our log: in Temporal's histories they would
    be readable for all, and they may quote a buyer's name or address.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _LoggedActivity(next)


class _LoggedActivity(ActivityInboundInterceptor):
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


def _order_of(arguments: Sequence[Any]) -> str | None:
    """The order that a step is about, where it says so."""
    for argument in arguments:
        order_id = getattr(argument, "order_id", argument)
        if isinstance(order_id, str) and order_id.startswith("ord_"):
            return order_id
    return None
