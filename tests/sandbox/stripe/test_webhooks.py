"""Webhooks: signed, in order, until taken."""

import json
from typing import Any

import stripe

from tests.sandbox.stripe.receiver import SECRET, Receiver, before, object_of
from tests.sandbox.stripe.shop import Shop, eventually


async def test_an_event_has_stripes_shape_and_every_active_secret_signs_it(
    shop: Shop, receiver: Receiver
) -> None:
    await shop.client.v1.products.create_async({"name": "A"}, {"idempotency_key": "key-1"})
    await eventually(lambda: receiver.events)
    event = json.loads(receiver.bodies[0])
    assert event["object"] == "event"
    assert event["api_version"] == "2026-10-28.endive"
    assert (event["livemode"], event["pending_webhooks"]) == (False, 1)
    assert event["request"]["idempotency_key"] == "key-1"
    assert event["request"]["id"].startswith("req_")
    body = receiver.bodies[0].decode()
    for secret in ("whsec_older", SECRET):
        assert stripe.WebhookSignature.verify_header(body, receiver.signatures[0], secret, 300)


async def test_what_was_not_taken_comes_again_until_it_is(shop: Shop, receiver: Receiver) -> None:
    receiver.answers = [500, 404, 302]
    await shop.client.v1.products.create_async({"name": "A"})
    await eventually(lambda: receiver.events)
    assert len(receiver.bodies) == 4
    assert len(set(receiver.bodies)) == 1
    delivered = await shop.deliveries("delivered")
    assert [(each["attempts"], each["last_status"]) for each in delivered] == [(4, 200)]


async def test_events_about_one_payment_come_in_order_though_one_is_late(
    shop: Shop, receiver: Receiver
) -> None:
    sessions = [await shop.session() for _ in range(4)]
    await eventually(lambda: len(receiver.events) == 4)
    for session in sessions:
        await shop.pay_by_card(session)
    await eventually(lambda: len(receiver.of_type("checkout.session.completed")) == 4)
    by_intent: dict[str, list[str]] = {}
    for event in receiver.events[4:]:
        thing = event.data.object.to_dict()
        intent = thing.get("payment_intent") or thing["id"]
        by_intent.setdefault(intent, []).append(event.type)
    assert (
        list(by_intent.values())
        == [
            [
                "payment_intent.created",
                "charge.succeeded",
                "payment_intent.succeeded",
                "checkout.session.completed",
            ]
        ]
        * 4
    )


async def test_held_events_wait_for_their_release(shop: Shop, receiver: Receiver) -> None:
    await shop.switch("webhooks/hold")
    await shop.pay_by_card(await shop.session())
    assert len(await shop.deliveries("pending")) == 5
    assert receiver.events == []
    await shop.switch("webhooks/release")
    await eventually(lambda: len(receiver.events) == 5)


async def test_an_event_can_be_sent_again(shop: Shop, receiver: Receiver) -> None:
    await shop.client.v1.products.create_async({"name": "A"})
    await eventually(lambda: receiver.events)
    await shop.switch(f"events/{receiver.events[0].id}/resend")
    await eventually(lambda: len(receiver.events) == 2)
    assert receiver.events[0].id == receiver.events[1].id


async def test_events_can_be_asked_for(shop: Shop, receiver: Receiver) -> None:
    await shop.pay_by_card(await shop.session())
    await eventually(lambda: len(receiver.events) == 5)
    events = shop.client.v1.events
    listed = await events.list_async({"type": "payment_intent.*"})
    assert [each.type for each in listed.data] == [
        "payment_intent.succeeded",
        "payment_intent.created",
    ]
    listed = await events.list_async({"types": ["charge.succeeded", "price.created"]})
    assert [each.type for each in listed.data] == ["charge.succeeded", "price.created"]
    event = await events.retrieve_async(receiver.events[-1].id)
    assert event.to_dict() == receiver.events[-1].to_dict() | {"pending_webhooks": 0}


async def test_events_are_told_apart_by_age_and_delivery(shop: Shop, receiver: Receiver) -> None:
    events, products = shop.client.v1.events, shop.client.v1.products
    await products.create_async({"name": "A"})
    await eventually(lambda: receiver.events)
    taken = receiver.events[0]
    await shop.switch("webhooks/hold")
    await products.create_async({"name": "B"})
    filters: list[Any] = [
        {"delivery_success": True},
        {"created": {"lt": taken.created}},
        {"type": "product.created", "created": {"gte": taken.created}},
    ]
    found = [[each.id for each in (await events.list_async(each)).data] for each in filters]
    assert (found[:2], len(found[2])) == ([[taken.id], []], 2)
    (owed,) = (await events.list_async({"delivery_success": False})).data
    assert (owed.pending_webhooks, object_of(owed).name) == (1, "B")


async def test_an_update_tells_what_was_different_before(shop: Shop, receiver: Receiver) -> None:
    products = shop.client.v1.products
    product = await products.create_async({"name": "A", "metadata": {"kept": "1"}})
    await products.update_async(product.id, {"name": "B", "metadata": {"new": "2"}})
    await eventually(lambda: receiver.of_type("product.updated"))
    assert before(receiver.of_type("product.created")[0]) is None
    told = before(receiver.of_type("product.updated")[0])
    told.pop("updated", None)  # it may have taken a second
    assert told == {"name": "A", "metadata": {"new": None}}
