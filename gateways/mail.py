"""Mail: one letter at a time, handed to the operator's mail server by SMTP."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime

import aiosmtplib

from domain.errors import MailRefused, Unavailable
from gateways import mime
from gateways.mail_address import deliverable
from gateways.smtp_server import Encryption, SmtpServer

SERVICE = "The mail server"

# How many letters are under way at once. A server that says nothing holds no more of the worker
# than this: it has payments to see to.
LINES = 10

_START_TLS = {Encryption.REQUIRED: True, Encryption.AUTO: None}
# What is asked of a server for an address that is not ASCII alone, by RFC 6531.
_INTERNATIONAL = ["SMTPUTF8", "BODY=8BITMIME"]
# What a reply may begin with, by RFC 3463; the words after it may quote the buyer's address.
_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class Patience:
    """How long a server may take, in seconds."""

    connect: float = 10  # and to encrypt and log in
    # To take a letter. Servers look at one before they say 250, and whoever has given up by then
    # sends it once more: so this is longer.
    handover: float = 30
    goodbye: float = 1


@dataclass(frozen=True)
class Sender:
    """From whom mail comes: an address, and the shop's name before it."""

    address: str
    name: str


@dataclass(frozen=True)
class Letter:
    """What a mail says, in plain text and in HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Envelope:
    """To whom a letter goes, and what tells it from all others: the same when it is sent again."""

    recipient: str
    reference: str
    written_at: datetime


class Mailer:
    """Sends letters from one sender through one server, each over a connection of its own."""

    def __init__(
        self, server: SmtpServer, sender: Sender, patience: Patience | None = None
    ) -> None:
        self.sender = sender
        self._server = server
        self._patience = patience or Patience()
        self._address = deliverable(sender.address)
        self._lines = asyncio.Semaphore(LINES)
        self._tls: ssl.SSLContext | None = None

    async def send(self, letter: Letter, envelope: Envelope) -> None:
        """Returns once the server has taken the letter.

        Raises MailRefused where it never will, Unavailable where it cannot be asked now.
        """
        try:
            recipient = deliverable(envelope.recipient)
        except ValueError:
            raise MailRefused("the order's address is none") from None
        options = [] if f"{self._address}{recipient}".isascii() else _INTERNATIONAL
        message = self._message(letter, envelope, recipient, utf8=bool(options))
        if self._lines.locked():
            raise Unavailable(SERVICE, detail=f"{LINES} letters are under way already")
        async with self._lines, self._connection() as client:
            async with _handing_over(self._patience.handover):
                await client.sendmail(
                    self._address,
                    [recipient],
                    message,
                    mail_options=options,
                    timeout=None,  # `_handing_over` limits all of it
                )
            with suppress(aiosmtplib.SMTPException, OSError):  # it has the letter all the same
                await client.quit(timeout=self._patience.goodbye)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.encryption is Encryption.AT_ONCE,
            start_tls=_START_TLS.get(server.encryption, False),
            tls_context=self._tls,
            timeout=None,  # `_connecting` limits all of it
            # Else it asks the resolver for this machine's name, for as long as that may take.
            local_hostname=self._domain,
        )
        try:
            async with _connecting(self._patience.connect):
                await self._connect(client)
            yield client
        finally:
            client.close()

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        """Connects, and keeps what a letter over TLS has read of the authorities it trusts.

        To read their certificates takes ten times as long as all else about a letter.
        """
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError):
            self._tls = None  # others may be trusted by now
            raise
        self._tls = client.get_transport_info("sslcontext")

    def _message(self, letter: Letter, envelope: Envelope, recipient: str, *, utf8: bool) -> bytes:
        headers = {
            "From": _named(_header(self.sender.name), self._address),
            "To": _named("", recipient),
            "Subject": _header(letter.subject),
            "Date": format_datetime(envelope.written_at),
            "Message-ID": f"<{_header(envelope.reference)}@{self._domain}>",
            "Auto-Submitted": "auto-generated",  # so that no absence notice answers it
        }
        return mime.alternatives(headers, letter.text, letter.html, utf8=utf8)

    @property
    def _domain(self) -> str:
        return self._address.rpartition("@")[2]


def _named(name: str, address: str) -> str:
    local_part, _, domain = address.rpartition("@")
    return str(Address(name, local_part, domain))


def _header(text: str) -> str:
    """Text as a header may bear it: on one line, and nothing in it to be decoded."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.replace("=?", "= ?").split())


@asynccontextmanager
async def _connecting(seconds: float) -> AsyncIterator[None]:
    """Until a letter is handed over, whatever is in the way may be mended: Unavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _unavailable(error) from error


@asynccontextmanager
async def _handing_over(seconds: float) -> AsyncIterator[None]:
    """Tells what the server says of the recipient or the letter from what happens on the way."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _judged(error.recipients[0]) from error
    except aiosmtplib.SMTPDataError as error:
        raise _judged(error) from error
    except aiosmtplib.SMTPNotSupported as error:  # the address, by this server
        raise MailRefused(_fault(error)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _unavailable(error) from error


def _judged(error: aiosmtplib.SMTPResponseException) -> MailRefused | Unavailable:
    """A refusal for good (5yz), or for now, by RFC 5321."""
    return MailRefused(_fault(error)) if 500 <= error.code <= 599 else _unavailable(error)


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(SERVICE, detail=_fault(error))


def _fault(error: Exception) -> str:
    """What happened, without the server's words."""
    words = [type(error).__name__]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        enhanced = _ENHANCED_CODE.match(error.message)
        words += [str(error.code), enhanced[0] if enhanced else ""]
    return " ".join(word for word in words if word)
