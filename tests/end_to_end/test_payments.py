"""What becomes of an order, by what becomes of its payment."""

import time
from datetime import UTC, datetime

import stripe

from tests.end_to_end.shop import Shop
from tests.waiting import until

SETTLING_IBAN = "DE89370400440532013000"
FAILING_IBAN = "DE62370400440532013001"


async def checkout_of(shop: Shop, license_name: str = "Wav") -> dict[str, str]:
    beat, *_ = await shop.full_beats()
    answer = await shop.check_out({"priceId": beat[f"stripe{license_name}PriceId"]})
    found: dict[str, str] = answer.json()
    return found


async def test_an_order_is_there_from_the_moment_its_session_is(shop: Shop) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    assert order["status"] == "PENDING"
    assert order["paidAt"] is None
    assert order["sessionId"] == session["sessionId"]


async def test_stripe_knows_the_order_by_its_id_and_nothing_of_the_cart(shop: Shop) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    await shop.pay(session["url"])
    seen = await shop.stripe.v1.checkout.sessions.retrieve_async(
        session["sessionId"], {"expand": ["payment_intent"]}
    )
    metadata = {"order_id": order["id"], "environment": "development"}
    assert seen.client_reference_id == order["id"]
    assert seen.metadata is not None
    assert seen.metadata.to_dict() == metadata
    assert isinstance(seen.payment_intent, stripe.PaymentIntent)
    assert seen.payment_intent.metadata.to_dict() == metadata


async def test_a_declined_card_leaves_the_order_pending_and_a_good_one_pays_it(shop: Shop) -> None:
    session = await checkout_of(shop)
    declined = await shop.pay(session["url"], card_number="4000000000000002")
    assert declined.status_code == 402
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"
    assert (await shop.pay(session["url"])).status_code == 200
    assert (await shop.order_in("COMPLETED", session["sessionId"]))["paymentMethod"] == "card"


async def test_a_bank_debit_grants_nothing_until_it_settles(shop: Shop) -> None:
    session = await checkout_of(shop)
    await shop.pay(session["url"], method="sepa_debit", iban=SETTLING_IBAN)
    order = await shop.order(session["sessionId"])
    assert order["status"] == "PENDING"
    downloads = await shop.http.post(
        f"/api/download/multi-order/{order['id']}",
        json={"customerEmail": "buyer@beatline.example"},
    )
    assert downloads.status_code == 409
    unpaid_at = datetime.now(UTC)
    await shop.switch(f"/sessions/{session['sessionId']}/settle", outcome="succeeded")
    completed = await shop.order_in("COMPLETED", session["sessionId"])
    assert datetime.fromisoformat(completed["paidAt"]) > unpaid_at


async def test_a_bank_debit_that_fails_fails_the_order(shop: Shop) -> None:
    session = await checkout_of(shop)
    await shop.pay(session["url"], method="sepa_debit", iban=FAILING_IBAN)
    await shop.switch(f"/sessions/{session['sessionId']}/settle", outcome="failed")
    await shop.order_in("FAILED", session["sessionId"])


async def test_an_expired_page_cancels_the_order(shop: Shop) -> None:
    session = await checkout_of(shop)
    await shop.stripe.v1.checkout.sessions.expire_async(session["sessionId"])
    order = await shop.order_in("CANCELLED", session["sessionId"])
    downloads = await shop.http.post(
        f"/api/download/multi-order/{order['id']}",
        json={"customerEmail": "buyer@beatline.example"},
    )
    assert downloads.status_code in (403, 409)


async def test_a_redelivered_webhook_changes_nothing(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    order = await shop.bought({"priceId": beat["stripeWavPriceId"]})
    before = await shop.traces()
    events = await shop.stripe.v1.events.list_async({"type": "checkout.session.completed"})
    event = next(event for event in events.data if event.data.object["id"] == order["sessionId"])
    resent = await shop.switch(f"/events/{event.id}/resend")

    async def delivered() -> bool:
        listed = await shop.http.get(f"{shop.addresses.stripe}/_emulator/deliveries")
        states = {each["id"]: each["state"] for each in listed.json()["data"]}
        return all(states[each] == "delivered" for each in resent["deliveries"])

    await until(delivered)
    assert await shop.traces() == before
    assert (await shop.order(order["sessionId"])) == order
    assert await shop.count("SELECT count(*) FROM webhook_events WHERE id = %s", event.id) == 1


async def test_a_forged_webhook_is_refused_and_pays_nothing(shop: Shop) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    body = (
        '{"id":"evt_forged","type":"checkout.session.completed","created":1,"data":{"object":'
        f'{{"id":"{session["sessionId"]}","metadata":{{"order_id":"{order["id"]}"}}}}}}}}'
    )
    now = int(time.time())
    forged = stripe.WebhookSignature.generate_signature_header(body, "whsec_guessed", timestamp=now)
    stale = stripe.WebhookSignature.generate_signature_header(
        body, shop.webhook_secret, timestamp=now - 301
    )
    for header in (forged, stale, "t=1,v1=00", ""):
        answer = await shop.http.post(
            "/api/stripe/webhook", content=body, headers={"Stripe-Signature": header}
        )
        assert answer.status_code == 400
        assert answer.json()["code"] == "signature_invalid"
    assert await shop.count("SELECT count(*) FROM webhook_events WHERE id = 'evt_forged'") == 0
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"


async def test_an_event_that_lies_is_checked_with_stripe(shop: Shop) -> None:
    """Even a well-signed event is only a hint: Stripe itself says what was paid."""
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    body = (
        '{"id":"evt_early","type":"checkout.session.completed","created":1,"data":{"object":'
        f'{{"id":"{session["sessionId"]}","payment_status":"paid",'
        f'"metadata":{{"order_id":"{order["id"]}"}}}}}}}}'
    )
    header = stripe.WebhookSignature.generate_signature_header(body, shop.webhook_secret)
    answer = await shop.http.post(
        "/api/stripe/webhook", content=body, headers={"Stripe-Signature": header}
    )
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    query = "SELECT count(*) FROM webhook_events WHERE id = 'evt_early' AND outcome = 'reported'"
    await shop.comes_to(1, query)
    assert (await shop.order(session["sessionId"]))["status"] == "PENDING"
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_an_order_whose_workflow_was_terminated_is_completed_when_paid(shop: Shop) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    await shop.temporal.get_workflow_handle(order["id"]).terminate("by mistake")
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_an_event_for_an_unknown_order_starts_nothing(shop: Shop) -> None:
    body = (
        '{"id":"evt_stranger","type":"checkout.session.completed","created":1,"data":{"object":'
        '{"id":"cs_test_stranger","client_reference_id":"ord_stranger"}}}'
    )
    header = stripe.WebhookSignature.generate_signature_header(body, shop.webhook_secret)
    before = await shop.traces()
    answer = await shop.http.post(
        "/api/stripe/webhook", content=body, headers={"Stripe-Signature": header}
    )
    assert answer.status_code == 200
    query = "SELECT count(*) FROM webhook_events WHERE id = 'evt_stranger' AND outcome = %s"
    await shop.comes_to(1, query, "unknown_order")
    assert await shop.traces() == before


async def test_a_beat_withdrawn_after_the_sale_is_delivered_even_by_a_second_run(
    shop: Shop,
) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    beat_id = order["items"][0]["beatId"]
    await shop.temporal.get_workflow_handle(order["id"]).terminate("by mistake")
    await shop.database.execute("UPDATE beats SET is_active = false WHERE id = %s", (beat_id,))
    try:
        await shop.pay(session["url"])
        await shop.order_in("COMPLETED", session["sessionId"])
    finally:
        await shop.database.execute("UPDATE beats SET is_active = true WHERE id = %s", (beat_id,))


async def test_money_for_an_order_that_was_given_up_still_buys_the_files(shop: Shop) -> None:
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    handle = shop.temporal.get_workflow_handle(order["id"])
    await handle.terminate("to stand for a history that was lost")
    query = "UPDATE orders SET status = 'CANCELLED' WHERE id = %s"
    await shop.database.execute(query, (order["id"],))
    await shop.pay(session["url"])
    await shop.order_in("COMPLETED", session["sessionId"])


async def test_a_page_that_the_books_have_forgotten_is_found_again(shop: Shop) -> None:
    """As after a failover that lost the last thing that was committed."""
    session = await checkout_of(shop)
    order = await shop.order(session["sessionId"])
    await shop.database.execute(
        "UPDATE orders SET session_id = NULL, session_url = NULL, session_expires_at = NULL"
        " WHERE id = %s",
        (order["id"],),
    )
    await shop.pay(session["url"])
    completed = "SELECT count(*) FROM orders WHERE id = %s AND status = 'COMPLETED'"

    async def is_completed() -> bool:
        return await shop.count(completed, order["id"]) == 1

    await until(is_completed)
    assert (await shop.order(session["sessionId"]))["id"] == order["id"]
