"""The switches under `/_emulator`, for tests, demos and chaos runs."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.stripe import disputing, paying, refunding
from sandbox.stripe.emulator import Emulator
from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.faults import CallFault, WebhookFault, read_fault
from sandbox.stripe.objects import disputes, sessions
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.reading import body_text

Switch = Callable[..., Json]
"""Called with the request's JSON and the path's id, if it has one."""

_CLOCK_RANGE = timedelta(days=3650)


class Controls:
    """What an operator of the sandbox can do beside Stripe's own API."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def routes(self) -> list[Route]:
        switches: dict[tuple[str, str], Switch] = {
            ("GET", "/faults"): self.list_faults,
            ("POST", "/faults"): self.add_fault,
            ("DELETE", "/faults"): self.clear_faults,
            ("POST", "/webhooks/hold"): self.hold,
            ("POST", "/webhooks/release"): self.release,
            ("GET", "/deliveries"): self.list_deliveries,
            ("POST", "/events/{id}/resend"): self.resend,
            ("POST", "/sessions/{id}/expire"): self.expire,
            ("POST", "/sessions/{id}/settle"): self.settle_session,
            ("POST", "/payment_intents/{id}/settle"): self.settle_intent,
            ("POST", "/refunds/{id}/settle"): self.settle_refund,
            ("POST", "/disputes"): self.open_dispute,
            ("POST", "/disputes/{id}/close"): self.close_dispute,
            ("GET", "/clock"): self.read_clock,
            ("POST", "/clock"): self.set_clock,
            ("POST", "/reset"): self.reset,
        }
        return [
            Route(path, partial(_turn, switch=switch), methods=[method])
            for (method, path), switch in switches.items()
        ]

    def list_faults(self, given: Json) -> Json:
        return self._emulator.faults.view()

    def add_fault(self, given: Json) -> Json:
        match given.pop("on", None):
            case "api":
                self._emulator.faults.calls.append(read_fault(CallFault, given))
            case "webhooks":
                self._emulator.faults.webhooks.append(read_fault(WebhookFault, given))
            case _:
                raise ValueError('"on" must be "api" or "webhooks"')
        return self._emulator.faults.view()

    def clear_faults(self, given: Json) -> Json:
        self._emulator.faults.clear()
        return self._emulator.faults.view()

    def hold(self, given: Json) -> Json:
        self._emulator.webhooks.held = True
        return {"held": True}

    def release(self, given: Json) -> Json:
        self._emulator.webhooks.release()
        return {"held": False}

    def list_deliveries(self, given: Json) -> Json:
        found = self._emulator.outbox.latest(given.get("state"), int(given.get("limit", 100)))
        return {"held": self._emulator.webhooks.held, "data": [each.view() for each in found]}

    def resend(self, given: Json, event_id: str) -> Json:
        with self._emulator.work() as work:
            event = work.get("event", event_id)
            work.owe(event, [endpoint.url for endpoint in self._emulator.config.endpoints])
            return {"deliveries": [each.id for each in work.deliveries]}

    def expire(self, given: Json, session_id: str) -> Json:
        with self._emulator.work() as work:
            return sessions.expire(work, Parameters({}), session_id)

    def settle_session(self, given: Json, session_id: str) -> Json:
        with self._emulator.work() as work:
            intent_id = work.get(sessions.KIND, session_id)["payment_intent"]
            _settled(paying.settle(work, intent_id or "", _outcome(given)), session_id)
            return work.get(sessions.KIND, session_id)

    def settle_intent(self, given: Json, intent_id: str) -> Json:
        with self._emulator.work() as work:
            return _settled(paying.settle(work, intent_id, _outcome(given)), intent_id)

    def settle_refund(self, given: Json, refund_id: str) -> Json:
        with self._emulator.work() as work:
            return _settled(refunding.settle(work, refund_id, _outcome(given)), refund_id)

    def open_dispute(self, given: Json) -> Json:
        with self._emulator.work() as work:
            charge = disputes.charge_to_dispute(
                work, given.get("charge"), given.get("payment_intent")
            )
            reason, inquiry = given.get("reason", "fraudulent"), given.get("inquiry") is True
            return disputing.open_on(work, charge, reason, inquiry=inquiry)

    def close_dispute(self, given: Json, dispute_id: str) -> Json:
        with self._emulator.work() as work:
            dispute = work.get(disputing.KIND, dispute_id)
            return disputing.close_as(work, dispute, str(given.get("outcome")))

    def read_clock(self, given: Json) -> Json:
        clock = self._emulator.clock
        return {"now": clock.timestamp(), "offset": clock.offset.total_seconds()}

    def set_clock(self, given: Json) -> Json:
        offset = timedelta(seconds=float(given.get("offset", 0)))
        if abs(offset) > _CLOCK_RANGE:
            raise ValueError(f"offset must be within {_CLOCK_RANGE.days} days")
        self._emulator.move_clock(offset)
        return self.read_clock(given)

    def reset(self, given: Json) -> Json:
        self._emulator.reset()
        return {"reset": True}


def _outcome(given: Json) -> str | None:
    outcome = given.get("outcome")
    if outcome not in (None, "succeeded", "failed"):
        raise ValueError("outcome must be succeeded or failed")
    return outcome


def _settled(thing: Json | None, identifier: str) -> Json:
    if thing is None:
        raise ValueError(f"{identifier} has nothing under way")
    return thing


async def _turn(request: Request, switch: Switch) -> Response:
    try:
        given = dict(request.query_params) if request.method == "GET" else await _json(request)
        return JSONResponse(switch(given, *request.path_params.values()))
    except StripeError as error:
        return JSONResponse(error.body(), error.status)
    except (ValueError, TypeError) as error:
        return JSONResponse({"error": {"message": str(error)}}, 400)


async def _json(request: Request) -> Json:
    """An object; empty when there is no body.

    The content type is insisted on, because a foreign web page can't send it without our leave.
    """
    text = await body_text(request)
    if request.method == "POST" and "application/json" not in request.headers.get(
        "content-type", ""
    ):
        raise StripeError("Send Content-Type: application/json.", status=415)
    given = json.loads(text or "{}")
    if not isinstance(given, dict):
        raise TypeError("Send a JSON object.")
    return given
