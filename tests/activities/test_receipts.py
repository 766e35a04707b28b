"""The receipt's steps against real books and a real mailbox, each run twice or torn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

import worker
from activities.receipts import Receipt, ReceiptActivities, UnsentReceipt
from database import receipts
from database.engine import Database
from database.tables import orders
from domain.errors import MailRefused, OrderNotFound, Unavailable
from domain.order import OrderStatus
from domain.receipt import ReceiptOutcome
from gateways.mail import Mailer, Sender
from gateways.smtp_server import SmtpServer
from sandbox.mailbox.app import create_app
from sandbox.process import free_port
from settings import MailSettings, load
from tests.making import BUYER, TRACKOUT, history, place, publication, publish, sell
from tests.sandbox.serving import served

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SENT, SKIPPED = ReceiptOutcome.SENT, ReceiptOutcome.SKIPPED


@dataclass(frozen=True)
class Mailbox:
    http: httpx.Client
    smtp_port: int

    def letters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/messages").json()
        return found

    def message_ids(self) -> list[str]:
        sources = (self.http.get(f"/messages/{each['id']}/raw").text for each in self.letters())
        lines = (line for source in sources for line in source.splitlines())
        return [line for line in lines if line.startswith("Message-ID:")]


@pytest.fixture(scope="module")
def session_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    port = free_port()
    app = create_app(tmp_path_factory.mktemp("letters"), "127.0.0.1", port)
    with served(app) as url, httpx.Client(base_url=url) as http:
        yield Mailbox(http, port)


@pytest.fixture
def mailbox(session_mailbox: Mailbox) -> Mailbox:
    """A mailbox that works, and in which there is nothing yet."""
    session_mailbox.http.delete("/messages")
    session_mailbox.http.delete("/_emulator/faults")
    return session_mailbox


@pytest.fixture
def steps(database: Database, mailbox: Mailbox) -> ReceiptActivities:
    server = SmtpServer.from_url(f"smtp://127.0.0.1:{mailbox.smtp_port}")
    mailer = Mailer(server, Sender("receipts@shop.example", "Beat Shop"))
    return ReceiptActivities(database, mailer, lambda: NOW)


@pytest.fixture
async def order_id(database: Database) -> str:
    await publish(database, publication("dusk", title="Dusk\r\nBcc: other@example.com"))
    return await sell(database, ("dusk", TRACKOUT))


async def notes(database: Database, order_id: str) -> list[tuple[str, dict[str, str]]]:
    return [line for line in await history(database, order_id) if line[0].startswith("receipt")]


async def test_a_completed_order_is_told_to_its_buyer(
    steps: ReceiptActivities, mailbox: Mailbox, order_id: str
) -> None:
    assert await steps.send_receipt(Receipt(order_id)) is SENT
    (letter,) = mailbox.letters()
    assert letter["to"] == ["Buyer@example.com"]
    assert letter["from"] == "Beat Shop <receipts@shop.example>"
    assert letter["subject"] == "Your receipt from Beat Shop"
    for part in ("text", "html"):
        assert "Dusk Bcc: other@example.com" in letter[part]
        assert "Trackout Lease" in letter[part]
        assert f"https://shop.example/ok?session=cs_test_{order_id}" in letter[part]


async def test_a_receipt_that_was_sent_is_not_sent_again(
    steps: ReceiptActivities, database: Database, mailbox: Mailbox, order_id: str
) -> None:
    for _ in range(3):
        assert await steps.send_receipt(Receipt(order_id)) is SENT
    assert len(mailbox.letters()) == 1
    assert await notes(database, order_id) == [("receipt_sent", {"number": "1"})]


async def test_a_receipt_asked_for_again_is_another_letter(
    steps: ReceiptActivities, database: Database, mailbox: Mailbox, order_id: str
) -> None:
    for number in (1, 29_395_123, 29_395_123):
        await steps.send_receipt(Receipt(order_id, number))
    numbers = [detail["number"] for _, detail in await notes(database, order_id)]
    assert numbers == ["1", "29395123"]
    assert sorted(mailbox.message_ids()) == [
        f"Message-ID: <receipt.{order_id}.{number}@shop.example>" for number in (1, 29_395_123)
    ]


async def test_a_worker_that_dies_before_it_takes_note_sends_the_same_letter_again(
    steps: ReceiptActivities,
    database: Database,
    mailbox: Mailbox,
    order_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def die(*_: object) -> None:
        raise Unavailable("PostgreSQL")

    with monkeypatch.context() as torn:
        torn.setattr(receipts, "record_sent", die)
        with pytest.raises(Unavailable):
            await steps.send_receipt(Receipt(order_id))
    assert await steps.send_receipt(Receipt(order_id)) is SENT
    first, second = mailbox.message_ids()
    assert first == second
    assert len(await notes(database, order_id)) == 1


async def test_a_mailbox_that_is_away_is_tried_again(
    steps: ReceiptActivities, database: Database, mailbox: Mailbox, order_id: str
) -> None:
    mailbox.http.post("/_emulator/faults", json={"times": 2})
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"SMTPDataError 451 4\.3\.0"):
            await steps.send_receipt(Receipt(order_id))
    assert await notes(database, order_id) == []
    assert await steps.send_receipt(Receipt(order_id)) is SENT


async def test_a_letter_that_is_refused_for_good_is_noted_once(
    steps: ReceiptActivities, database: Database, mailbox: Mailbox, order_id: str
) -> None:
    mailbox.http.post("/_emulator/faults", json={"code": 550})
    with pytest.raises(MailRefused) as refused:
        await steps.send_receipt(Receipt(order_id))
    for _ in range(2):
        await steps.record_unsent_receipt(UnsentReceipt(order_id, 1, str(refused.value)))
    reason = "refused by the mail server: SMTPDataError 550 5.3.0"
    assert await notes(database, order_id) == [
        ("receipt_failed", {"number": "1", "reason": reason})
    ]


async def test_without_a_mail_server_orders_say_so_once(database: Database, order_id: str) -> None:
    steps = ReceiptActivities(database, None, lambda: NOW)
    for number in (1, 1, 2):
        assert await steps.send_receipt(Receipt(order_id, number)) is SKIPPED
    assert await notes(database, order_id) == [
        ("receipt_skipped", {"reason": "no SMTP_URL is set"})
    ]


def test_a_worker_without_a_mail_server_says_so_at_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SMTP_URL", raising=False)
    monkeypatch.setenv("BEATLINE_ENV", "production")
    with capture_logs() as lines:
        assert worker._mailer(load(MailSettings)) is None
    assert [line["event"] for line in lines] == ["receipts_not_sent"]


@pytest.mark.parametrize("status", [OrderStatus.REFUNDED, OrderStatus.DISPUTED])
async def test_nobody_is_sent_to_files_that_are_closed(
    steps: ReceiptActivities,
    database: Database,
    mailbox: Mailbox,
    order_id: str,
    status: OrderStatus,
) -> None:
    async with database.writing() as writer:
        await writer.sql.execute(update(orders).values(status=status))
    assert await steps.send_receipt(Receipt(order_id)) is SKIPPED
    assert mailbox.letters() == []
    assert await notes(database, order_id) == [
        ("receipt_skipped", {"reason": f"the order is {status}"})
    ]


async def test_what_is_not_paid_or_not_there_has_no_receipt(
    steps: ReceiptActivities, database: Database, mailbox: Mailbox
) -> None:
    await publish(database, publication())
    assert await steps.send_receipt(Receipt(await place(database))) is SKIPPED
    with pytest.raises(OrderNotFound):
        await steps.send_receipt(Receipt("ord_none"))
    assert mailbox.letters() == []


async def test_an_order_without_an_address_is_skipped_and_a_strange_one_refused(
    steps: ReceiptActivities, database: Database, order_id: str
) -> None:
    async with database.writing() as writer:
        await writer.sql.execute(update(orders).values(customer_email=None))
    assert await steps.send_receipt(Receipt(order_id)) is SKIPPED
    async with database.writing() as writer:
        await writer.sql.execute(update(orders).values(customer_email=f"{BUYER}\r\nRCPT TO:<x>"))
    with pytest.raises(MailRefused):
        await steps.send_receipt(Receipt(order_id))
