"""The runbook's procedures, each carried out on a whole system with the fault that calls for it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cli.orders.conftest import (
    DECIDED,
    SAYS,
    Operator,
    bought,
    checkout,
    decided,
    downloads,
    held,
    history,
    record_of,
    told,
)
from tests.end_to_end.shop import Shop
from tests.waiting import until

DISK_FULL = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE disk_full; END $$;
    CREATE TRIGGER disk_full BEFORE INSERT ON download_grants
        FOR EACH STATEMENT EXECUTE FUNCTION disk_full();
"""


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


async def paid_unheard(shop: Shop) -> dict[str, Any]:
    """A PENDING order that was paid, and of which no webhook told."""
    order = await checkout(shop)
    await shop.switch("/faults", on="webhooks", effect="drop", type="checkout.session.*")
    try:
        await shop.pay(order["url"])
    finally:
        await shop.switch_off()
    return order


async def test_a_lost_webhook_is_made_up_for_by_a_reconciliation(
    shop: Shop, operator: Operator
) -> None:
    order = await paid_unheard(shop)
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
    order = await paid_unheard(shop)
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


SWEPT = """
    INSERT INTO sweeps (began_at) VALUES (now() - interval '3 hours')
    ON CONFLICT (id) DO UPDATE SET began_at = GREATEST(sweeps.began_at, excluded.began_at)
"""


async def test_the_inbox_says_when_our_books_were_last_compared_with_stripes(
    shop: Shop, operator: Operator
) -> None:
    await shop.database.execute(SWEPT)
    shown = (await operator("inbox")).stdout
    words = r"The last reconciliation that came to its end began \d+ (s|min|h) ago\."
    assert re.search(words, shown)
    began_at = datetime.fromisoformat((await told(operator, "inbox"))["lastReconciliation"])
    assert began_at > datetime.now(UTC) - timedelta(hours=4)


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
