"""How domain errors travel through Temporal, there and back.

A refusal becomes a non-retryable ApplicationError of the benign kind, its type the refusal's
class name and its details the refusal's fields. Unavailable stays retryable, after the delay
that the vendor asked for. So no retry policy has to list error names. Causes and messages of
other exceptions stay out of Temporal's histories: they may quote a buyer's name or address.
"""

import dataclasses
from asyncio import CancelledError
from typing import Any

import structlog
from temporalio.converter import value_to_type
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from domain import errors
from domain.errors import BeatlineError, Refusal, Unavailable

log = structlog.get_logger()

_BY_NAME: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BeatlineError)
}


def to_application_error(error: BeatlineError) -> ApplicationError:
    """The form in which Temporal carries one of our errors."""
    fields: dict[str, Any] = dataclasses.asdict(error) if dataclasses.is_dataclass(error) else {}
    if isinstance(error, Unavailable):
        return ApplicationError(
            str(error),
            {"service": error.service, "detail": error.detail},
            type=type(error).__name__,
            next_retry_delay=error.retry_after,
        )
    return ApplicationError(
        error.code,
        fields,
        type=type(error).__name__,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def from_application_error(error: BaseException | None) -> BeatlineError | None:
    """One of our errors out of what Temporal carried; None if it is none of ours."""
    if not isinstance(error, ApplicationError) or error.type not in _BY_NAME:
        return None
    fields = error.details[0] if error.details else {}
    kind = _BY_NAME[error.type]
    types = {field.name: field.type for field in dataclasses.fields(kind)}
    values = {
        name: value_to_type(types[name], value)  # type: ignore[arg-type]
        for name, value in fields.items()
        if name in types
    }
    refusal: BeatlineError = kind(**values)
    return refusal


def refusal_behind(error: BaseException) -> BeatlineError | None:
    """The domain error that made an activity, an update or a workflow fail, if one did."""
    cause: BaseException | None = error
    while cause is not None:
        found = from_application_error(cause)
        if found is not None:
            return found
        cause = cause.__cause__
    return None


class RefusalInterceptor(Interceptor):
    """Carries domain errors out of every activity of a worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _RefusingActivity(next)


class _RefusingActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await super().execute_activity(input)
        except (Refusal, Unavailable) as error:
            log.info("activity_declined", error=type(error).__name__, detail=str(error))
            raise to_application_error(error) from None
        except (ApplicationError, CancelledError):
            raise
        except Exception as error:
            log.exception("activity_broke")
            kind = type(error).__name__
            raise ApplicationError(f"{kind}: the worker's log has the rest", type=kind) from None
