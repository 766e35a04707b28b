"""Webhook secrets over HTTP: several while they are rotated, and none opens nothing."""

import json

import pytest
import stripe

from database.engine import Database
from tests.api.conftest import Api
from tests.api.webhook_calls import call

NEW, OLD, STRANGER = "whsec_new", "whsec_old", "whsec_stranger"


@pytest.mark.parametrize(("secret", "status"), [(NEW, 200), (OLD, 200), (STRANGER, 400), ("", 400)])
async def test_while_secrets_are_rotated_each_of_them_is_taken(
    api: Api, database: Database, secret: str, status: int
) -> None:
    body, _ = call("evt_1", type="customer.created")
    sign = stripe.WebhookSignature.generate_signature_header
    headers = {"Stripe-Signature": sign(body.decode(), secret)}
    async with api(STRIPE_WEBHOOK_SECRET=f"{NEW}, {OLD}") as client:
        answer = await client.post("/api/stripe/webhook", content=body, headers=headers)
    assert answer.status_code == status


async def test_of_two_signature_headers_a_false_first_one_is_not_saved_by_the_second(
    api: Api, database: Database
) -> None:
    body, signature = call("evt_1", type="customer.created")
    both = [("Stripe-Signature", "t=1,v1=00"), ("Stripe-Signature", signature)]
    async with api() as client:
        answer = await client.post("/api/stripe/webhook", content=body, headers=both)
    assert answer.status_code == 400


async def test_an_event_signed_for_another_body_is_refused(api: Api, database: Database) -> None:
    body, signature = call("evt_1")
    altered = json.loads(body) | {"id": "evt_2"}
    headers = {"Stripe-Signature": signature}
    async with api() as client:
        answer = await client.post("/api/stripe/webhook", json=altered, headers=headers)
    assert answer.status_code == 400
