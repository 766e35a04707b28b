"""What the commands print, refuse and ask; which system they work on; what they do without it."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.orders.words import masked, span
from cli.state import Addresses
from cli.up import DATA
from sandbox.process import free_port
from tests.cli.orders.conftest import (
    SAYS,
    Operator,
    bought,
    checkout,
    decided,
    held,
    history,
    invoked,
    told,
)
from tests.end_to_end.shop import Shop

BUYER = "buyer@beatline.example"


async def test_the_list_has_what_is_stuck_first_and_masks_addresses(
    shop: Shop, operator: Operator
) -> None:
    stuck = await held(shop, operator)
    order = await bought(shop)
    listed = await told(operator, "list", "--email", BUYER, "--since", "1h")
    assert listed["orders"][0]["stuck"] is not None
    lines = {line["id"]: line for line in listed["orders"]}
    assert lines[stuck["id"]]["stuck"]["why"] == "payment_differs"
    assert lines[order["id"]] == {
        "id": order["id"],
        "status": "COMPLETED",
        "totalAmount": 39.99,
        "refundedAmount": 0.0,
        "currency": "EUR",
        "customerEmail": "b…@beatline.example",
        "createdAt": order["createdAt"],
        "paidAt": order["paidAt"],
        "stuck": None,
    }
    whole = await told(operator, "list", "--status", "COMPLETED", "--limit", "1", "--emails")
    assert [line["customerEmail"] for line in whole["orders"]] == [BUYER]
    for option in ("--attention", "--stuck"):
        alone = (await told(operator, "list", option))["orders"]
        assert stuck["id"] in [line["id"] for line in alone]
        assert all(line["stuck"] for line in alone)
    assert (await operator("cancel", stuck["id"], *SAYS)).exit_code == 1
    assert (await operator("approve", stuck["id"], *SAYS)).exit_code == 0


async def test_a_person_reads_why_an_order_is_stuck(shop: Shop, operator: Operator) -> None:
    order = await held(shop, operator)
    listed = await operator("list", "--stuck")
    assert order["id"] in listed.stdout
    assert "what was paid is not what was quoted: approve or refund" in listed.stdout
    assert BUYER not in listed.stdout
    sheet = (await operator("show", order["id"])).stdout
    for words in ("Stuck for", BUYER, "payment_held", "Held", "reported", "≠", "29.99 EUR"):
        assert words in sheet
    await operator("approve", order["id"], *SAYS)
    assert (await operator("show", order["id"])).stdout.count("≠") == 1  # the amount stays so


async def test_an_order_is_shown_by_any_of_its_ids(shop: Shop, operator: Operator) -> None:
    order = await bought(shop)
    record = await told(operator, "show", order["id"])
    assert set(record) == {
        "order",
        "stuck",
        "disputes",
        "history",
        "events",
        "downloads",
        "workflow",
        "related",
        "stripe",
        "differences",
        "missing",
    }
    assert record["order"] == await shop.order(order["sessionId"])
    assert [file["asset"] for file in record["downloads"]] == ["master", "stems"]
    assert (record["workflow"]["id"], record["workflow"]["type"]) == (order["id"], "Checkout")
    assert (record["differences"], record["missing"]) == ([], {})
    event = record["events"][0]["id"]
    for reference in (order["sessionId"], order["paymentId"], event):
        assert (await told(operator, "show", reference))["order"]["id"] == order["id"]


async def test_what_is_no_order_is_told_in_a_sentence(operator: Operator) -> None:
    for command in (("show",), ("retry", *SAYS), ("refund", "--yes", *SAYS), ("resend", *SAYS)):
        result = await operator(command[0], "ord_nowhere", *command[1:])
        assert result.exit_code == 1
        assert result.stderr == "No order is known by ord_nowhere.\n"


async def test_a_refund_shows_what_it_does_and_asks(shop: Shop, operator: Operator) -> None:
    order = await bought(shop)
    command = ("refund", order["id"], "--amount", "10.00", *SAYS)
    for answer in ("n\n", ""):
        refused = await operator(*command, says=answer)
        assert refused.exit_code == 1
    assert "39.99 EUR" in refused.stderr
    assert "29.99 EUR" in refused.stderr
    record = await told(operator, "show", order["id"])
    assert record["stripe"]["refundedAmount"] == 0
    assert decided(await history(operator, order["id"]), "refund_decided") == []
    granted = await operator(*command, says="y\n")
    assert granted.exit_code == 0
    assert "10.00 EUR sent back. It is COMPLETED now." in granted.stdout


@pytest.mark.parametrize(
    ("amount", "code", "words"),
    [
        ("50", 1, "39.99 EUR is left"),
        ("0.001", 1, "no whole number"),
        ("0", 2, "above zero"),
        ("NaN", 2, "above zero"),
        ("ten", 2, "such as 10.00"),
    ],
)
async def test_an_amount_that_cannot_go_back_is_refused(
    shop: Shop, operator: Operator, amount: str, code: int, words: str
) -> None:
    order = await bought(shop)
    result = await operator("refund", order["id"], "--amount", amount, "--yes", *SAYS)
    assert (result.exit_code, words in result.stderr) == (code, True)
    assert decided(await history(operator, order["id"]), "refund_decided") == []


async def test_what_an_order_does_not_wait_for_is_refused(shop: Shop, operator: Operator) -> None:
    order = await checkout(shop)
    cases = {
        "approve": "There is nothing to decide: the payment is waiting.",
        "refund": f"No money was received for {order['id']}: its payment is awaited.",
        "resend": f"{order['id']} is PENDING: there is no receipt to send.",
    }
    for command, words in cases.items():
        result = await operator(command, order["id"], *SAYS)
        assert (result.exit_code, result.stderr.strip()) == (1, words)
    await shop.pay(order["url"])
    await shop.order_in("COMPLETED", order["sessionId"])
    await shop.temporal.get_workflow_handle(order["id"]).result()  # the receipt is sent
    for command in ("approve", "cancel"):
        result = await operator(command, order["id"], *SAYS)
        words = f"The checkout of {order['id']} has ended, and the order is COMPLETED."
        assert (result.exit_code, result.stderr.strip()) == (1, words)
    events = [event for event, _ in await history(operator, order["id"])]
    assert not [event for event in events if event.endswith("_decided")]


@pytest.mark.parametrize("mail_server", ["up", "away"])
async def test_a_look_at_a_finished_order_finds_what_was_missed(
    shop: Shop, operator: Operator, mail_server: str
) -> None:
    faults = f"{shop.addresses.mailbox}/_emulator/faults"
    if mail_server == "away":  # so the checkout is under way, with nothing but the receipt to do
        await shop.http.post(faults, json={"code": 451})
    try:
        await _refund_that_nobody_reports(shop, operator)
    finally:
        await shop.http.delete(faults)


async def _refund_that_nobody_reports(shop: Shop, operator: Operator) -> None:
    order = await bought(shop)
    await shop.switch("/faults", on="webhooks", effect="drop", type="charge.*")
    try:
        await shop.stripe.v1.refunds.create_async({"payment_intent": order["paymentId"]})
    finally:
        await shop.switch_off()
    assert (await told(operator, "show", order["id"]))["differences"] == ["refunded"]
    acted = await told(operator, "retry", order["id"], *SAYS)
    assert acted["status"] == "REFUNDED"


@pytest.mark.parametrize(
    "arguments",
    [
        ("retry", "ord_1"),
        ("retry", "ord_1", "--reason", "  "),
        ("retry", "ord_1", "--reason", "x" * 501),
        ("retry", "ord_1", "--reason", "\x1b[2J"),
        ("list", "--status", "LOST"),
        ("list", "--since", "yesterday"),
        ("list", "--since", "999999d"),
        ("refund", "ord_1", "--reason", "r", "--amount", "0"),
        ("refund", "ord_1", "--reason", "r", "--amount", "1E+999999"),
        ("list", "--limit", "0"),
        ("reconcile", "--hours", "0"),
        ("show",),
        ("unknown",),
    ],
)
async def test_a_command_that_cannot_be_understood_is_a_usage_error(
    operator: Operator, arguments: tuple[str, ...]
) -> None:
    assert (await operator(*arguments)).exit_code == 2


def away(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """An environment in which the database alone is there."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    monkeypatch.delenv("STRIPE_SECRET_KEY", raising=False)


async def test_an_order_is_shown_without_those_who_do_not_answer(
    shop: Shop, operator: Operator, addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await bought(shop)
    away(monkeypatch, addresses.database_url)
    shown = await invoked("show", order["id"], "--json")
    record = json.loads(shown.stdout)
    assert record["order"] == order
    assert (record["workflow"], record["stripe"]) == (None, None)
    assert record["missing"]["workflow"].startswith("Temporal is unavailable")
    assert record["missing"]["stripe"] == "STRIPE_SECRET_KEY is not set"
    for_people = (await invoked("show", order["id"])).stdout
    assert "Without Stripe's word: STRIPE_SECRET_KEY is not set." in for_people
    assert "Temporal knows of no checkout" not in for_people
    refused = await invoked("retry", order["id"], *SAYS)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Temporal is unavailable")
    monkeypatch.undo()
    assert not decided(await history(operator, order["id"]), "retry_decided")


def test_without_a_system_the_commands_say_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for arguments in (["list"], ["list", "--data", str(tmp_path)]):
        result = CliRunner().invoke(app, ["orders", *arguments])
        assert result.exit_code == 1
        assert result.stderr.startswith(f"No system runs on {tmp_path}")
        assert "--data" in result.stderr


async def test_a_database_of_ones_own_is_never_taken_for_the_usual_folders(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / DATA).symlink_to(addresses.data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop:hidden@db.example/shop")
    refused = await invoked("list")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("DATABASE_URL names another database")
    assert "hidden" not in refused.stderr
    monkeypatch.setenv("DATABASE_URL", addresses.database_url)
    assert (await invoked("list", "--json")).exit_code == 0


def test_the_program_ends_at_once_with_all_that_it_had_to_say(addresses: Addresses) -> None:
    """Its own end is not Python's, so nothing may be lost with it."""
    program = [sys.executable, "-m", "cli", "orders"]
    listed = run([*program, "list", "--json", "--data", addresses.data])
    assert (listed.returncode, listed.stderr) == (0, "")
    assert json.loads(listed.stdout)["inbox"]["undelivered"] >= 0
    refused = run([*program, "show", "ord_nowhere", "--data", addresses.data])
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "No order is known by ord_nowhere.\n"


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize(
    ("email", "shown"),
    [("buyer@shop.example", "b…@shop.example"), ("@", "…@"), (None, ""), ("nobody", "…@nobody")],
)
def test_an_address_is_masked(email: str | None, shown: str) -> None:
    assert masked(email) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (172800, "2 d")],
)
def test_a_time_is_told_in_the_unit_that_matters(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
