"""What a storefront sends to check out, and what it gets."""

from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt, StringConstraints

from api.schemas.wire import Wire
from domain.cart import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from domain.license import LicenseType
from domain.payment import CheckoutSession


def _text(value: object) -> object:
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def _whole(value: object) -> object:
    """JSON has one kind of number: 1.0 is as whole as 1."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Id = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
# Whatever it holds: it is not looked at, and only part of what an Idempotency-Key stands for.
_Title = Annotated[str | None, BeforeValidator(_text)]
_Url = Annotated[str, StringConstraints(max_length=2048)]
_Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=320, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"
    ),
]


class _Wanted(Wire):
    """What is wanted: a `priceId`, or `beatId` and `licenseType`; all that is given must agree."""

    price_id: _Id | None = None
    beat_id: _Id | None = None
    license_type: LicenseType | None = None
    beat_title: _Title = Field(None, description="Display text; it changes nothing.")

    def line(self, quantity: int) -> CartLine:
        return CartLine(quantity, self.price_id, self.beat_id, self.license_type)


class _Return(Wire):
    success_url: _Url = Field(
        description="Where the buyer comes back after paying, on an allowed origin. "
        "`{CHECKOUT_SESSION_ID}` in it becomes the session's id."
    )
    cancel_url: _Url = Field(description="Where the buyer comes back unpaid, on an allowed origin.")


class SingleCheckout(_Wanted, _Return):
    """A checkout of one license of one beat."""

    @property
    def cart(self) -> Cart:
        return Cart((self.line(1),))


class CheckoutItem(_Wanted):
    quantity: Annotated[StrictInt, BeforeValidator(_whole)] = Field(ge=1, le=MAX_QUANTITY)


class MultiCheckout(_Return):
    """A checkout of a whole cart."""

    items: list[CheckoutItem] = Field(min_length=1, max_length=MAX_LINES)
    customer_email: _Email | None = None

    @property
    def cart(self) -> Cart:
        return Cart(tuple(item.line(item.quantity) for item in self.items))


class CheckoutAnswer(Wire):
    """Where the buyer pays, and the session's id: whoever holds it may see the order."""

    url: str
    session_id: str

    @classmethod
    def of(cls, session: CheckoutSession) -> "CheckoutAnswer":
        return cls(url=session.url, session_id=session.id)


class WebhookAnswer(Wire):
    received: bool
