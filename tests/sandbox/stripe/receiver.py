"""A webhook endpoint that keeps what it was sent."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import stripe
from aiohttp import web

from tests.sandbox.stripe.inspection import event_problems

SECRET = "whsec_of_the_tests"


@dataclass
class Receiver:
    """What came, in order, and what to answer next."""

    url: str = ""
    events: list[stripe.Event] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses, taken from the front; then 200
    former: set[str] = field(default_factory=set)  # events of the test before, on their way still

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def of_type(self, event_type: str) -> list[stripe.Event]:
        return [event for event in self.events if event.type == event_type]

    def clear(self) -> None:
        for kept in (self.events, self.signatures, self.bodies, self.answers):
            kept.clear()

    def problems(self) -> list[str]:
        """What of the events is not as Stripe's document has it."""
        return [each for body in self.bodies for each in event_problems(json.loads(body))]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if json.loads(body)["id"] in self.former:
            return web.json_response({"received": True})
        signature = request.headers["Stripe-Signature"]
        self.bodies.append(body)
        self.signatures.append(signature)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(stripe.Webhook.construct_event(body, signature, SECRET))
        return web.json_response({"received": status == 200}, status=status)


@asynccontextmanager
async def receiving(port: int) -> AsyncIterator[Receiver]:
    """Listen while inside."""
    receiver = Receiver(f"http://127.0.0.1:{port}/webhook")
    application = web.Application()
    application.router.add_post("/webhook", receiver.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()


def object_of(event: stripe.Event) -> Any:
    """What an event is about."""
    return event.data.object


def before(event: stripe.Event) -> Any:
    """What an event says was different before."""
    return event.data.to_dict().get("previous_attributes")
