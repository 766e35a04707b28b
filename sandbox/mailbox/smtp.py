"""Takes mail by SMTP."""

import asyncio
import hmac
import logging
import time
import warnings
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import BaseModel, ConfigDict, Field

from sandbox.mailbox.letters import Letters

LARGEST_MAIL = 25 * 1024 * 1024  # bytes
HOSTNAME = "mailbox.sandbox"


@dataclass(frozen=True, slots=True)
class Login:
    """Who may send."""

    user: str
    password: str

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        """Compare in constant time."""
        right = isinstance(given, LoginPassword) and all(
            [
                hmac.compare_digest(given.login, self.user.encode()),
                hmac.compare_digest(given.password, self.password.encode()),
            ]
        )
        return AuthResult(success=right, handled=False)


class Outage(BaseModel):
    """For how long, or how often, mail is refused, and with which code."""

    model_config = ConfigDict(extra="forbid")

    seconds: float | None = Field(default=None, gt=0, le=86_400)
    times: int | None = Field(default=None, ge=1)
    code: int = Field(default=451, ge=400, le=599)


class Reception:
    """Handles the end of a mail's data: keeps it, or refuses it during an outage."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self.outage: Outage | None = None
        self._until = 0.0

    def refuse(self, outage: Outage) -> None:
        """Begin an outage."""
        self.outage = outage
        self._until = time.monotonic() + (outage.seconds or float("inf"))

    def accept(self) -> None:
        """End an outage."""
        self.outage = None

    async def handle_DATA(  # noqa: N802  # the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Say 250 only when the mail is safely on disk."""
        if (outage := self._strike()) is not None:
            kind = "4.3.0 Try again later" if outage.code < 500 else "5.3.0 Not here"
            return f"{outage.code} {kind}"
        content = envelope.content
        if not isinstance(content, bytes):
            raise TypeError("the server was set up to decode mails")
        letter_id = await asyncio.to_thread(self._letters.keep, envelope.rcpt_tos, content)
        return f"250 2.0.0 Kept as {letter_id}"

    def _strike(self) -> Outage | None:
        """The outage that meets this mail, counted down."""
        outage = self.outage
        if outage is None:
            return None
        if time.monotonic() >= self._until:
            self.accept()
            return None
        if outage.times is not None:
            outage.times -= 1
            if outage.times == 0:
                self.accept()
        return outage


async def listen(reception: Reception, host: str, port: int, login: Login | None) -> asyncio.Server:
    """Open the SMTP port; with a login, only who knows it may send."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)

    def session() -> SMTP:
        with warnings.catch_warnings():
            # A sandbox on this machine's own address: passwords without TLS are what we want.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            return SMTP(
                reception,
                data_size_limit=LARGEST_MAIL,
                enable_SMTPUTF8=True,
                hostname=HOSTNAME,
                ident="Sandbox mailbox",
                auth_required=login is not None,
                auth_require_tls=False,
                authenticator=login.authenticate if login else None,
                loop=asyncio.get_running_loop(),
            )

    return await asyncio.get_running_loop().create_server(session, host, port)
