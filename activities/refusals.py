"""How domain errors travel through Temporal, there and back.

A refusal becomes a non-retryable ApplicationError of the benign kind, its type the refusal's
class name and its details the refusal's fields. Unavailable stays retryable, after the delay
that the vendor asked for. So no retry policy has to list error names.
"""

import dataclasses
from typing import Any

from temporalio.converter import value_to_type
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain import errors
from domain.errors import BeatlineError, Unavailable

_BY_NAME: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BeatlineError)
}


def to_application_error(error: BeatlineError) -> ApplicationError:
    """The form in which Temporal carries one of our errors."""
    fields: dict[str, Any] = dataclasses.asdict(error) if dataclasses.is_dataclass(error) else {}
    if isinstance(error, Unavailable):
        told = {"service": error.service, "detail": error.detail, "is_outage": error.is_outage}
        return ApplicationError(
            str(error),
            told,
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
