"""Stripe's checkout sessions: opened once per order and attempt, and asked for the payment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from domain.errors import Unavailable
from domain.money import Money
from domain.order import Order
from domain.payment import CheckoutSession, Customer, Payment, PaymentState
from gateways.stripe_client import asking, translated

# Stripe's clock and ours may differ; a search for an order's session looks back this much more.
CLOCK_SLACK = timedelta(minutes=5)

# A payment intent in one of these, behind a page that is done with, will not bring the money.
_LOST = frozenset({"requires_payment_method", "canceled"})


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
            if not _is_final(fault.__cause__):
                raise
            made = await self._find_open_session(order)
            if made is None:
                raise AttemptSpent(fault) from fault
            return made
        return _checkout_session(session)

    async def find_payment(self, session_id: str) -> Payment:
        """What Stripe knows of the session's payment now."""
        with asking():
            session = await self._sessions.retrieve_async(
                session_id, {"expand": ["payment_intent.latest_charge"]}
            )
        return _payment(session)

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


def _is_final(fault: BaseException | None) -> bool:
    """Whether Stripe will answer a key like this until it forgets the key.

    It saved a fault of its own, or it has seen the key with other parameters: an order's differ
    when the environment's name or the session's lifetime was changed in between.
    """
    if isinstance(fault, stripe.IdempotencyError):
        return True
    headers = {
        name.lower(): value for name, value in (getattr(fault, "headers", None) or {}).items()
    }
    return headers.get("idempotent-replayed") == "true"


def _checkout_session(session: Session) -> CheckoutSession:
    if session.url is None:
        raise ValueError(f"session {session.id} has no page")
    return CheckoutSession(session.id, session.url, _instant(session.expires_at))


def _payment(session: Session) -> Payment:
    intent = session.payment_intent
    if isinstance(intent, str):
        raise TypeError("the payment intent was not expanded")
    state = _state(session, intent)
    charge = intent.latest_charge if intent is not None else None
    details = session.customer_details
    payment = Payment(
        session_id=session.id,
        state=state,
        amount=_amount(session, intent),
        customer=Customer(details.email, details.name, details.phone) if details else Customer(),
        payment_intent_id=intent.id if intent is not None else None,
    )
    if not isinstance(charge, stripe.Charge):
        return payment
    method = charge.payment_method_details
    return replace(
        payment,
        method=method.type if method is not None else None,
        paid_at=_instant(charge.created) if state is PaymentState.PAID else None,
    )


def _state(session: Session, intent: stripe.PaymentIntent | None) -> PaymentState:
    match session.status, session.payment_status:
        case _, "paid" | "no_payment_required":
            return PaymentState.PAID
        case "expired", _:
            return PaymentState.EXPIRED
        case "complete", _ if intent is not None and intent.status in _LOST:
            return PaymentState.FAILED
        case "complete", _:  # a voucher to be paid, a transfer under way
            return PaymentState.SETTLING
        case _:
            return PaymentState.AWAITED


def _amount(session: Session, intent: stripe.PaymentIntent | None) -> Money:
    """What was received once it was, else what the session asks for."""
    if intent is not None and intent.status == "succeeded":
        return Money(intent.amount_received, intent.currency.upper())
    return Money(session.amount_total or 0, (session.currency or "xxx").upper())


def _instant(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
