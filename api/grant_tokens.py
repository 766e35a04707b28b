"""Grant tokens: timed, signed references to a download grant, fit for an address."""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from itsdangerous import (
    BadSignature,
    TimestampSigner,
    URLSafeTimedSerializer,
    base64_encode,
    want_bytes,
)

from domain.errors import GrantExpired, GrantInvalid

SHORTEST_LINK = timedelta(minutes=5)


class _StrictSigner(TimestampSigner):
    """Takes a signature to the letter: base64 has several spellings of the same bytes."""

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        signed, given = want_bytes(value), want_bytes(sig)
        keys = (self.derive_key(secret) for secret in self.secret_keys)
        spellings = [base64_encode(self.algorithm.get_signature(key, signed)) for key in keys]
        return any(hmac.compare_digest(spelling, given) for spelling in spellings)


class GrantTokens:
    """Makes and reads tokens; the newest of `secrets` comes first, all of them are read.

    A token bears the grant's number and the time of its issue, nothing of the buyer.
    """

    def __init__(
        self, secrets: list[str], lifetime: timedelta, clock: Callable[[], datetime]
    ) -> None:
        class ClockSigner(_StrictSigner):
            def get_timestamp(self) -> int:
                return int(clock().timestamp())

        self.lifetime = lifetime
        self._clock = clock
        self._serializer = URLSafeTimedSerializer(
            list(reversed(secrets)), salt="download-grant", signer=ClockSigner
        )
        self._signer = self._serializer.make_signer()  # one for all: making it is most of the work

    def issue(self, grant_id: int) -> str:
        payload = self._serializer.dump_payload(grant_id)
        return self._signer.sign(payload).decode()

    def expiry(self) -> datetime:
        """When a token, or an address, that is made now ends."""
        return self._clock().replace(microsecond=0) + self.lifetime

    def read(self, token: str) -> tuple[int, datetime]:
        """A token's grant and its expiry; raises GrantExpired or GrantInvalid."""
        if not token.isascii():
            raise GrantInvalid
        try:
            grant_id, issued_at = self._serializer.loads(token, return_timestamp=True)
        except BadSignature as error:
            raise GrantInvalid from error
        if not isinstance(grant_id, int):
            raise GrantInvalid
        expires_at = issued_at + self.lifetime
        # Only its end is looked at: another host's clock may be ahead of ours at its beginning.
        if self._clock() > expires_at:
            raise GrantExpired
        return grant_id, expires_at

    def link_expiry(self, granted_until: datetime) -> datetime:
        """When an address made for a token ends: late enough for a download that begins now."""
        return max(granted_until, self._clock().replace(microsecond=0) + SHORTEST_LINK)
