"""What routes are given: the desks that do the work, and the caller's headers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request

from api.checkouts import CheckoutDesk
from api.downloads import DownloadDesk
from api.errors import InvalidInput
from api.limits import RateLimits
from api.origins import AllowedOrigins
from api.receipts import ReceiptDesk
from api.schemas.wire import FieldProblem
from api.visits import Visits
from api.webhooks import WebhookDesk
from database.editions import Editions
from database.engine import Database
from temporal.client import Checkouts


@dataclass(frozen=True)
class Desks:
    """Everything that the routes call, made once for each process."""

    database: Database
    editions: Editions
    temporal: Checkouts
    checkouts: CheckoutDesk
    downloads: DownloadDesk
    receipts: ReceiptDesk
    webhooks: WebhookDesk
    visits: Visits
    origins: AllowedOrigins
    limits: RateLimits
    clock: Callable[[], datetime]
    public_url: str | None


async def desks(request: Request) -> Desks:
    found: Desks = request.app.state.desks
    return found


async def idempotency_key(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="16 to 255 visible ASCII characters, a UUID is best. The same key with "
            "the same body gives the same session.",
        ),
    ] = None,
) -> str | None:
    """The caller's key; raises InvalidInput unless it is 16 to 255 visible ASCII characters."""
    if key is None:
        return None
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        message = "One Idempotency-Key is enough; which of these would it be?"
        raise InvalidInput(FieldProblem(field="Idempotency-Key", message=message))
    if not 16 <= len(key) <= 255 or not all("!" <= char <= "~" for char in key):
        message = "An Idempotency-Key has 16 to 255 visible ASCII characters; a UUID is best."
        raise InvalidInput(FieldProblem(field="Idempotency-Key", message=message))
    return key


async def public_base(request: Request, found: Annotated[Desks, Depends(desks)]) -> str:
    """The address of this API as clients see it, with a slash at the end."""
    return f"{found.public_url.rstrip('/')}/" if found.public_url else str(request.base_url)


DesksHere = Annotated[Desks, Depends(desks)]
IdempotencyKey = Annotated[str | None, Depends(idempotency_key)]
PublicBase = Annotated[str, Depends(public_base)]
