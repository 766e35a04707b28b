"""SMTP_URL, and what comes of it: who logs in, over which kind of connection."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from domain.errors import Unavailable
from gateways.mail import Mailer, Sender
from gateways.smtp_server import Encryption, SmtpServer
from tests.gateways.mail_servers import Office, staffed
from tests.gateways.test_mail import send

PASSWORD = "p@ss/wörd"
ENCODED = "p%40ss%2Fw%C3%B6rd"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, Encryption.AUTO)),
        ("smtp://mail.example:25/", SmtpServer("mail.example", 25, Encryption.AUTO)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, Encryption.AT_ONCE)),
        (
            f"smtp://shop%40example.com:{ENCODED}@mail.example:2525",
            SmtpServer("mail.example", 2525, Encryption.REQUIRED, "shop@example.com", PASSWORD),
        ),
        (
            "smtp://shop:secret@mail.example?starttls=off",
            SmtpServer("mail.example", 587, Encryption.OFF, "shop", "secret"),
        ),
        (
            "smtp://shop:secret@127.0.0.1:8006",
            SmtpServer("127.0.0.1", 8006, Encryption.AUTO, "shop", "secret"),
        ),
        ("smtp://[::1]:25?starttls=required", SmtpServer("::1", 25, Encryption.REQUIRED)),
    ],
)
def test_an_address_says_where_as_whom_and_how(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:25",
        "https://mail.example",
        "smtp://",
        "smtp://shop:hunter2@",
        "smtp://:hunter2@mail.example",
        "smtp://shop:hunter2@mail.example:port",
        "smtp://shop:hunter2@mail.example:99999",
        "smtp://shop:hunter2@mail..example",
        "smtp://shop:hunter2@mail.example/inbox",
        "smtp://shop:hunter2@mail.example?tls=yes",
        "smtp://shop:hunter2@mail.example?starttls=maybe",
        "smtps://shop:hunter2@mail.example?starttls=required",
        "smtp://shop:hunter2@[mail",
    ],
)
def test_an_unusable_address_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match=r"^its? ") as refused:
        SmtpServer.from_url(url)
    assert "hunter2" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(SmtpServer.from_url("smtp://shop:hunter2@mail.example"))


class Doorman:
    """Lets in who knows the password."""

    def __call__(self, *told: object) -> AuthResult:
        given = told[-1]
        right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)


def mailer(url: str) -> Mailer:
    return Mailer(SmtpServer.from_url(url), Sender("receipts@shop.example", "Beat Shop"))


async def test_only_the_right_password_sends_and_a_wrong_one_may_be_mended() -> None:
    office = Office()
    guard: dict[str, Any] = {
        "auth_required": True,
        "auth_require_tls": False,
        "authenticator": Doorman(),
    }
    async with staffed(office, **guard) as port:
        with pytest.raises(Unavailable, match="SMTPAuthenticationError 535") as refused:
            await send(mailer(f"smtp://shop:hunter2@127.0.0.1:{port}"))
        await send(mailer(f"smtp://shop:{ENCODED}@127.0.0.1:{port}"))
    assert "hunter2" not in str(refused.value)
    assert len(office.taken) == 1


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certificate_by(authority: trustme.CA) -> ssl.SSLContext:
    """What a server on this machine shows its callers."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def certified(authority: trustme.CA) -> ssl.SSLContext:
    return certificate_by(authority)


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its authority, among those that this process trusts."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


async def test_a_letter_goes_over_tls_at_once(certified: ssl.SSLContext, trusted: None) -> None:
    office = Office()
    async with staffed(office, at_once=certified) as port:
        await send(mailer(f"smtps://localhost:{port}"))
    assert len(office.taken) == 1


@pytest.mark.parametrize("query", ["", "?starttls=required"])
async def test_a_letter_goes_over_tls_where_it_is_offered(
    certified: ssl.SSLContext, trusted: None, query: str
) -> None:
    office = Office()
    async with staffed(office, tls_context=certified, require_starttls=True) as port:
        await send(mailer(f"smtp://localhost:{port}{query}"))
    (session,) = office.sessions
    assert session.ssl is not None


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "tls_context"), ("smtps", "at_once")])
async def test_authorities_are_read_once_and_again_when_a_server_is_not_trusted(
    authority: trustme.CA, trusted: None, tmp_path: Path, scheme: str, how: str
) -> None:
    office, other = Office(), trustme.CA()
    certificate = certificate_by(authority)
    options: dict[str, Any] = {how: certificate}
    async with staffed(office, **options) as port:
        sender = mailer(f"{scheme}://localhost:{port}")
        await send(sender)
        other.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        await send(sender)
        other.issue_cert("localhost").configure_cert(certificate)
        with pytest.raises(Unavailable):
            await send(sender)
        await send(sender)
    assert len(office.taken) == 3


async def test_no_letter_goes_to_whoever_cannot_prove_its_name(certified: ssl.SSLContext) -> None:
    office = Office()
    async with staffed(office, tls_context=certified) as port:
        with pytest.raises(Unavailable):
            await send(mailer(f"smtp://localhost:{port}"))
    async with staffed(office, at_once=certified) as port:
        with pytest.raises(Unavailable):
            await send(mailer(f"smtps://localhost:{port}"))
    assert office.taken == []


async def test_no_letter_goes_in_the_open_where_tls_is_required() -> None:
    office = Office()
    async with staffed(office) as port:
        with pytest.raises(Unavailable, match="SMTP"):
            await send(mailer(f"smtp://127.0.0.1:{port}?starttls=required"))
    assert office.taken == []


async def test_tls_that_is_switched_off_is_off(certified: ssl.SSLContext) -> None:
    office = Office()
    async with staffed(office, tls_context=certified) as port:
        await send(mailer(f"smtp://localhost:{port}?starttls=off"))
    (session,) = office.sessions
    assert session.ssl is None
