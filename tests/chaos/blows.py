"""Blows, dealt when their time has come."""

import asyncio
import json
import time
from contextlib import suppress
from random import Random
from typing import Any

import httpx
import stripe

from tests.chaos.aftermath import late_events
from tests.chaos.bank import insisted
from tests.chaos.plan import Plan
from tests.chaos.vocabulary import Blow, BlowKind
from tests.chaos.world import World

HELD_BACK = 600.0  # seconds
ALL_FOR_THE_API = 20.0  # seconds in which somebody must answer a webhook call


class Striker:
    """Deals a plan's blows; `dealt` counts those that met something to strike."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._dice = Random(plan.seed)
        self.dealt = 0
        self.acknowledged: set[str] = set()  # events to which we saw a 200, and then a kill
        self._taken: set[str] = set()  # events that we bring ourselves
        self.accepted: list[str] = []  # forgeries that were not refused

    async def begin(self) -> None:
        """The faults that stand for the whole run."""
        for fault in self._plan.standing:
            await self._world.switch("stripe", "/faults", **fault)
        self.dealt += len(self._plan.standing)

    async def run(self) -> None:
        start = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for blow in self._plan.blows:
                await asyncio.sleep(max(0.0, start + blow.at - time.monotonic()))
                group.create_task(self._deal(blow))

    async def _deal(self, blow: Blow) -> None:
        match blow.kind:
            case BlowKind.SIGNAL:
                await self._strike(blow)
            case BlowKind.FREEZE:
                has_met = await self._world.fleet.freeze(blow.on, blow.lasts)
                self.dealt += has_met
            case BlowKind.STRIPE | BlowKind.CLOUDINARY:
                await self._world.switch(blow.kind.value, "/faults", **blow.fault)
                self.dealt += 1
            case BlowKind.CUT:
                self._world.line.cut()
                self.dealt += 1
            case BlowKind.CUT_COMMITS:
                self._world.line.cut_commits(blow.times)
                self.dealt += 1
            case BlowKind.FORGE:
                await self._forge()
            case BlowKind.ACKNOWLEDGED:
                await self._kill_after_a_200(blow)

    async def _strike(self, blow: Blow) -> None:
        has_met = await self._world.fleet.strike(blow.on, blow.number, blow.lasts)
        self.dealt += has_met  # others have counted meanwhile

    async def _forge(self) -> None:
        """Calls that say an order is paid, and are not Stripe's, or not of now."""
        session = await self._some_session()
        if session is None:
            return
        body = _completed(session)
        sign = stripe.WebhookSignature.generate_signature_header
        secret = self._world.system.secrets.stripe_webhook_secret
        forgeries = {
            "unsigned": (body, ""),
            "another secret's": (body, sign(body, "whsec_" + "0" * 48)),
            "another body's": (body, sign(body + " ", secret)),
            "stale": (body, sign(body, secret, timestamp=int(time.time()) - 3600)),
            "early": (body, sign(body, secret, timestamp=int(time.time()) + 3600)),
            **{name: (text, sign(text, secret)) for name, text in _poison(body).items()},
        }
        name = self._dice.choice(list(forgeries))
        content, signature = forgeries[name]
        with suppress(httpx.HTTPError):
            answer = await self._call(content, signature)
            self.dealt += 1
            if answer.status_code not in (400, 413, 503):
                self.accepted.append(f"{name}: {answer.status_code}")

    async def _kill_after_a_200(self, blow: Blow) -> None:
        """Brings the API an event that it has not met; at its 200, kills it in the same breath."""
        event_id = await self._held_back_event()
        if event_id is None:
            return
        event = await insisted(lambda: self._world.stripe.v1.events.retrieve_async(event_id))
        body = json.dumps(event.to_dict(for_json=True))
        secret = self._world.system.secrets.stripe_webhook_secret
        deadline = time.monotonic() + ALL_FOR_THE_API
        while time.monotonic() < deadline:
            header = stripe.WebhookSignature.generate_signature_header(body, secret)
            with suppress(httpx.HTTPError):
                if (await self._call(body, header)).status_code == 200:
                    self.acknowledged.add(event.id)
                    await self._strike(blow)
                    return
            await asyncio.sleep(0.2)

    async def _held_back_event(self) -> str | None:
        """The next event of Stripe's, kept from us, so that our API has never met it."""
        held = {"on": "webhooks", "effect": "delay", "delay": HELD_BACK, "times": 1}
        await self._world.switch("stripe", "/faults", **held)
        deadline = time.monotonic() + ALL_FOR_THE_API
        while time.monotonic() < deadline:
            events = [each for each in await late_events(self._world) if each not in self._taken]
            if events:
                self._taken.add(events[-1])
                return events[-1]
            await asyncio.sleep(0.2)
        return None

    async def _call(self, body: str, signature: str) -> httpx.Response:
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        return await self._world.http.post(
            "/api/stripe/webhook", content=body.encode(), headers=headers
        )

    async def _some_session(self) -> dict[str, Any] | None:
        page = await insisted(
            lambda: self._world.stripe.v1.checkout.sessions.list_async({"limit": 20})
        )
        if not page.data:
            return None
        found: dict[str, Any] = self._dice.choice(page.data).to_dict(for_json=True)
        return found


def _completed(session: dict[str, Any]) -> str:
    """An event that says a session was paid, under an id that Stripe never gave."""
    event = {
        "id": f"evt_forged{session['id'][-12:]}",
        "type": "checkout.session.completed",
        "created": int(time.time()),
        "data": {"object": session | {"status": "complete", "payment_status": "paid"}},
    }
    return json.dumps(event)


def _poison(body: str) -> dict[str, str]:
    """What no endpoint can take in, under a good signature: as if Stripe had a bad day."""
    event = json.loads(body)
    thing = event["data"]["object"]
    return {
        "no event": "[]",
        "nothing": "",
        "too deep": "[" * 2000,
        "too long": body + " " * 2**20,
        "about nothing": json.dumps(event | {"data": {"object": None}}),
        "under no name": json.dumps(event | {"id": "evt_\x00"}),
        "about an id that no database takes": json.dumps(
            event | {"data": {"object": thing | {"id": "cs_\x00"}}}
        ),
        "of a time that never comes": json.dumps(event | {"created": 10**18}),
    }
