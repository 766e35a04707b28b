"""Stripe's checkout sessions: opened once per order and attempt."""

from datetime import timedelta

import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from domain.errors import Unavailable
from domain.order import Order
from domain.payment import CheckoutSession
from gateways.stripe_client import asking, instant, is_final, translated

# Stripe's clock and ours may differ; a search for an order's session looks back this much more.
CLOCK_SLACK = timedelta(minutes=5)


class AttemptSpent(Exception):
    """Stripe answers this attempt's key with `fault` for a day: only another key can help."""

    def __init__(self, fault: Unavailable) -> None:
        self.fault = fault


class StripeCheckout:
    """Checkout sessions of one environment's orders.

    Every method raises Unavailable where Stripe cannot answer.
    """

    def __init__(
        self, client: stripe.StripeClient, environment: str, session_lifetime: timedelta
    ) -> None:
        self._sessions = client.v1.checkout.sessions
        self._environment = environment
        self._session_lifetime = session_lifetime

    async def open_session(self, order: Order) -> CheckoutSession:
        """Opens the order's session; the same order and attempt give the same session.

        A lost answer is asked for again under the same key. Raises CheckoutRefused if Stripe
        says no, AttemptSpent if this attempt's key is of no more use.
        """
        key = f"order:{order.id}:checkout:{order.checkout_attempt}"
        try:
            with translated():
                session = await self._sessions.create_async(
                    self._parameters(order), {"idempotency_key": key}
                )
        except Unavailable as fault:
            if not is_final(fault.__cause__):
                raise
            made = await self._find_open_session(order)
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

    async def _find_open_session(self, order: Order) -> CheckoutSession | None:
        since = int((order.created_at - CLOCK_SLACK).timestamp())
        with asking():
            page = await self._sessions.list_async(
                {"created": {"gte": since}, "status": "open", "limit": 100}
            )
            async for session in page.auto_paging_iter():
                if session.client_reference_id == order.id:
                    return _checkout_session(session)
        return None


def _checkout_session(session: Session) -> CheckoutSession:
    if session.url is None:
        raise ValueError(f"session {session.id} has no page")
    return CheckoutSession(session.id, session.url, instant(session.expires_at))
