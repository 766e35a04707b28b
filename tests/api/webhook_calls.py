"""Calls of Stripe's to a webhook desk, and a Temporal that takes what it reports, or does not."""

import json
from datetime import UTC, datetime
from typing import Any

import stripe
from sqlalchemy import text

from api.webhooks import RELAY_AFTER, WebhookDesk
from database import checkout_requests
from database.engine import Database
from domain.errors import Unavailable
from tests.making import request
from workflows.checkout import PaymentReported
from workflows.review import Review

SECRET = "whsec_test"


class Temporal:
    """Takes reports, or behaves as a Temporal that is away or has lost a workflow."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.breaks_on: str | None = None
        self.unanswered: str | None = None
        self.poison = set[str]()
        self.asked = 0
        self.taken: list[str] = []
        self.reopened: list[str] = []
        self.reviewed: list[tuple[Review, str]] = []

    async def report(self, order_id: str, report: PaymentReported, *, reopen: bool = False) -> None:
        if reopen:
            self.reopened.append(report.event_id)
            return
        self.asked += 1
        if report.event_id in self.poison:
            raise Unavailable("Temporal", detail="INVALID_ARGUMENT", is_outage=False)
        if report.event_id == self.unanswered:
            raise Unavailable("Temporal", detail="no answer in time")
        if report.event_id == self.breaks_on:
            raise RuntimeError("a bug")
        if self.failure is not None:
            raise self.failure
        self.taken.append(report.event_id)

    async def review(self, review: Review, report: PaymentReported) -> None:
        if isinstance(self.failure, Unavailable):
            raise self.failure
        self.reviewed.append((review, report.event_id))


def desk(database: Database, temporal: Temporal) -> WebhookDesk:
    return WebhookDesk(database, temporal, [SECRET], "development", lambda: datetime.now(UTC))


async def take(taking: WebhookDesk, body: bytes, signature: str) -> None:
    """Has a desk take a call as the endpoint does: what was delivered is noted after the answer."""
    delivered = await taking.take(body, signature)
    if delivered is not None:
        await taking.note(delivered)


def call(event_id: str, **changes: Any) -> tuple[bytes, str]:
    """A signed webhook call: its body and its signature."""
    event = {
        "id": event_id,
        "type": "checkout.session.completed",
        "created": 1_700_000_000,
        "data": {
            "object": {
                "id": "cs_test_1",
                "metadata": {"order_id": "ord_1", "environment": "development"},
            }
        },
    }
    body = json.dumps(event | changes)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET)


async def claim_order(database: Database) -> None:
    """Takes in the order that the events are about."""
    async with database.writing() as writer:
        await checkout_requests.claim(writer, request(order_id="ord_1"))


async def inbox(database: Database) -> list[tuple[str, str | None]]:
    """Every event kept, and what became of it."""
    async with database.reading() as reader:
        rows = await reader.sql.execute(text("SELECT id, outcome FROM webhook_events ORDER BY id"))
        return [(row.id, row.outcome) for row in rows]


async def grow_old(database: Database) -> None:
    """Lets time pass, until the relay may take what was not delivered."""
    async with database.writing() as writer:
        await writer.sql.execute(
            text("UPDATE webhook_events SET received_at = received_at - :age"), {"age": RELAY_AFTER}
        )


async def is_told(database: Database, event_id: str) -> bool:
    return (event_id, "reported") in await inbox(database)


async def tried(database: Database, event_id: str) -> int | None:
    """How often an event failed for its own sake."""
    query = text("SELECT attempts FROM webhook_events WHERE id = :id")
    async with database.reading() as reader:
        found: int | None = await reader.sql.scalar(query, {"id": event_id})
    return found
