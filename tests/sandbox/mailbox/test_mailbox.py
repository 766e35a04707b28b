"""The mailbox: mail in by SMTP, out by HTTP."""

import signal
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from sandbox.mailbox.app import create_app
from sandbox.mailbox.smtp import Login
from tests.sandbox.serving import answers, free_port, served, started, wait_until


@dataclass(frozen=True)
class Mailbox:
    """Where a running mailbox is."""

    http: httpx.Client
    smtp_port: int

    def send(self, message: EmailMessage, login: tuple[str, str] | None = None) -> None:
        """Send as any mail program would."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5) as client:
            if login:
                client.login(*login)
            client.send_message(message)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """One mailbox for the module."""
    port = free_port()
    app = create_app(tmp_path_factory.mktemp("letters"), "127.0.0.1", port)
    with served(app) as url, httpx.Client(base_url=url) as http:
        yield Mailbox(http, port)


@pytest.fixture(autouse=True)
def _empty(mailbox: Mailbox) -> None:
    mailbox.http.delete("/messages")
    mailbox.http.delete("/_emulator/faults")


def receipt(to: str = "buyer@example.com", subject: str = "Your beats") -> EmailMessage:
    """A mail with text and HTML."""
    message = EmailMessage()
    message["From"] = "Beat Shop <shop@example.com>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Größe: one master\n")
    message.add_alternative("<h1>Señal</h1><script>alert(1)</script>", subtype="html")
    return message


def test_a_mail_can_be_read_back(mailbox: Mailbox) -> None:
    mailbox.send(receipt(subject="Señal Nocturna ♪"))
    (letter,) = mailbox.http.get("/messages").json()
    assert letter["from"] == "Beat Shop <shop@example.com>"
    assert letter["to"] == ["buyer@example.com"]
    assert letter["subject"] == "Señal Nocturna ♪"
    assert letter["text"].strip() == "Größe: one master"
    assert "<h1>Señal</h1>" in letter["html"]
    assert letter["date"].endswith("Z")
    assert mailbox.http.get(f"/messages/{letter['id']}").json() == letter


def test_the_newest_comes_first_and_recipients_can_be_filtered(mailbox: Mailbox) -> None:
    for to, subject in (("a@example.com", "1"), ("B@example.com", "2"), ("a@example.com", "3")):
        mailbox.send(receipt(to, subject))

    def subjects(query: str) -> list[str]:
        return [letter["subject"] for letter in mailbox.http.get(f"/messages{query}").json()]

    assert subjects("") == ["3", "2", "1"]
    assert subjects("?to=A@example.com") == ["3", "1"]
    assert subjects("?to=b@EXAMPLE.com") == ["2"]
    assert subjects("?to=nobody@example.com") == []


def test_a_blind_copy_is_delivered_too(mailbox: Mailbox) -> None:
    message = receipt()
    message["Bcc"] = "archive@example.com"
    mailbox.send(message)
    (letter,) = mailbox.http.get("/messages?to=archive@example.com").json()
    assert letter["to"] == ["buyer@example.com", "archive@example.com"]


def test_an_international_address_is_taken(mailbox: Mailbox) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5) as client:
        client.ehlo()
        client.sendmail(
            "shop@example.com",
            ["größe@example.com"],
            "Subject: ü\r\n\r\nhi".encode(),
            mail_options=["SMTPUTF8", "BODY=8BITMIME"],
        )
    (letter,) = mailbox.http.get("/messages", params={"to": "größe@example.com"}).json()
    assert letter["text"].strip() == "hi"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no headers at all",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nq\xff",
        b"From: \xff\r\nSubject: =?utf-8?q?=ZZ?=\r\n\r\n\xff",
    ],
)
def test_a_broken_mail_can_still_be_looked_at(mailbox: Mailbox, content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5) as client:
        client.sendmail("shop@example.com", ["buyer@example.com"], content)
    (letter,) = mailbox.http.get("/messages").json()
    assert mailbox.http.get(f"/mail/{letter['id']}").status_code == 200
    assert mailbox.http.get("/").status_code == 200


def test_a_stranger_s_html_can_do_nothing(mailbox: Mailbox) -> None:
    mailbox.send(receipt(subject="<script>alert(1)</script>"))
    (letter,) = mailbox.http.get("/messages").json()
    page = mailbox.http.get(f"/mail/{letter['id']}")
    assert "<script>" not in page.text
    assert "sandbox='allow-popups" in page.text
    assert "<script>" not in mailbox.http.get("/").text
    document = mailbox.http.get(f"/mail/{letter['id']}/html")
    policy = document.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    raw = mailbox.http.get(f"/messages/{letter['id']}/raw")
    assert raw.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Delivered-To: buyer@example.com" in raw.text


@pytest.mark.parametrize("path", ["/mail/x", "/messages/..%2f..%2fetc", "/mail/1/html"])
def test_what_is_not_there_is_not_found(mailbox: Mailbox, path: str) -> None:
    assert mailbox.http.get(path).status_code == 404


def test_the_mailbox_can_be_emptied(mailbox: Mailbox) -> None:
    mailbox.send(receipt())
    assert mailbox.http.delete("/messages").json() == {"deleted": 1}
    assert mailbox.http.get("/messages").json() == []
    assert "No mail yet." in mailbox.http.get("/").text


def test_an_outage_refuses_so_many_mails(mailbox: Mailbox) -> None:
    mailbox.http.post("/_emulator/faults", json={"times": 1})
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        mailbox.send(receipt())
    assert refusal.value.smtp_code == 451
    assert mailbox.http.get("/messages").json() == []
    mailbox.send(receipt())
    assert len(mailbox.http.get("/messages").json()) == 1


def test_an_outage_ends_with_its_time_or_when_told(mailbox: Mailbox) -> None:
    def refused() -> bool:
        try:
            mailbox.send(receipt())
        except smtplib.SMTPDataError:
            return True
        return False

    mailbox.http.post("/_emulator/faults", json={"seconds": 0.2})
    assert refused()
    wait_until(lambda: not refused())
    mailbox.http.post("/_emulator/faults", json={"code": 550})
    assert refused()
    assert mailbox.http.delete("/_emulator/faults").json() == {"outage": None}
    assert not refused()
    assert mailbox.http.post("/_emulator/faults", content="[").status_code == 400


def test_with_a_login_only_its_owner_may_send(tmp_path: Path) -> None:
    port = free_port()
    app = create_app(tmp_path, "127.0.0.1", port, Login("shop", "s3cret"))
    with served(app) as url, httpx.Client(base_url=url) as http:
        guarded = Mailbox(http, port)
        with pytest.raises(smtplib.SMTPResponseException) as refusal:
            guarded.send(receipt())
        assert refusal.value.smtp_code == 530
        for login in (("shop", "wrong"), ("other", "s3cret")):
            with pytest.raises(smtplib.SMTPAuthenticationError):
                guarded.send(receipt(), login)
        assert http.get("/messages").json() == []
        guarded.send(receipt(), ("shop", "s3cret"))
        assert len(http.get("/messages").json()) == 1


def run(folder: Path, ending: signal.Signals) -> tuple[int, int]:
    """Run a mailbox as a process, send it a mail, end it; gives its letters and its exit code."""
    port, smtp_port = free_port(), free_port()
    ports = ("--http-port", str(port), "--smtp-port", str(smtp_port))
    arguments = ("--host", "127.0.0.1", *ports, "--data", str(folder))
    url = f"http://127.0.0.1:{port}"
    with started("sandbox.mailbox", *arguments, environment={}) as running:
        wait_until(lambda: answers(url))
        with httpx.Client(base_url=url) as http:
            Mailbox(http, smtp_port).send(receipt())
            letters = len(http.get("/messages").json())
        with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5):
            began = time.monotonic()
            running.send_signal(ending)
            code = running.wait(5)
            assert time.monotonic() - began < 1
    return letters, code


def test_letters_survive_kill_9_and_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    assert run(tmp_path, signal.SIGKILL) == (1, -9)
    assert run(tmp_path, signal.SIGINT) == (2, 0)
