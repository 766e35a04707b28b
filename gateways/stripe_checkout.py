"""Stripe's checkout sessions: opened once per order and attempt."""

import asyncio
from datetime import timedelta

import stripe
import structlog
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from domain.checkout import TRIED_FOR
from domain.errors import Unavailable
from domain.order import Order
from domain.payment import CheckoutSession
from gateways.stripe_client import (
    CALLS_WITHIN,
    PAGE,
    asking,
    instant,
    is_final,
    pages,
    translated,
)

# Stripe's clock and ours may differ; a search for an order's session looks back this much more.
CLOCK_SLACK = timedelta(minutes=5)

log = structlog.get_logger()


class AttemptSpent(Exception):
    """Stripe answers this attempt's key with `fault` for a day: only another key can help."""

    def __init__(self, fault: Unavailable) -> None:
        self.fault = fault


class StripeCheckout:
    """Checkout sessions of one environment's orders.

    Every method raises Unavailable where Stripe cannot answer.
    """

    def __init__(
        self,
        client: stripe.StripeClient,
        environment: str,
        session_lifetime: timedelta,
        patience: timedelta = CALLS_WITHIN,
    ) -> None:
        """A call, and the search for what it made before, are given up after `patience`."""
        self._sessions = client.v1.checkout.sessions
        self._environment = environment
        self._session_lifetime = session_lifetime
        self._patience = patience

    async def open_session(self, order: Order) -> CheckoutSession:
        """Opens the order's session; the same order and attempt give the same session.

        A lost answer is asked for again under the same key. Raises CheckoutRefused if Stripe
        says no, AttemptSpent if this attempt's key is of no more use.
        """
        deadline = asyncio.get_running_loop().time() + self._patience.total_seconds()
        key = f"order:{order.id}:checkout:{order.checkout_attempt}"
        try:
            with translated():
                session = await self._sessions.create_async(
                    self._parameters(order), {"idempotency_key": key}
                )
        except Unavailable as fault:
            if not is_final(fault.__cause__):
                raise
            made = await self._made_before(order, deadline)
            if made is None:
                raise AttemptSpent(fault) from fault
            return made
        return _checkout_session(session)

    def _parameters(self, order: Order) -> SessionCreateParams:
        """The same for each attempt: a key met again with other parameters is an error."""
        metadata = {"order_id": order.id, "environment": self._environment}
        lines: list[SessionCreateParamsLineItem] = [
            {"price": item.price_id, "quantity": item.quantity} for item in order.items
        ]
        parameters: SessionCreateParams = {
            "mode": "payment",
            "line_items": lines,
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "client_reference_id": order.id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "expires_at": int((order.created_at + self._session_lifetime).timestamp()),
        }
        if order.customer_email is not None:
            parameters["customer_email"] = order.customer_email
        return parameters

    async def _made_before(self, order: Order, deadline: float) -> CheckoutSession | None:
        """The order's open session, if it is found by then.

        One that is not found is nobody's: its address never reached a buyer, and should it be paid
        even so, the money goes back.
        """
        try:
            async with asyncio.timeout_at(deadline):
                return await self._find_open_session(order)
        except TimeoutError:
            log.warning("session_not_searched_to_the_end", order_id=order.id)
            return None

    async def _find_open_session(self, order: Order) -> CheckoutSession | None:
        """Stripe lists sessions by when they were made, and not by what we call them.

        Ours is among those from the time in which the order was tried.
        """
        since = int((order.created_at - CLOCK_SLACK).timestamp())
        until = int((order.created_at + TRIED_FOR + CLOCK_SLACK).timestamp())
        with asking():
            first = await self._sessions.list_async(
                {"created": {"gte": since, "lte": until}, "status": "open", "limit": PAGE}
            )
            async for page in pages(first):
                for session in page:
                    if session.client_reference_id == order.id:
                        return _checkout_session(session)
        return None


def _checkout_session(session: Session) -> CheckoutSession:
    if session.url is None:
        raise ValueError(f"session {session.id} has no page")
    return CheckoutSession(session.id, session.url, instant(session.expires_at))
