"""One API call from its first byte to its last: key, faults, idempotency, execution, answer."""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sandbox.stripe import errors
from sandbox.stripe.answers import Answer
from sandbox.stripe.config import API_VERSION
from sandbox.stripe.cutting import CutLine
from sandbox.stripe.emulator import Emulator
from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.expansion import expand
from sandbox.stripe.faults import CallFault
from sandbox.stripe.forms import parse_form
from sandbox.stripe.ids import new_id
from sandbox.stripe.ledger import compact
from sandbox.stripe.omissions import NOT_EMULATED
from sandbox.stripe.operations import Operation
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.reading import body_text
from sandbox.stripe.versions import refuse_removed
from sandbox.stripe.work import Cause, Work

_LONGEST_KEY = 255


@dataclass(frozen=True)
class Call:
    """A call that was let in."""

    operation: Operation
    ids: tuple[str, ...]
    form: str
    fingerprint: str
    key: str | None  # its idempotency key
    cause: Cause
    public_url: str
    version: str | None  # of the API, where the call asks for one


class Api:
    """Answers calls."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def answer(self, request: Request, operation: Operation) -> Response:
        request_id = new_id("req_")
        headers = {
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
        }
        try:
            self._authenticate(request.headers.get("authorization", ""))
            call = await self._read(request, operation, request_id)
            if call.key is not None:
                headers["Idempotency-Key"] = call.key
            with self._key_held(call.key):
                return await self._answer(request, call, headers)
        except StripeError as error:
            return _response(Answer(error.status, compact(error.body()), request_id), headers)

    async def _answer(self, request: Request, call: Call, headers: dict[str, str]) -> Response:
        fault = self._emulator.faults.on_call(request.method, request.url.path) or CallFault()
        await asyncio.sleep(fault.delay)
        if saved := self._saved(call):
            original = {"Idempotent-Replayed": "true", "Original-Request": saved.request}
            return _response(saved, headers | original)
        answer = None
        if fault.executed or not (fault.status or fault.cut):
            answer = self._execute(call)
        if fault.status is not None:
            answer = self._refuse(call, fault, fault.status)
            if fault.retry_after is not None:
                headers["Retry-After"] = f"{fault.retry_after:g}"
        return CutLine() if fault.cut or answer is None else _response(answer, headers)

    def _authenticate(self, header: str) -> None:
        scheme, _, credentials = header.partition(" ")
        match scheme.lower():
            case "bearer":
                key = credentials.strip()
            case "basic":
                key = _user_of(credentials)
            case _:
                key = ""
        if not key:
            raise errors.no_api_key()
        if not hmac.compare_digest(key.encode(), self._emulator.config.secret_key.encode()):
            raise errors.wrong_api_key(key)

    async def _read(self, request: Request, operation: Operation, request_id: str) -> Call:
        posted = request.method == "POST"
        form = await body_text(request) if posted else request.url.query
        key = request.headers.get("idempotency-key") or None if posted else None
        if key is not None and len(key) > _LONGEST_KEY:
            message = f"Idempotency keys may be up to {_LONGEST_KEY} characters."
            raise StripeError(message, kind="idempotency_error", recorded=False)
        fields = "&".join(sorted(form.split("&")))
        told = f"{request.method} {request.url.path}\n{fields}"
        return Call(
            operation=operation,
            ids=tuple(request.path_params.values()),
            form=form,
            fingerprint=hashlib.sha256(told.encode()).hexdigest(),
            key=key,
            cause=Cause(request_id, key),
            public_url=f"{request.url.scheme}://{request.url.netloc}",
            version=request.headers.get("stripe-version"),
        )

    @contextmanager
    def _key_held(self, key: str | None) -> Iterator[None]:
        if key is None:
            yield
            return
        if key in self._emulator.keys_in_use:
            raise errors.key_in_use(key)
        self._emulator.keys_in_use.add(key)
        try:
            yield
        finally:
            self._emulator.keys_in_use.discard(key)

    def _saved(self, call: Call) -> Answer | None:
        if call.key is None:
            return None
        found = self._emulator.answers.find(call.key, self._emulator.clock.timestamp())
        if found is None:
            return None
        fingerprint, answer = found
        if fingerprint != call.fingerprint:
            raise errors.key_reused(call.key)
        return answer

    def _execute(self, call: Call) -> Answer:
        """Do what is asked, and keep the answer, in one transaction."""
        parameters = Parameters(parse_form(call.form))
        paths = parameters.texts("expand")
        request_id = call.cause.request or ""
        try:
            with self._emulator.work(call.cause, call.public_url) as work:
                refuse_removed(call.operation, parameters, call.version)
                thing = call.operation(work, parameters, *call.ids)
                parameters.refuse_unread(NOT_EMULATED.get(call.operation, frozenset()))
                answer = _answer(work, expand(work, thing, paths), request_id)
                self._keep(call, answer, work.now)
        except StripeError as error:
            answer = Answer(error.status, compact(error.body()), request_id)
            if error.recorded:
                self._keep(call, answer, self._emulator.clock.timestamp())
        return answer

    def _refuse(self, call: Call, fault: CallFault, status: int) -> Answer:
        body = errors.requested_fault(status).body()
        answer = Answer(status, compact(body), call.cause.request or "")
        if fault.saved:
            self._keep(call, answer, self._emulator.clock.timestamp())
        return answer

    def _keep(self, call: Call, answer: Answer, now: int) -> None:
        if call.key is not None:
            self._emulator.answers.keep(call.key, call.fingerprint, answer, now)


def _answer(work: Work, thing: Json, request_id: str) -> Answer:
    if work.refusal is None:
        return Answer(200, compact(thing), request_id)
    return Answer(work.refusal.status, compact(work.refusal.body()), request_id)


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    return Response(answer.body, answer.status, headers, "application/json")


def _user_of(credentials: str) -> str:
    """The user of basic authentication, which Stripe takes the key as."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
