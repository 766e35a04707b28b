"""Grant tokens: timed, signed references to a download grant, fit for an address."""

from collections.abc import Callable
from datetime import datetime, timedelta

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from domain.errors import GrantExpired, GrantInvalid


class GrantTokens:
    """Makes and reads tokens; the newest of `secrets` comes first, all of them are read.

    A token bears the grant's number and the time of its issue, nothing of the buyer.
    """

    def __init__(
        self, secrets: list[str], lifetime: timedelta, clock: Callable[[], datetime]
    ) -> None:
        class ClockSigner(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock().timestamp())

        self.lifetime = lifetime
        self._clock = clock
        self._serializer = URLSafeTimedSerializer(
            list(reversed(secrets)), salt="download-grant", signer=ClockSigner
        )

    def issue(self, grant_id: int) -> str:
        return str(self._serializer.dumps(grant_id))

    def expiry(self) -> datetime:
        """When a token, or an address, that is made now ends."""
        return self._clock().replace(microsecond=0) + self.lifetime

    def read(self, token: str) -> tuple[int, datetime]:
        """A token's grant and its expiry; raises GrantExpired or GrantInvalid."""
        try:
            grant_id, issued_at = self._serializer.loads(
                token, max_age=int(self.lifetime.total_seconds()), return_timestamp=True
            )
        except SignatureExpired as error:
            raise GrantExpired from error
        except BadSignature as error:
            raise GrantInvalid from error
        if not isinstance(grant_id, int):
            raise GrantInvalid
        return grant_id, issued_at + self.lifetime
