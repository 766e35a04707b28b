"""What Stripe's objects say of a payment, in our words."""

from dataclasses import replace
from typing import Any

import stripe
from stripe.checkout import Session

from domain.money import Money
from domain.payment import Customer, Payment, PaymentState
from domain.standing import DisputeSeen, DisputeState, RefundSeen, RefundState
from gateways.stripe_client import instant

# A payment intent in one of these, behind a page that is done with, will not bring the money.
_LOST = frozenset({"requires_payment_method", "canceled"})

# Stripe's words for a dispute that is over; in all others, inquiries too, it is open.
_DISPUTES_OVER = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "lost": DisputeState.LOST,
}

# Stripe's words for a refund whose money the shop has again; in all others it is on its way.
REFUNDS_FAILED = frozenset({"failed", "canceled"})


def metadata_of(of: Session | stripe.PaymentIntent | stripe.Refund) -> dict[str, str]:
    given: Any = of.metadata
    return dict(given.to_dict()) if given is not None else {}


def refund_seen(refund: stripe.Refund, charge: stripe.Charge) -> RefundSeen:
    failed = refund.status in REFUNDS_FAILED
    state = RefundState.FAILED if failed else RefundState.SENT
    wish = metadata_of(refund).get("wish")
    return RefundSeen(refund.id, refund.amount, charge.amount, state, wish)


def dispute_seen(dispute: stripe.Dispute) -> DisputeSeen:
    return DisputeSeen(dispute.id, _DISPUTES_OVER.get(dispute.status, DisputeState.OPEN))


def payment_of(session: Session) -> Payment:
    """A session's payment, of a session that was asked for with its charge."""
    intent = session.payment_intent
    if isinstance(intent, str):
        raise TypeError("the payment intent was not expanded")
    state = _state(session, intent)
    charge = charge_of(session)
    details = session.customer_details
    payment = Payment(
        session_id=session.id,
        state=state,
        amount=_amount(session, intent),
        customer=Customer(details.email, details.name, details.phone) if details else Customer(),
        payment_intent_id=intent.id if intent is not None else None,
    )
    if charge is None:
        return payment
    method = charge.payment_method_details
    return replace(
        payment,
        method=method.type if method is not None else None,
        paid_at=instant(charge.created) if state is PaymentState.PAID else None,
    )


def charge_of(session: Session) -> stripe.Charge | None:
    intent = session.payment_intent
    charge = None if intent is None or isinstance(intent, str) else intent.latest_charge
    return charge if isinstance(charge, stripe.Charge) else None


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
