"""Holds every call that the emulator answers to Stripe's published document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.stripe.forms import Tree, parse_form
from tests.sandbox.stripe import document
from tests.sandbox.stripe.amendments import UNPUBLISHED
from tests.sandbox.stripe.document import Json

_DEEPEST_SHOWN = 3  # complaints of one object


@dataclass(frozen=True)
class Call:
    """One call as it was made and answered."""

    method: str
    path: str
    version: str | None  # of the API, as asked for
    form: str  # of the body, or the query
    status: int
    body: bytes

    @property
    def operation(self) -> tuple[str, str] | None:
        """Method and path as the document has them; None for what it does not have."""
        path = document.template(self.path)
        known = path and self.method.lower() in document.published()["paths"][path]
        return (self.method, path) if path and known else None

    def request_problems(self) -> list[str]:
        """What Stripe would not understand of the call."""
        if self.operation is None:
            return [f"{self.method} {self.path} is no operation of Stripe's"]
        given = typed(parse_form(self.form), document.parameters(*self.operation))
        found = problems(document.request_validator(*self.operation), given)
        return [f"{self.method} {self.path} {self.form}: {each}" for each in found]

    def answer_problems(self) -> list[str]:
        """What Stripe would not have answered."""
        thing = json.loads(self.body)
        if self.operation is None:
            known = self.status >= 400 or _unpublished(self.method, self.path)
            return [] if known else [f"{self.method} {self.path} is no operation of Stripe's"]
        status = "200" if self.status == 200 else "default"
        found = problems(document.answer_validator(*self.operation, status), thing)
        found += [each for event in _events(thing) for each in event_problems(event)]
        return [f"{self.method} {self.path} → {self.status}: {each}" for each in found]


@dataclass
class Inspector:
    """The emulator's application, and every API call that went through it."""

    app: ASGIApp
    calls: list[Call] = field(default_factory=list)
    answer_problems: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        asked, answered = bytearray(), bytearray()
        status = 0

        async def listen() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if is_whole and answered:  # noted before the caller has it, and goes on
                self._note(scope, bytes(asked), status, bytes(answered))
            await send(message)

        await self.app(scope, listen, tell)

    def clear(self) -> None:
        self.calls.clear()
        self.answer_problems.clear()

    def request_problems(self) -> list[str]:
        """Of all calls, for tests whose calls are not wrong on purpose."""
        return [each for call in self.calls for each in call.request_problems()]

    def _note(self, scope: Scope, asked: bytes, status: int, answered: bytes) -> None:
        form = (asked or scope["query_string"]).decode(errors="replace")
        version = dict(scope["headers"]).get(b"stripe-version", b"").decode() or None
        call = Call(scope["method"], scope["path"], version, form, status, answered)
        self.calls.append(call)
        self.answer_problems += call.answer_problems()


def event_problems(event: Json) -> list[str]:
    """Of an event, its type and what it is about."""
    thing = event["data"]["object"]
    found = problems(document.validator("event"), event)
    found += problems(document.validator(thing["object"]), thing)
    if event["type"] not in _event_types():
        found.append("Stripe has no such event")
    return [f"{event['type']}: {each}" for each in found]


def problems(validator: jsonschema_rs.Validator, thing: Any) -> list[str]:
    """What is wrong, where, the deepest first."""
    leaves = [leaf for error in validator.iter_errors(thing) for leaf in _leaves(error)]
    leaves.sort(key=lambda leaf: -len(leaf.instance_path))
    told = (f"{'.'.join(map(str, each.instance_path))}: {each.message[:200]}" for each in leaves)
    return list(dict.fromkeys(told))[:_DEEPEST_SHOWN]


def typed(given: "Tree | str", schema: Json) -> Any:
    """A form's strings as the types that the schema has for them; what fits none stays a string."""
    for choice in schema.get("anyOf", [schema]):
        value = _as_type(given, choice)
        if value is not None:
            return value
    return given


def _as_type(given: "Tree | str", schema: Json) -> Any:
    match schema.get("type"), given:
        case "object", dict():
            known, others = schema.get("properties", {}), schema.get("additionalProperties")
            rest = others if isinstance(others, dict) else {}
            return {key: typed(value, known.get(key, rest)) for key, value in given.items()}
        case "array", dict():
            return [typed(given[key], schema["items"]) for key in sorted(given, key=int)]
        case "integer", str() if given.lstrip("-").isdecimal():
            return int(given)
        case "boolean", "true" | "false":
            return given == "true"
        case "string", str() if given in schema.get("enum", [given]):
            return given
        case _:
            return None


def _leaves(error: Any) -> Iterator[Any]:
    """The complaints that a complaint about alternatives is made of."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield error
        return
    for branch in branches:
        for each in branch:
            yield from _leaves(each)


def _events(thing: Json) -> list[Json]:
    listed: list[Json] = [thing, *thing.get("data", [])] if thing.get("object") == "list" else []
    return [each for each in listed or [thing] if each.get("object") == "event"]


def _unpublished(method: str, path: str) -> bool:
    pattern = [*path.split("/")]
    if len(pattern) > 3:
        pattern[3] = "{id}"
    return (method, "/".join(pattern)) in UNPUBLISHED


def _event_types() -> list[str]:
    choice = document.parameters("POST", "/v1/webhook_endpoints")["properties"]["enabled_events"]
    types: list[str] = choice["items"]["enum"]
    return types
