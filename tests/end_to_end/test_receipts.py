"""Receipts as a buyer gets them: through a real mail server, asked for over HTTP."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.shop import Shop
from tests.waiting import until


@pytest.fixture
def email(request: pytest.FixtureRequest) -> str:
    """Each test's own buyer."""
    name = re.sub(r"\W+", "-", request.node.name)[-50:]
    return f"{name}@beatline.example"


async def buy(shop: Shop, email: str, *licenses: str) -> dict[str, Any]:
    """A COMPLETED order of one beat for each license."""
    beats = await shop.full_beats()
    items = [
        {"beatId": beat["id"], "licenseType": kind, "quantity": 1}
        for beat, kind in zip(beats, licenses, strict=False)
    ]
    session = (await shop.check_out({"items": items})).json()
    await shop.pay(session["url"], email=email)
    return await shop.order_in("COMPLETED", session["sessionId"])


async def ask(shop: Shop, order: dict[str, Any]) -> httpx.Response:
    body = {"orderId": order["id"], "customerEmail": order["customerEmail"]}
    return await shop.http.post("/api/orders/resend-email", json=body)


async def letters(shop: Shop, email: str) -> list[dict[str, Any]]:
    """What lies in the sandbox's mailbox for an address."""
    answer = await shop.http.get(f"{shop.addresses.mailbox}/messages", params={"to": email})
    found: list[dict[str, Any]] = answer.json()
    return found


async def newest(shop: Shop, email: str) -> dict[str, Any]:
    """The last letter to an address, once there is one."""

    async def arrived() -> list[dict[str, Any]]:
        return await letters(shop, email)

    return (await until(arrived))[0]


async def outage(shop: Shop, **fault: int) -> None:
    await shop.http.post(f"{shop.addresses.mailbox}/_emulator/faults", json=fault)


async def test_a_buyer_who_lost_the_receipt_gets_it_again(shop: Shop, email: str) -> None:
    order = await buy(shop, email, "WAV_LEASE", "TRACKOUT_LEASE", "UNLIMITED_LEASE")
    answer = await ask(shop, order)
    assert (answer.status_code, answer.json()["data"]) == (200, {"orderId": order["id"]})
    letter = await newest(shop, email)
    assert letter["from"] == "Beatline <receipts@beatline.example>"
    assert letter["to"] == [email]
    assert letter["subject"] == "Your receipt from Beatline"
    for part in (letter["text"], letter["html"]):
        assert order["id"] in part
        assert f"{order['totalAmount']} EUR" in part
        for item, name in zip(order["items"], ("WAV", "Trackout", "Unlimited"), strict=True):
            assert item["beat"]["title"] in part
            assert f"{name} Lease" in part
            assert all(right in part for right in item["usageRights"])
        assert "/api/download" not in part
    (link,) = re.findall(r"https?://\S+", letter["text"])
    assert link == f"{shop.addresses.api}/success?session_id={order['sessionId']}"
    assert f'href="{link}"' in letter["html"]
    assert (await shop.order(link.partition("session_id=")[2]))["id"] == order["id"]


async def test_a_mailbox_that_is_away_gets_the_receipt_when_it_is_back(
    shop: Shop, email: str
) -> None:
    order = await buy(shop, email, "WAV_LEASE")
    await outage(shop, times=2)
    assert (await ask(shop, order)).status_code == 200
    await newest(shop, email)
    assert (await shop.order(order["sessionId"]))["status"] == "COMPLETED"


async def test_a_receipt_that_is_refused_is_shown_in_the_orders_history(
    shop: Shop, email: str
) -> None:
    order = await buy(shop, email, "WAV_LEASE")
    query = (
        "SELECT count(*) FROM order_events WHERE order_id = %s AND type = 'receipt_failed'"
        " AND detail ->> 'reason' = 'refused by the mail server: SMTPDataError 550 5.3.0'"
    )

    async def is_noted() -> bool:
        return await shop.count(query, order["id"]) == 1

    await outage(shop, code=550)
    try:
        await ask(shop, order)
        await until(is_noted)
    finally:
        await shop.http.delete(f"{shop.addresses.mailbox}/_emulator/faults")
    assert (await shop.order(order["sessionId"]))["status"] == "COMPLETED"


async def test_no_log_and_no_history_names_the_buyer(shop: Shop, email: str) -> None:
    order = await buy(shop, email, "WAV_LEASE")
    await ask(shop, order)
    await newest(shop, email)
    for part in ("api", "worker"):
        assert email not in (Path(shop.addresses.data) / "logs" / f"{part}.log").read_text("utf-8")
    query = f"WorkflowId STARTS_WITH 'receipt:{order['id']}:'"

    async def listed() -> list[Any]:
        return [each async for each in shop.temporal.list_workflows(query)]

    for each in await until(listed):
        history = await shop.temporal.get_workflow_handle(each.id).fetch_history()
        told = "".join(str(event) for event in history.events)
        assert order["id"] in told
        assert email not in told
