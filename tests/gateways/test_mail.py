"""Letters handed to a mail server: as they arrive, and what each way of failing is taken for."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import Envelope as TakenLetter

from domain.errors import MailRefused, Unavailable
from gateways.mail import LINES, Envelope, Letter, Mailer, Patience, Sender
from gateways.smtp_server import SmtpServer
from sandbox.process import free_port
from tests.gateways.mail_servers import Office, Script, scripted, staffed
from tests.waiting import soon

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LETTER = Letter("Your receipt", "Größe: one master\n", "<p>Señal " + "x" * 2000 + "</p>")
BUYER = "buyer@example.com"


def mailer(
    port: int,
    query: str = "",
    *,
    login: str = "",
    name: str = "Beat Shop",
    patience: Patience | None = None,
) -> Mailer:
    url = f"smtp://{login}127.0.0.1:{port}{query}"
    return Mailer(SmtpServer.from_url(url), Sender("receipts@shop.example", name), patience)


async def send(to: Mailer, recipient: str = BUYER, letter: Letter = LETTER) -> None:
    await soon(to.send(letter, Envelope(recipient, "receipt.ord_1.7", NOW)))


def read(taken: TakenLetter) -> EmailMessage:
    assert isinstance(taken.content, bytes)
    message = email.message_from_string(taken.content.decode(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


@pytest.fixture
async def office() -> Office:
    return Office()


@pytest.fixture
async def port(office: Office) -> AsyncIterator[int]:
    async with staffed(office, enable_SMTPUTF8=True) as found:
        yield found


async def test_a_letter_arrives_as_it_was_written(office: Office, port: int) -> None:
    await send(mailer(port, name="Bèat, Shöp & Söhne"))
    (taken,) = office.taken
    message = read(taken)
    assert (taken.mail_from, taken.rcpt_tos) == ("receipts@shop.example", [BUYER])
    assert message["From"] == '"Bèat, Shöp & Söhne" <receipts@shop.example>'
    assert (message["To"], message["Subject"]) == (BUYER, "Your receipt")
    assert message["Message-ID"] == "<receipt.ord_1.7@shop.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain").strip() == LETTER.text.strip()
    assert part(message, "html").strip() == LETTER.html
    assert isinstance(taken.content, bytes)
    assert max(map(len, taken.content.splitlines())) <= 78


async def test_the_same_letter_bears_the_same_message_id(office: Office, port: int) -> None:
    for _ in range(2):
        await send(mailer(port))
    first, second = map(read, office.taken)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    ("given", "addressed"),
    [
        ("  buyer+tag@example.com ", "buyer+tag@example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("buyer@größe.example", "buyer@xn--gre-6ka8i.example"),
        ("größe@example.com", "größe@example.com"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
    ],
)
async def test_addresses_of_all_scripts_are_written_to(
    office: Office, port: int, given: str, addressed: str
) -> None:
    await send(mailer(port), given)
    (taken,) = office.taken
    assert taken.rcpt_tos == [addressed]
    (named,) = read(taken)["To"].addresses
    assert named.addr_spec == addressed


async def test_only_an_international_address_asks_for_more_than_ascii(
    office: Office, port: int
) -> None:
    for recipient in (BUYER, "größe@example.com"):
        await send(mailer(port, name="Größe"), recipient)
    plain, international = office.taken
    assert isinstance(plain.content, bytes)
    assert isinstance(international.content, bytes)
    assert plain.content.isascii()
    assert plain.mail_options == [f"SIZE={len(plain.content)}"]
    assert "From: Größe <receipts@shop.example>" in international.content.decode()
    assert international.mail_options[1:] == ["SMTPUTF8", "BODY=8BITMIME"]


async def test_an_international_address_is_refused_by_a_server_that_knows_none(
    office: Office,
) -> None:
    async with staffed(office, enable_SMTPUTF8=False) as port:
        await send(mailer(port), "buyer@größe.example")
        with pytest.raises(MailRefused, match="SMTPNotSupported"):
            await send(mailer(port), "größe@example.com")
    assert len(office.taken) == 1


@pytest.mark.parametrize(
    "odd",
    [
        "buyer@example.com\r\nBcc: other@example.com",
        "buyer@example.com>\r\nRCPT TO:<other@example.com",
        "buyer@example.com, other@example.com",
        "A Buyer <buyer@example.com>",
        "=?utf-8?q?a=0ABcc=3A_x?=@example.com",
        '"a b"@example.com',
        "buyer",
        "@",
        "",
        "\ud800@example.com",
    ],
)
async def test_what_is_no_address_is_refused_and_not_quoted(
    office: Office, port: int, odd: str
) -> None:
    with pytest.raises(MailRefused) as refused:
        await send(mailer(port), odd)
    assert "example.com" not in str(refused.value)
    assert office.taken == []


@pytest.mark.parametrize(
    "odd",
    [
        "Shop\r\nBcc: other@example.com",
        "=?utf-8?q?a=0ABcc=3A_other=40example=2Ecom?=",
        'Shop" <other@example.com>, "x',
        "Shop\x00\x1b[31m",
    ],
)
async def test_no_name_or_subject_adds_a_header_or_a_recipient(
    office: Office, port: int, odd: str
) -> None:
    letter = Letter(odd, "text", "html")
    await send(mailer(port, name=odd), letter=letter)
    (taken,) = office.taken
    message = read(taken)
    assert taken.rcpt_tos == [BUYER]
    assert message["Bcc"] is None
    assert [each.addr_spec for each in message["From"].addresses] == ["receipts@shop.example"]
    assert message.get_all("To") == [BUYER]


@pytest.mark.parametrize("reply", ["550 5.1.1 <buyer@example.com> is unknown", "552 full"])
@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_server_that_never_will_is_taken_at_its_word(
    office: Office, port: int, stage: str, reply: str
) -> None:
    setattr(office, stage, reply)
    with pytest.raises(MailRefused) as refused:
        await send(mailer(port))
    kind = {"rcpt": "SMTPRecipientRefused", "data": "SMTPDataError"}[stage]
    assert refused.value.detail == f"{kind} {'550 5.1.1' if '5.1.1' in reply else '552'}"
    assert office.taken == []


@pytest.mark.parametrize("reply", ["451 4.7.1 buyer@example.com greylisted", "421 4.3.2 Bye"])
@pytest.mark.parametrize("stage", ["rcpt", "data"])
async def test_a_server_that_will_not_now_is_asked_again(
    office: Office, port: int, stage: str, reply: str
) -> None:
    setattr(office, stage, reply)
    with pytest.raises(Unavailable) as away:
        await send(mailer(port))
    assert reply[:9] in away.value.detail
    assert "buyer" not in str(away.value)


async def test_no_server_is_no_refusal() -> None:
    with pytest.raises(Unavailable, match="SMTPConnectError"):
        await send(mailer(free_port()))


@pytest.mark.parametrize(
    "greeting",
    [b"", b"554 5.7.1 no\r\n", b"hello\r\n", b"\xff\xfe\r\n", b"2", b"220-" + b"x" * 50_000],
)
async def test_a_server_that_talks_nonsense_is_asked_again(greeting: bytes) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with scripted(greet) as port:
        with pytest.raises(Unavailable):
            await send(mailer(port))


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    assert (Patience().connect, Patience().handover) == (10, 30)
    async with scripted(say_nothing) as port:
        with pytest.raises(Unavailable, match="Timeout"):
            await send(mailer(port, patience=Patience(connect=0.1)))


async def test_a_server_that_hears_the_letter_and_falls_silent_is_given_up_in_time() -> None:
    async with scripted(_deaf_after(b"DATA")) as port:
        with pytest.raises(Unavailable, match="Timeout"):
            await send(mailer(port, patience=Patience(handover=0.2)))


async def test_a_letter_that_was_taken_is_sent_though_nobody_says_goodbye() -> None:
    async with scripted(_deaf_after(b"QUIT")) as port:
        await send(mailer(port, patience=Patience(goodbye=0.1)))


def _deaf_after(last: bytes) -> Script:
    """A server that does as it should until a command, which it hears and never answers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            command = line[:4].upper()
            if command == b"DATA":
                writer.write(b"354 go on\r\n")
                while await reader.readline() != b".\r\n":
                    pass
            if command == last:
                await reader.read()
                return
            writer.write(b"250 OK\r\n")

    return serve


async def test_a_silent_server_holds_no_more_of_us_than_its_lines() -> None:
    held = asyncio.Semaphore(0)

    async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        held.release()
        await reader.read()

    async with scripted(say_nothing) as port:
        sender = mailer(port)
        envelope = Envelope(BUYER, "receipt.ord_1.7", NOW)
        waiting = [asyncio.create_task(sender.send(LETTER, envelope)) for _ in range(LINES)]
        for _ in waiting:
            await soon(held.acquire())
        with pytest.raises(Unavailable, match="under way already"):
            await send(sender)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert not sender._lines.locked()
