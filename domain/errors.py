"""Every way in which Beatline says no, or cannot say anything.

    BeatlineError
    ├── Refusal                      an expected no: asking again changes nothing
    │   ├── CartRefused              one or more lines cannot be sold as asked
    │   ├── CheckoutRefused          Stripe will not open a session for this order
    │   ├── CheckoutAbandoned        no session could be opened while anybody waited for it
    │   ├── RefundRefused            Stripe will not send this money back
    │   ├── NothingToDecide          the order does not wait for an operator's decision
    │   ├── IdempotencyConflict      the key belongs to another request
    │   ├── OrderNotFound
    │   ├── BeatNotFound
    │   ├── AssetNotFound            the beat has no such file
    │   ├── CredentialsMissing       neither a grant nor an order with its e-mail
    │   ├── GrantInvalid             forged or altered
    │   ├── GrantMismatch            sound, but of another file
    │   ├── GrantExpired
    │   ├── EmailMismatch            the e-mail is not the order's
    │   ├── BeatNotInOrder
    │   ├── StemsNotLicensed         the license on this beat has no stems
    │   ├── OrderClosed              refunded, disputed, failed or cancelled
    │   ├── OrderUnpaid              not paid, or its files not granted yet
    │   │   └── FileUnpaid           the same, of one file that somebody asked for
    │   ├── MailRefused              the mail server will never take this letter
    │   ├── SiteNotAllowed           a page of another site made the browser call
    │   └── EventRefused             a webhook event that cannot be trusted
    └── Unavailable                  something we depend on is away: ask again later

Errors carry fields, not prose: the API words them, workflows pass them on by name and fields.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class BeatlineError(Exception):
    """The root of our errors; `code` is the stable, public name of the kind."""

    code = "error"


class Refusal(BeatlineError):
    """An expected no."""


class CartReason(StrEnum):
    UNKNOWN_PRICE = "unknown_price"
    UNKNOWN_BEAT = "unknown_beat"
    ITEM_UNIDENTIFIED = "item_unidentified"
    BEAT_MISMATCH = "beat_mismatch"
    LICENSE_MISMATCH = "license_mismatch"
    BEAT_WITHDRAWN = "beat_withdrawn"
    BEAT_NOT_RELEASED = "beat_not_released"
    LICENSE_NOT_OFFERED = "license_not_offered"
    STEMS_UNAVAILABLE = "stems_unavailable"
    DUPLICATE_ITEM = "duplicate_item"
    MIXED_CURRENCIES = "mixed_currencies"


@dataclass(frozen=True)
class CartProblem:
    """Why the line at index `line` (from 0) cannot be sold; `subject` names it to a person."""

    line: int
    reason: CartReason
    subject: str


@dataclass(eq=False)
class CartRefused(Refusal):
    """The cart cannot be sold as asked; `problems` has at least one entry, in line order."""

    problems: tuple[CartProblem, ...]
    code = "cart_refused"


@dataclass(eq=False)
class CheckoutRefused(Refusal):
    """Stripe says no; `parameter` is the one it names, `detail` its fault's kind for operators."""

    parameter: str | None = None
    detail: str = ""
    code = "checkout_refused"

    def __str__(self) -> str:
        return f"refused by Stripe: {self.detail}"


@dataclass(eq=False)
class CheckoutAbandoned(Refusal):
    code = "checkout_abandoned"


@dataclass(eq=False)
class RefundRefused(Refusal):
    """Stripe says no; `reason` is its own code for why, `detail` its fault for operators."""

    reason: str
    detail: str = ""
    code = "refund_refused"

    def __str__(self) -> str:
        return f"refund refused by Stripe: {self.detail}"


@dataclass(eq=False)
class NothingToDecide(Refusal):
    """An operator decided about an order that does not wait for it; `status` is the order's."""

    status: str
    code = "nothing_to_decide"


@dataclass(eq=False)
class IdempotencyConflict(Refusal):
    code = "idempotency_conflict"


@dataclass(eq=False)
class OrderNotFound(Refusal):
    code = "order_not_found"


@dataclass(eq=False)
class BeatNotFound(Refusal):
    code = "beat_not_found"


@dataclass(eq=False)
class AssetNotFound(Refusal):
    beat_id: str = ""
    kind: str = ""
    code = "file_not_found"


@dataclass(eq=False)
class CredentialsMissing(Refusal):
    code = "credentials_missing"


@dataclass(eq=False)
class GrantInvalid(Refusal):
    code = "grant_invalid"


@dataclass(eq=False)
class GrantMismatch(Refusal):
    code = "grant_mismatch"


@dataclass(eq=False)
class GrantExpired(Refusal):
    code = "grant_expired"


@dataclass(eq=False)
class EmailMismatch(Refusal):
    code = "email_mismatch"


@dataclass(eq=False)
class BeatNotInOrder(Refusal):
    code = "beat_not_in_order"


@dataclass(eq=False)
class StemsNotLicensed(Refusal):
    code = "stems_not_licensed"


@dataclass(eq=False)
class OrderClosed(Refusal):
    """The order no longer gives access to its files; `status` says why."""

    status: str
    code = "order_closed"


@dataclass(eq=False)
class OrderUnpaid(Refusal):
    status: str
    code = "order_unpaid"


@dataclass(eq=False)
class FileUnpaid(OrderUnpaid):
    """Whoever looks at the file may not have it yet."""

    code = "file_unpaid"


@dataclass(eq=False)
class MailRefused(Refusal):
    """`detail` is the server's code, without its words: those may quote the address."""

    detail: str = ""
    code = "mail_refused"

    def __str__(self) -> str:
        return f"refused by the mail server: {self.detail}"


@dataclass(eq=False)
class SiteNotAllowed(Refusal):
    """A browser called on behalf of a site that the operator did not name."""

    code = "site_not_allowed"


@dataclass(eq=False)
class EventRefused(Refusal):
    """A webhook call that is not provably Stripe's; `reason` is for our log alone."""

    reason: str = ""
    code = "signature_invalid"


@dataclass(eq=False)
class Unavailable(BeatlineError):
    """`service` did not answer, or asked us to come back after `retry_after`.

    `detail` is for operators: a vendor's words for the fault, free of personal data. `is_outage` is
    False where the service answers others, and turned down this very call.
    """

    service: str
    retry_after: timedelta | None = None
    detail: str = ""
    is_outage: bool = True
    code = "unavailable"

    def __str__(self) -> str:
        return f"{self.service} is unavailable" + (f": {self.detail}" if self.detail else "")
