"""From a buyer's request to a payment page."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

import logs
from api.origins import AllowedOrigins
from api.schemas.checkout import MultiCheckout, SingleCheckout
from database import catalog, checkout_requests, order_sessions
from database.engine import Database
from domain.cart import quote
from domain.checkout import CheckoutRequest
from domain.errors import CartRefused
from domain.order import OrderKind, new_order_id, order_id_for
from domain.payment import CheckoutSession
from temporal.client import Checkouts


class CheckoutDesk:
    """Takes checkout requests. A refused one leaves nothing behind, not even a workflow."""

    def __init__(
        self,
        database: Database,
        checkouts: Checkouts,
        origins: AllowedOrigins,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._checkouts = checkouts
        self._origins = origins
        self._clock = clock

    async def open(
        self, wanted: SingleCheckout | MultiCheckout, idempotency_key: str | None
    ) -> CheckoutSession:
        """The payment page for a request; the same key and request give the same page.

        Raises InvalidInput, CartRefused, CheckoutRefused, CheckoutAbandoned, IdempotencyConflict
        or Unavailable. At most four statements, however large the cart: two for a new one.
        """
        self._origins.require(successUrl=wanted.success_url, cancelUrl=wanted.cancel_url)
        request = self._request(wanted, idempotency_key)
        logs.bind(order_id=request.order_id)
        session = await self._claim(request)
        return session or await self._checkouts.open(request.order_id)

    async def _claim(self, request: CheckoutRequest) -> CheckoutSession | None:
        """Makes the request durable; the session of an equal one that came before, if it has one.

        The workflow checks the cart again, with authority. Looking at it here first means that a
        cart which cannot be sold costs no workflow and does not use up its key.
        """
        async with self._database.recording() as recorder:
            listed = await catalog.listed_for(recorder, request.cart)
            try:
                quote(request.cart, listed, self._clock())
                is_new = await checkout_requests.claim(recorder, request)
            except CartRefused:  # now; its order may have been placed before
                if not await checkout_requests.is_claimed(recorder, request):
                    raise
                is_new = False
            return None if is_new else await order_sessions.find(recorder, request.order_id)

    def _request(
        self, wanted: SingleCheckout | MultiCheckout, idempotency_key: str | None
    ) -> CheckoutRequest:
        multi = isinstance(wanted, MultiCheckout)
        body = json.dumps(
            [type(wanted).__name__, wanted.model_dump(mode="json", exclude_none=True)],
            sort_keys=True,
        )
        return CheckoutRequest(
            order_id=order_id_for(idempotency_key) if idempotency_key else new_order_id(),
            kind=OrderKind.MULTI if multi else OrderKind.SINGLE,
            cart=wanted.cart,
            success_url=wanted.success_url,
            cancel_url=wanted.cancel_url,
            customer_email=wanted.customer_email if isinstance(wanted, MultiCheckout) else None,
            fingerprint=hashlib.sha256(body.encode()).hexdigest(),
            created_at=self._clock(),
        )
