"""Stripe's events: kept first, then told to the order's workflow."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

import logs
from database import inbox
from database.engine import Database
from domain.errors import Unavailable
from domain.webhook import REPORTED, SUBSCRIBED, WebhookEvent
from gateways.stripe_webhook import read_event
from workflows.client import WorkflowGone

log = structlog.get_logger()

# How old an undelivered event must be before the relay takes it, how often it looks, and how
# many it takes at once.
RELAY_AFTER = timedelta(seconds=5)
RELAY_PAUSE = timedelta(seconds=2)
RELAY_BATCH = 100


class Reports(Protocol):
    """Where events are told: `workflows.client.Checkouts`, in a running system."""

    async def report(self, event: WebhookEvent) -> None: ...


class WebhookDesk:
    """Takes Stripe's webhook calls, and relays what could not be delivered at once."""

    def __init__(
        self,
        database: Database,
        checkouts: Reports,
        secrets: list[str],
        environment: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._checkouts = checkouts
        self._secrets = secrets
        self._environment = environment
        self._clock = clock

    async def take(self, payload: bytes, signature: str | None) -> None:
        """Returns once the event is durable, or known to be no business of ours.

        Raises EventRefused for what is not Stripe's, Unavailable if it cannot be kept now.
        """
        event, environment = read_event(payload, signature, self._secrets, self._clock())
        logs.bind(event_id=event.id, order_id=event.order_id)
        if event.type not in SUBSCRIBED or event.order_id is None:
            log.info("webhook_ignored", type=event.type)
            return
        if environment not in (None, self._environment):
            log.info("webhook_of_another_environment", type=event.type, environment=environment)
            return
        async with self._database.writing() as writer:
            fresh = await inbox.record(writer, event)
        log.info("webhook_received", type=event.type, fresh=fresh)
        if fresh:
            await self._try_to_deliver(event)

    async def relay(self) -> None:
        """Delivers, for ever, what was kept while Temporal was away or a process died."""
        while True:
            await asyncio.sleep(RELAY_PAUSE.total_seconds())
            try:
                async with self._database.reading() as reader:
                    waiting = await inbox.undelivered(
                        reader, older_than=RELAY_AFTER, limit=RELAY_BATCH
                    )
                for event in waiting:
                    await self._deliver(event)
                    log.info("webhook_relayed", event_id=event.id, order_id=event.order_id)
            except Unavailable as error:
                log.warning("relay_waits", service=error.service, detail=error.detail)

    async def _try_to_deliver(self, event: WebhookEvent) -> None:
        try:
            await self._deliver(event)
        except Unavailable as error:  # it is kept: the relay delivers it
            log.warning("webhook_undelivered", service=error.service, detail=error.detail)

    async def _deliver(self, event: WebhookEvent) -> None:
        outcome = "kept"
        if event.type in REPORTED:
            try:
                await self._checkouts.report(event)
                outcome = "reported"
            except WorkflowGone:
                outcome = "no_workflow"
                log.warning("webhook_without_workflow", event_id=event.id, order_id=event.order_id)
        async with self._database.writing() as writer:
            await inbox.mark_delivered(writer, event.id, outcome)
