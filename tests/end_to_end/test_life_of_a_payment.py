"""What becomes of a payment after it was made, or when nobody hears of it; nothing stands in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe
from temporalio.client import WorkflowExecutionStatus

from tests.end_to_end.shop import Shop
from tests.waiting import until
from workflows.reconciliation import Reconciliation, ReconciliationWorkflow, Report

BUYER = "buyer@beatline.example"
REFUNDS_FAIL = "4000000000005126"  # Stripe's test card whose refunds fail after all


@pytest.fixture
async def deaf_shop(shop: Shop) -> AsyncIterator[Shop]:
    """A shop that no webhook reaches."""
    await shop.switch("/faults", on="webhooks", type="*", effect="drop")
    yield shop
    await shop.switch_off()


async def opened(shop: Shop) -> dict[str, Any]:
    beat, *_ = await shop.full_beats()
    answer = await shop.check_out({"priceId": beat["stripeTrackoutPriceId"]})
    found: dict[str, Any] = answer.json()
    return found


async def bought(shop: Shop) -> dict[str, Any]:
    beat, *_ = await shop.full_beats()
    return await shop.bought({"priceId": beat["stripeTrackoutPriceId"]})


async def downloads(shop: Shop, order: dict[str, Any]) -> int:
    """What asking for the order's downloads is answered with."""
    path = f"/api/download/multi-order/{order['id']}"
    return (await shop.http.post(path, json={"customerEmail": BUYER})).status_code


async def in_status(shop: Shop, order_id: str, status: str) -> None:
    """Waits without looking through the API, which would have Stripe asked."""

    async def is_there() -> bool:
        query = "SELECT count(*) FROM orders WHERE id = %s AND status = %s"
        return await shop.count(query, order_id, status) == 1

    await until(is_there, within=20)


async def swept(shop: Shop) -> Report:
    """A sweep over the last hour, run as the schedule runs it."""
    number = await shop.count("SELECT count(*) FROM webhook_events")
    return await shop.temporal.execute_workflow(
        ReconciliationWorkflow.run,
        Reconciliation(hours=1),
        id=f"reconciliation-of-a-test-{number}",
        task_queue="beatline",
    )


async def test_refunds_in_part_leave_the_files_and_the_last_one_closes_them(shop: Shop) -> None:
    order = await bought(shop)
    assert await downloads(shop, order) == 200
    for amount, back in ((1000, 10.0), (500, 15.0)):
        refund = {"payment_intent": order["paymentId"], "amount": amount}
        await shop.stripe.v1.refunds.create_async(refund)  # type: ignore[arg-type]

        async def is_told(back: float = back) -> bool:
            return bool((await shop.order(order["sessionId"]))["refundedAmount"] == back)

        await until(is_told, within=5)
        assert (await shop.order(order["sessionId"]))["status"] == "COMPLETED"
        assert await downloads(shop, order) == 200
    await shop.stripe.v1.refunds.create_async({"payment_intent": order["paymentId"]})
    refunded = await shop.order_in("REFUNDED", order["sessionId"])
    assert refunded["refundedAmount"] == refunded["totalAmount"]
    assert await downloads(shop, order) == 403


async def test_a_refund_that_the_buyers_bank_returns_opens_the_files_again(shop: Shop) -> None:
    beat, *_ = await shop.full_beats()
    session = (await shop.check_out({"priceId": beat["stripeTrackoutPriceId"]})).json()
    await shop.pay(session["url"], card_number=REFUNDS_FAIL)
    order = await shop.order_in("COMPLETED", session["sessionId"])
    await shop.stripe.v1.refunds.create_async({"payment_intent": order["paymentId"]})
    await shop.order_in("REFUNDED", session["sessionId"])
    assert await downloads(shop, order) == 403
    # The card has it fail some seconds later; nobody does anything for that.
    await in_status(shop, order["id"], "COMPLETED")
    opened = await shop.order(session["sessionId"])
    assert (opened["refundedAmount"], await downloads(shop, order)) == (0.0, 200)
    flagged = "SELECT count(*) FROM orders WHERE id = %s AND attention = 'refund_failed'"
    assert await shop.count(flagged, order["id"]) == 1
    query = 'NeedsAttention = true AND WorkflowType = "PaymentReview"'

    async def is_findable() -> bool:
        found = [each.id async for each in shop.temporal.list_workflows(query)]
        return f"review:{order['paymentId']}" in found

    await until(is_findable)


@pytest.mark.parametrize(
    ("outcome", "status", "answer"), [("won", "COMPLETED", 200), ("lost", "DISPUTED", 403)]
)
async def test_an_open_dispute_closes_the_files_and_a_won_one_opens_them_again(
    shop: Shop, outcome: str, status: str, answer: int
) -> None:
    order = await bought(shop)
    granted = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": BUYER}
    )
    url = granted.json()["data"]["beats"][0]["downloadUrls"]["master"]
    assert (await shop.http.get(url)).status_code == 307
    dispute = await shop.switch(
        "/disputes", payment_intent=order["paymentId"], reason="product_not_received"
    )
    await shop.order_in("DISPUTED", order["sessionId"])
    assert await downloads(shop, order) == 403
    assert (await shop.http.get(url)).status_code == 403  # a grant given before, too
    await shop.switch(f"/disputes/{dispute['id']}/close", outcome=outcome)

    async def is_closed() -> bool:
        query = "SELECT count(*) FROM order_events WHERE order_id = %s AND type = %s"
        return await shop.count(query, order["id"], f"dispute_{outcome}") == 1

    await until(is_closed, within=5)
    assert (await shop.order(order["sessionId"]))["status"] == status
    assert await downloads(shop, order) == answer


async def test_a_buyer_who_comes_back_gets_the_order_though_every_webhook_is_lost(
    deaf_shop: Shop,
) -> None:
    session = await opened(deaf_shop)
    assert (await deaf_shop.order(session["sessionId"]))["status"] == "PENDING"
    await deaf_shop.pay(session["url"])
    await deaf_shop.order_in("COMPLETED", session["sessionId"])


async def test_the_sweep_finds_what_no_webhook_told(deaf_shop: Shop) -> None:
    session = await opened(deaf_shop)
    seen = await deaf_shop.stripe.v1.checkout.sessions.retrieve_async(session["sessionId"])
    order_id = str(seen.client_reference_id)
    await deaf_shop.pay(session["url"])
    report = await swept(deaf_shop)
    assert report.missed.missed >= 1
    await in_status(deaf_shop, order_id, "COMPLETED")
    order = await deaf_shop.order(session["sessionId"])
    await deaf_shop.stripe.v1.refunds.create_async({"payment_intent": order["paymentId"]})
    await swept(deaf_shop)
    await in_status(deaf_shop, order_id, "REFUNDED")
    events = "SELECT count(*) FROM order_events WHERE order_id = %s"
    before = await deaf_shop.count(events, order_id)
    again = await swept(deaf_shop)
    assert (again.missed.missed, again.differences.events_requeued) == (0, 0)
    assert await deaf_shop.count(events, order_id) == before


async def test_a_paid_order_whose_workflow_was_terminated_is_completed_by_the_sweep(
    deaf_shop: Shop,
) -> None:
    session = await opened(deaf_shop)
    seen = await deaf_shop.stripe.v1.checkout.sessions.retrieve_async(session["sessionId"])
    order_id = str(seen.client_reference_id)
    await deaf_shop.temporal.get_workflow_handle(order_id).terminate()
    await deaf_shop.pay(session["url"])
    await swept(deaf_shop)
    await in_status(deaf_shop, order_id, "COMPLETED")


async def test_an_overdue_order_whose_checkout_is_gone_is_looked_at_again_by_the_sweep(
    deaf_shop: Shop,
) -> None:
    session = await opened(deaf_shop)
    order_id = str((await deaf_shop.order(session["sessionId"]))["id"])
    checkout = deaf_shop.temporal.get_workflow_handle(order_id)
    await checkout.terminate()
    long_ago = "UPDATE orders SET session_expires_at = now() - interval '1 day' WHERE id = %s"
    await deaf_shop.database.execute(long_ago, (order_id,))
    assert order_id in (await swept(deaf_shop)).differences.overdue

    async def is_under_way() -> bool:
        return (await checkout.describe()).status is WorkflowExecutionStatus.RUNNING

    await until(is_under_way)
    await deaf_shop.switch(f"/sessions/{session['sessionId']}/expire")
    await swept(deaf_shop)
    await in_status(deaf_shop, order_id, "CANCELLED")


async def test_a_refund_that_overtakes_the_payment_is_not_forgotten(deaf_shop: Shop) -> None:
    session = await opened(deaf_shop)
    await deaf_shop.pay(session["url"])
    paid = await deaf_shop.stripe.v1.checkout.sessions.retrieve_async(session["sessionId"])
    order_id = str(paid.client_reference_id)
    await deaf_shop.stripe.v1.refunds.create_async({"payment_intent": str(paid.payment_intent)})
    charge = {"id": "ch_of_a_test", "payment_intent": str(paid.payment_intent)}
    answer = await deaf_shop.send_event("evt_refundedfirst", order_id, "charge.refunded", **charge)
    assert answer.status_code == 200
    await in_status(deaf_shop, order_id, "REFUNDED")
    order = await deaf_shop.order(session["sessionId"])
    assert await downloads(deaf_shop, order) == 403
    grants = (
        "SELECT count(*) FROM download_grants JOIN order_items "
        "ON order_items.id = order_item_id WHERE order_id = %s"
    )
    assert await deaf_shop.count(grants, order_id) == 0


async def test_a_second_payment_for_an_order_goes_back_by_itself(shop: Shop) -> None:
    order = await bought(shop)
    (item,) = order["items"]
    price = await shop.stripe.v1.prices.create_async(
        {
            "currency": "eur",
            "unit_amount": round(item["unitPrice"] * 100),
            "product_data": {"name": "The same once more"},
        }
    )
    metadata = {"order_id": order["id"], "environment": "development"}
    second = await shop.stripe.v1.checkout.sessions.create_async(
        {
            "mode": "payment",
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "https://shop.example/ok",
            "client_reference_id": order["id"],
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
        }
    )
    await shop.pay(str(second.url))
    paid = await shop.stripe.v1.checkout.sessions.retrieve_async(
        second.id, {"expand": ["payment_intent.latest_charge"]}
    )
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)

    async def is_back() -> bool:
        refunds = await shop.stripe.v1.refunds.list_async({"payment_intent": intent.id})
        return [each.amount for each in refunds.data] == [intent.amount]

    await until(is_back, within=10)
    assert (await shop.order(order["sessionId"]))["status"] == "COMPLETED"
    assert await downloads(shop, order) == 200


async def test_the_receipt_of_a_completed_order_lies_in_its_buyers_mailbox(shop: Shop) -> None:
    order = await bought(shop)

    async def is_sent() -> bool:
        query = "SELECT count(*) FROM order_events WHERE order_id = %s AND type = 'receipt_sent'"
        return await shop.count(query, order["id"]) == 1

    await until(is_sent, within=10)
