"""The runbook's procedures, each carried out on a whole system with the fault that calls for it."""

from functools import partial
from typing import Any

import pytest

from tests.cli.orders.conftest import (
    SAYS,
    Operator,
    bought,
    checkout,
    decided,
    held,
    history,
    told,
)
from tests.end_to_end.shop import Shop
from tests.waiting import until

DECIDED = [("A Tester", "as tested")]
DISPUTED_AT_ONCE = "4000000000000259"
DISK_FULL = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE disk_full; END $$;
    CREATE TRIGGER disk_full BEFORE INSERT ON download_grants
        FOR EACH STATEMENT EXECUTE FUNCTION disk_full();
"""


async def record_of(operator: Operator, order: dict[str, Any]) -> Any:
    return await told(operator, "show", order["id"])


async def downloads(shop: Shop, order: dict[str, Any]) -> int:
    """What a buyer who asks for the files is answered."""
    body = {"customerEmail": "buyer@beatline.example"}
    path = f"/api/download/multi-order/{order['id']}"
    return (await shop.http.post(path, json=body)).status_code


async def test_a_held_payment_is_approved_and_the_files_are_granted(
    shop: Shop, operator: Operator
) -> None:
    order = await held(shop, operator)
    record = await record_of(operator, order)
    assert record["stuck"]["why"] == "payment_differs"
    assert record["differences"] == ["state", "amount"]
    assert record["workflow"]["details"].startswith("**Held** since")
    assert await downloads(shop, order) == 409
    acted = await told(operator, "approve", order["id"], *SAYS)
    assert (acted["act"], acted["status"]) == ("approve", "COMPLETED")
    assert await downloads(shop, order) == 200
    assert decided(await history(operator, order["id"]), "approve_decided") == DECIDED
    assert (await record_of(operator, order))["stuck"] is None


async def test_a_held_payment_is_sent_back_and_nothing_is_granted(
    shop: Shop, operator: Operator
) -> None:
    order = await held(shop, operator)
    refunded = await told(operator, "refund", order["id"], "--yes", *SAYS)
    assert (refunded["amount"], refunded["payment"], refunded["status"]) == (
        39.99,
        "refunded",
        "REFUNDED",
    )
    assert await downloads(shop, order) == 403
    record = await record_of(operator, order)
    assert (record["stuck"], record["downloads"]) == (None, [])
    assert record["stripe"]["isRefundedInFull"]

    async def is_over() -> bool:
        return bool((await record_of(operator, order))["workflow"]["status"] == "completed")

    await until(is_over)
    details = (await record_of(operator, order))["workflow"]["details"]
    assert details.startswith("REFUNDED")
    assert decided(await history(operator, order["id"]), "refund_decided") == DECIDED


async def test_a_lost_webhook_is_made_up_for_by_a_reconciliation(
    shop: Shop, operator: Operator
) -> None:
    order = await checkout(shop)
    await shop.switch("/faults", on="webhooks", effect="drop", type="checkout.session.*")
    try:
        await shop.pay(order["url"])
    finally:
        await shop.switch_off()
    assert (await record_of(operator, order))["differences"] == ["state"]
    report = await told(operator, "reconcile", "--hours", "1")
    assert report["eventsMissed"] >= 1
    await shop.order_in("COMPLETED", order["sessionId"])
    again = await told(operator, "reconcile", "--hours", "1")
    assert (again["eventsMissed"], again["eventsRequeued"]) == (0, 0)
    assert again["eventsSeen"] == report["eventsSeen"]


async def test_a_buyer_who_says_they_paid_is_believed_by_stripes_word(
    shop: Shop, operator: Operator
) -> None:
    order = await checkout(shop)
    await shop.switch("/faults", on="webhooks", effect="drop", type="checkout.session.*")
    try:
        await shop.pay(order["url"])
    finally:
        await shop.switch_off()
    acted = await told(operator, "retry", order["sessionId"], *SAYS)
    assert acted["status"] == "COMPLETED"
    assert decided(await history(operator, order["id"]), "retry_decided") == DECIDED


async def test_a_terminated_checkout_is_started_again(shop: Shop, operator: Operator) -> None:
    order = await checkout(shop)
    await shop.temporal.get_workflow_handle(order["id"]).terminate("by mistake")
    assert (await record_of(operator, order))["workflow"]["status"] == "terminated"
    refused = await operator("cancel", order["id"], *SAYS)
    assert refused.exit_code == 1
    assert "retry starts it again" in refused.stderr
    acted = await told(operator, "retry", order["id"], *SAYS)
    assert acted["status"] == "PENDING"
    assert "started again" in acted["outcome"]
    assert (await record_of(operator, order))["workflow"]["status"] == "running"
    assert decided(await history(operator, order["id"]), "retry_decided") == DECIDED
    await shop.pay(order["url"])
    await shop.order_in("COMPLETED", order["sessionId"])


async def test_a_paid_order_whose_files_cannot_be_granted_goes_on_once_they_can(
    shop: Shop, operator: Operator
) -> None:
    """The database is full; and before it is mended, the checkout is terminated by mistake."""
    order = await checkout(shop)
    await shop.database.execute(DISK_FULL)
    try:
        await shop.pay(order["url"])

        async def is_tried_again() -> bool:
            workflow = (await record_of(operator, order))["workflow"]
            return any(step["failure"] for step in workflow["steps"])

        await until(is_tried_again)
        record = await record_of(operator, order)
        (step,) = record["workflow"]["steps"]
        assert (step["name"], step["failure"]) == (
            "issue_downloads",
            "PostgreSQL is unavailable: DiskFull 53100",
        )
        assert record["order"]["status"] == "PAID"
        await shop.temporal.get_workflow_handle(order["id"]).terminate("by mistake")
    finally:
        await shop.database.execute("DROP FUNCTION disk_full CASCADE")
    acted = await told(operator, "retry", order["id"], *SAYS)
    assert acted["status"] == "COMPLETED"


async def came_back(shop: Shop, operator: Operator, order: dict[str, Any]) -> None:
    """Has the buyer's bank return an order's refund, and waits until that is known."""
    refunds = await shop.stripe.v1.refunds.list_async({"payment_intent": order["paymentId"]})
    await shop.switch(f"/refunds/{refunds.data[0].id}/settle", outcome="failed")

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


async def test_a_sold_file_that_was_lost_is_put_back(shop: Shop, operator: Operator) -> None:
    order = await checkout(shop, 1)
    lose = "DELETE FROM beat_assets WHERE beat_id = %s AND kind = 'stems' RETURNING *"
    lost = await shop.database.execute(lose, (order["items"][0]["beatId"],))
    file = await lost.fetchone()
    assert file is not None
    await shop.pay(order["url"])

    async def is_stuck() -> bool:
        stuck = (await record_of(operator, order))["stuck"]
        return stuck is not None and stuck["why"] == "file_missing"

    await until(is_stuck)
    blanks = ", ".join(["%s"] * len(file))
    await shop.database.execute(f"INSERT INTO beat_assets VALUES ({blanks})", file)  # noqa: S608
    acted = await told(operator, "retry", order["id"], *SAYS)
    assert acted["status"] == "COMPLETED"


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
    page = await second_page(shop, order)
    await shop.pay(page, card_number=DISPUTED_AT_ONCE)

    async def is_kept() -> bool:
        stuck = (await record_of(operator, order))["stuck"]
        return stuck is not None and stuck["why"] == "second_payment_kept"

    await until(is_kept)
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


async def test_files_that_nobody_can_look_for_are_granted_once_cloudinary_answers(
    shop: Shop, operator: Operator
) -> None:
    order = await checkout(shop, 2)
    await shop.database.execute("UPDATE beat_assets SET verified_at = NULL")
    faults = f"{shop.addresses.cloudinary}/_emulator/faults"
    spent = {"path": "/resources/", "status": 420, "retry_after": 1800}
    assert (await shop.http.post(faults, json=spent)).status_code == 200
    try:
        await shop.pay(order["url"])

        async def is_stuck() -> bool:
            stuck = (await record_of(operator, order))["stuck"]
            return stuck is not None and stuck["why"] == "files_unreachable"

        await until(is_stuck)
        (step,) = (await record_of(operator, order))["workflow"]["steps"]
        assert step["name"] == "issue_downloads"
        assert step["failure"].startswith("Cloudinary is unavailable")
    finally:
        await shop.http.delete(faults)
    acted = await told(operator, "retry", order["id"], *SAYS)
    assert acted["status"] == "COMPLETED"


async def test_an_unpaid_order_is_cancelled_and_its_page_takes_no_money(
    shop: Shop, operator: Operator
) -> None:
    order = await checkout(shop)
    acted = await told(operator, "cancel", order["id"], *SAYS)
    assert acted["status"] == "CANCELLED"
    assert (await shop.pay(order["url"])).status_code == 410
    record = await record_of(operator, order)
    assert record["stripe"]["state"] == "expired"
    assert decided(await history(operator, order["id"]), "cancel_decided") == DECIDED


async def test_a_receipt_that_was_refused_is_sent_once_the_server_takes_mail(
    shop: Shop, operator: Operator
) -> None:
    faults = f"{shop.addresses.mailbox}/_emulator/faults"
    assert (await shop.http.post(faults, json={"code": 550})).status_code == 200
    try:
        order = await bought(shop)

        async def is_stuck() -> bool:
            stuck = (await record_of(operator, order))["stuck"]
            return stuck is not None and stuck["why"] == "receipt_unsent"

        await until(is_stuck)
        refused = await operator("resend", order["id"], *SAYS)
        assert refused.exit_code == 1
        assert "the receipt was not sent: refused by the mail server: " in refused.stderr
    finally:
        await shop.http.delete(faults)
    sent = await told(operator, "resend", order["id"], *SAYS)
    assert sent["outcome"] == "sent"
    record = await record_of(operator, order)
    assert record["stuck"] is None
    assert [each["type"] for each in record["related"]] == ["Receipt", "Receipt"]
    assert decided(await history(operator, order["id"]), "resend_decided") == 2 * DECIDED


async def test_an_event_about_an_order_we_never_made_is_shown(
    shop: Shop, operator: Operator
) -> None:
    answer = await shop.send_event("evt_of_nobody", "ord_of_nobody")
    assert answer.status_code == 200

    async def is_shown() -> bool:
        inbox = await told(operator, "inbox")
        return "evt_of_nobody" in [event["id"] for event in inbox["unknown"]["oldest"]]

    await until(is_shown)
    assert (await told(operator, "list"))["inbox"]["unknown"] >= 1


FAILING = """
    INSERT INTO webhook_events (
        id, type, object_id, order_id, created_at, received_at, attempts, failure, next_try_at
    ) VALUES (
        'evt_that_fails', 'checkout.session.completed', 'cs_1', 'ord_1', now(),
        now() - interval '1 hour', 9, 'Temporal is unavailable: INVALID_ARGUMENT',
        now() + interval '1 hour'
    )
"""


async def test_an_event_that_fails_again_and_again_is_told_apart_with_why(
    shop: Shop, operator: Operator
) -> None:
    await shop.database.execute(FAILING)
    try:
        inbox = await told(operator, "inbox")
        (event,) = inbox["failing"]["oldest"]
        assert (event["id"], event["attempts"]) == ("evt_that_fails", 9)
        assert "evt_that_fails" not in [each["id"] for each in inbox["undelivered"]["oldest"]]
        assert (await told(operator, "list"))["inbox"]["failing"] == 1
        shown = await operator("inbox")
        assert "1 events fail again and again" in shown.stdout
        assert "INVALID_ARGUMENT" in shown.stdout
    finally:
        await shop.database.execute("DELETE FROM webhook_events WHERE id = 'evt_that_fails'")
