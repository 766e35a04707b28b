"""The runbook's procedures for money that goes back, comes back or is disputed."""

from functools import partial
from typing import Any

import pytest

from tests.cli.orders.conftest import (
    DECIDED,
    SAYS,
    Operator,
    bought,
    decided,
    downloads,
    held,
    history,
    record_of,
    told,
)
from tests.end_to_end.shop import Shop
from tests.waiting import until

DISPUTED_AT_ONCE = "4000000000000259"


async def came_back(shop: Shop, operator: Operator, order: dict[str, Any]) -> None:
    """Has the buyer's bank return an order's first refund, and waits until that is known."""
    refunds = await shop.stripe.v1.refunds.list_async({"payment_intent": order["paymentId"]})
    await shop.switch(f"/refunds/{refunds.data[-1].id}/settle", outcome="failed")

    async def is_known() -> bool:
        stuck = (await record_of(operator, order))["stuck"]
        return stuck is not None and stuck["why"] == "refund_failed"

    await until(is_known)


async def test_a_refund_that_the_bank_returned_is_made_again(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    command = ("refund", order["id"], "--yes", *SAYS)
    first = await told(operator, *command)
    await came_back(shop, operator, order)
    record = await record_of(operator, order)
    assert (record["order"]["status"], record["differences"]) == ("COMPLETED", [])
    assert await downloads(shop, order) == 200
    again = await told(operator, *command)
    assert again == first
    record = await record_of(operator, order)
    assert (record["order"]["status"], record["stuck"]) == ("REFUNDED", None)
    assert record["differences"] == []
    assert record["stripe"]["isRefundedInFull"]


async def test_of_equal_refunds_the_one_that_came_back_is_made_again(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    command = ("refund", order["id"], "--amount", "10", "--yes", *SAYS)
    first, second = await told(operator, *command), await told(operator, *command, "--nth", "2")
    await came_back(shop, operator, order)
    again = await told(operator, *command)
    assert again["refundId"] == first["refundId"] != second["refundId"]
    record = await record_of(operator, order)
    assert (record["stripe"]["refundedAmount"], record["stuck"]) == (20.0, None)
    another = await told(operator, *command, "--nth", "3")
    assert another["refundId"] not in (first["refundId"], second["refundId"])
    assert (await record_of(operator, order))["stripe"]["refundedAmount"] == 30.0


async def test_a_refund_that_is_asked_for_twice_is_made_once(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    command = ("refund", order["id"], "--amount", "10", "--yes", *SAYS)
    too_far = await operator(*command, "--nth", "2")
    await told(operator, *command)
    again = await operator(*command)
    assert (too_far.exit_code, again.exit_code) == (1, 1)
    assert "so far: 0. Give --nth 1" in too_far.stderr
    assert "sent back" in again.stderr
    assert "--nth 2" in again.stderr
    await told(operator, "refund", order["id"], "--amount", "5", "--yes", *SAYS)  # is another
    assert (await record_of(operator, order))["stripe"]["refundedAmount"] == 15.0


async def test_a_second_payment_is_not_taken_for_the_orders_own(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    await pay_twice(shop, operator, order)
    disputes = await shop.stripe.v1.disputes.list_async({"limit": 1})
    second = str(disputes.data[0].payment_intent)
    assert second != order["paymentId"]
    refused = await operator("refund", second, "--yes", *SAYS)
    assert refused.exit_code == 1
    assert f"{second} is not {order['id']}'s own payment" in refused.stderr
    assert await downloads(shop, order) == 200
    assert (await record_of(operator, order))["stripe"]["refundedAmount"] == 0


async def test_of_two_things_that_wait_the_one_that_is_named_is_dismissed(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    await shop.database.execute(
        "UPDATE orders SET attention = 'second_payment_kept', attention_since = now(),"
        " attention_behind = jsonb_build_object('refund_failed', now()) WHERE id = %s",
        (order["id"],),
    )
    refused = await operator("dismiss", order["id"], *SAYS)
    assert refused.exit_code == 1
    assert "--what second-payment or refund" in refused.stderr
    command = ("dismiss", order["id"], "--what", "refund", *SAYS)
    assert (await told(operator, *command))["outcome"] == "the refund that came back is seen to"
    assert (await record_of(operator, order))["stuck"]["why"] == "second_payment_kept"
    assert (await operator(*command)).exit_code == 1  # twice does nothing twice
    await told(operator, "dismiss", order["id"], *SAYS)
    assert (await record_of(operator, order))["stuck"] is None
    lines = [detail for event, detail in await history(operator, order["id"]) if "dismiss" in event]
    assert [line["why"] for line in lines] == ["refund_failed", "second_payment_kept"]


async def test_a_refund_that_came_back_and_was_paid_another_way_is_dismissed(
    shop: Shop, operator: Operator
) -> None:
    order = await bought(shop)
    await told(operator, "refund", order["id"], "--amount", "10", "--yes", *SAYS)
    await came_back(shop, operator, order)
    acted = await told(operator, "dismiss", order["id"], *SAYS)
    assert (acted["act"], acted["status"]) == ("dismiss", "COMPLETED")
    await told(operator, "retry", order["id"], *SAYS)  # a look that finds nothing new
    assert (await record_of(operator, order))["stuck"] is None
    assert decided(await history(operator, order["id"]), "dismiss_decided") == DECIDED
    assert (await operator("dismiss", order["id"], *SAYS)).exit_code == 1


@pytest.mark.parametrize(("end", "status"), [("won", "COMPLETED"), ("lost", "DISPUTED")])
async def test_a_held_payment_that_is_disputed_is_decided_once_the_bank_has(
    shop: Shop, operator: Operator, end: str, status: str
) -> None:
    order = await held(shop, operator)
    payment_id = (await record_of(operator, order))["order"]["paymentId"]
    dispute = await shop.switch("/disputes", payment_intent=payment_id)

    async def shows(status: str, words: str) -> bool:
        record = await record_of(operator, order)
        details = record["workflow"]["details"] or ""
        return bool(record["order"]["status"] == status and words in details)

    await until(partial(shows, "DISPUTED", "**Held and disputed**"))
    assert (await record_of(operator, order))["stuck"]["why"] == "payment_differs"
    assert await downloads(shop, order) == 403
    await shop.switch(f"/disputes/{dispute['id']}/close", outcome=end)
    if end == "won":
        await until(partial(shows, "PENDING", "**Held** since"))
        await told(operator, "approve", order["id"], *SAYS)
    await until(partial(shows, status, status))
    record = await record_of(operator, order)
    assert (record["stuck"], record["workflow"]["status"]) == (None, "completed")
    assert await downloads(shop, order) == (200 if end == "won" else 403)


async def test_money_goes_back_in_part_and_then_all_of_it(shop: Shop, operator: Operator) -> None:
    order = await bought(shop)
    part = await told(operator, "refund", order["id"], "--amount", "10", "--yes", *SAYS)
    assert (part["amount"], part["payment"], part["status"]) == (10.0, "paid", "COMPLETED")
    record = await record_of(operator, order)
    assert record["order"]["refundedAmount"] == record["stripe"]["refundedAmount"] == 10.0
    assert await downloads(shop, order) == 200
    rest = await told(operator, "refund", order["paymentId"], "--yes", *SAYS)
    assert (rest["amount"], rest["status"]) == (29.99, "REFUNDED")
    assert await downloads(shop, order) == 403
    assert decided(await history(operator, order["id"]), "refund_decided") == 2 * DECIDED
    over = await operator("refund", order["id"], "--yes", *SAYS)
    assert (over.exit_code, "has gone back" in over.stderr) == (1, True)


@pytest.mark.parametrize(("end", "answer"), [("won", 200), ("lost", 403)])
async def test_a_disputed_order_is_closed_until_the_bank_has_decided(
    shop: Shop, operator: Operator, end: str, answer: int
) -> None:
    order = await bought(shop)
    dispute = await shop.switch("/disputes", payment_intent=order["paymentId"])
    await shop.order_in("DISPUTED", order["sessionId"])
    assert await downloads(shop, order) == 403
    assert (await record_of(operator, order))["disputes"] == {dispute["id"]: "open"}
    refused = await operator("refund", order["id"], "--yes", *SAYS)
    assert (refused.exit_code, "in dispute" in refused.stderr) == (1, True)
    await shop.switch(f"/disputes/{dispute['id']}/close", outcome=end)

    async def is_decided() -> bool:
        return bool((await record_of(operator, order))["disputes"] == {dispute["id"]: end})

    await until(is_decided)
    record = await record_of(operator, order)
    assert record["differences"] == []
    assert [each["type"] for each in record["related"]] == ["PaymentReview"]
    assert await downloads(shop, order) == answer


@pytest.mark.parametrize("is_lost", [False, True])  # the event that tells of it
async def test_a_second_payment_that_stripe_kept_is_settled_once_the_bank_has_decided(
    shop: Shop, operator: Operator, is_lost: bool
) -> None:
    order = await bought(shop)
    await pay_twice(shop, operator, order)
    disputes = await shop.stripe.v1.disputes.list_async({})
    await shop.switch("/faults", on="webhooks", effect="drop" if is_lost else "double", type="*")
    try:
        await shop.switch(f"/disputes/{disputes.data[0].id}/close", outcome="lost")
        if is_lost:
            await told(operator, "retry", order["id"], *SAYS)

        async def is_settled() -> bool:
            return (await record_of(operator, order))["stuck"] is None

        await until(is_settled)
    finally:
        await shop.switch_off()
    lines = await history(operator, order["id"])
    assert lines[-1][0] == "second_payment_refunded"
    assert decided(lines, "retry_decided") == (DECIDED if is_lost else [])
    assert await downloads(shop, order) == 200


async def pay_twice(shop: Shop, operator: Operator, order: dict[str, Any]) -> None:
    """Has the order paid a second time, by a payment that Stripe will not send back."""
    page = await second_page(shop, order)
    await shop.pay(page, card_number=DISPUTED_AT_ONCE)

    async def is_kept() -> bool:
        stuck = (await record_of(operator, order))["stuck"]
        return stuck is not None and stuck["why"] == "second_payment_kept"

    await until(is_kept)


async def second_page(shop: Shop, order: dict[str, Any]) -> str:
    """Another page for the same order, as two tabs that race may leave one."""
    metadata = {"order_id": order["id"], "environment": "development"}
    beat, *_ = await shop.full_beats()
    session = await shop.stripe.v1.checkout.sessions.create_async(
        {
            "mode": "payment",
            "line_items": [{"price": beat["stripeTrackoutPriceId"], "quantity": 1}],
            "success_url": shop.returns()["successUrl"],
            "client_reference_id": order["id"],
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
        }
    )
    return str(session.url)
