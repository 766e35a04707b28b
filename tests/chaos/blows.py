"""Blows, dealt when their time has come."""

import asyncio
import json
import time
from contextlib import suppress
from random import Random
from typing import Any

import httpx
import stripe

from tests.chaos.bank import insisted
from tests.chaos.plan import Blow, BlowKind, Plan
from tests.chaos.world import World

ACKNOWLEDGEABLE = ["checkout.session.completed", "charge.refunded"]
ALL_FOR_THE_API = 20.0  # seconds in which somebody must answer a webhook call


class Striker:
    """Deals a plan's blows; `dealt` counts those that met something to strike."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._dice = Random(plan.seed)
        self.dealt = 0
        self.acknowledged: set[str] = set()  # events to which we saw a 200, and then a kill
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
                self.dealt += await self._world.fleet.strike(blow.on, blow.number, blow.lasts)
            case BlowKind.FREEZE:
                self.dealt += await self._world.fleet.freeze(blow.on, blow.lasts)
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
            "no event": ("[]", sign("[]", secret)),
            "too deep": ("[" * 2000, sign("[" * 2000, secret)),
        }
        name = self._dice.choice(list(forgeries))
        content, signature = forgeries[name]
        with suppress(httpx.HTTPError):
            answer = await self._call(content, signature)
            self.dealt += 1
            if answer.status_code not in (400, 503):
                self.accepted.append(f"{name}: {answer.status_code}")

    async def _kill_after_a_200(self, blow: Blow) -> None:
        """Has the API acknowledge an event of Stripe's, then kills it in the same breath."""
        events = await insisted(
            lambda: self._world.stripe.v1.events.list_async({"types": ACKNOWLEDGEABLE, "limit": 20})
        )
        if not events.data:
            return
        event = self._dice.choice(events.data)
        body = json.dumps(event.to_dict(for_json=True))
        secret = self._world.system.secrets.stripe_webhook_secret
        deadline = time.monotonic() + ALL_FOR_THE_API
        while time.monotonic() < deadline:
            header = stripe.WebhookSignature.generate_signature_header(body, secret)
            with suppress(httpx.HTTPError):
                if (await self._call(body, header)).status_code == 200:
                    self.acknowledged.add(event.id)
                    self.dealt += await self._world.fleet.strike("api", blow.number, blow.lasts)
                    return
            await asyncio.sleep(0.2)

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
