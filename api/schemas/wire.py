"""The ground of all schemas."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

from domain.money import Money

Data = TypeVar("Data")


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _known_shape(value: object) -> object:
    """An id as given, or one that nothing bears if it holds what no id can."""
    return value if not isinstance(value, str) or value.isprintable() else "?"


def _major(value: object) -> object:
    return value.major if isinstance(value, Money) else value


def _minutes(value: object) -> object:
    return f"{value // 60}:{value % 60:02}" if isinstance(value, int) else value


# Money of the domain, in major units.
Amount = Annotated[
    Decimal,
    BeforeValidator(_major),
    PlainSerializer(float, return_type=float),
    WithJsonSchema({"type": "number", "minimum": 0, "examples": [39.99]}),
]
Instant = Annotated[
    datetime,
    PlainSerializer(_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
# Whole seconds of the domain, as `m:ss`.
Duration = Annotated[str, BeforeValidator(_minutes)]
Identifier = Annotated[str, BeforeValidator(_known_shape)]


class Wire(BaseModel):
    """An object of the API: camelCase outside, snake_case here.

    Views are read off domain values by name: `OrderView.model_validate(order)`. What does not fit
    is told without its value, which may be somebody's name or address.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        serialize_by_alias=True,
        from_attributes=True,
        frozen=True,
        hide_input_in_errors=True,
    )


class Success(Wire, Generic[Data]):
    success: Literal[True]
    data: Data


class FieldProblem(Wire):
    """What is wrong with one field of the request."""

    field: str
    message: str


class RateLimit(Wire):
    """How many calls are allowed and left; `resetTime` is an instant, `retryAfter` seconds."""

    limit: int
    remaining: int
    reset_time: Instant
    retry_after: int


class Failure(Wire):
    """Every error of every endpoint."""

    success: Literal[False]
    error: str
    code: str
    details: list[FieldProblem] | None = None
    request_id: str | None = None
    rate_limit: RateLimit | None = None
