"""What Stripe's objects say of a payment, in our words."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import stripe
from stripe.checkout import Session

from domain.money import Money
from domain.payment import Customer, Payment, PaymentState
from domain.standing import DisputeSeen, DisputeState, RefundSeen, RefundState
from gateways.stripe_client import instant

# A payment intent in one of these, behind a page that is done with, will not bring the money.
_LOST = frozenset({"requires_payment_method", "canceled"})
# Their money comes hours or days after the charge was made, and Stripe does not say when
# (docs.stripe.com/payments/payment-methods, "delayed notification").
_DELAYED = frozenset(
    "acss_debit au_becs_debit bacs_debit boleto customer_balance konbini multibanco"
    " nz_bank_account oxxo sepa_debit sofort us_bank_account".split()
)

# Stripe's words for a dispute that is over; in all others, inquiries too, it is open.
_DISPUTES_OVER = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,  # the buyer's bank was talked out of it
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


def dispute_seen(dispute: stripe.Dispute, seen_at: datetime) -> DisputeSeen:
    """Where it stands; prevented by giving the buyer the money back, it is as good as lost."""
    state = _DISPUTES_OVER.get(dispute.status, DisputeState.OPEN)
    # What a dispute does not have is not null, but not there: only cards' have a case.
    card = getattr(getattr(dispute, "payment_method_details", None), "card", None)
    if dispute.status == "prevented" and getattr(card, "case_type", None) == "resolution":
        state = DisputeState.LOST
    return DisputeSeen(dispute.id, state, seen_at)


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
    paid_by = charge.payment_method_details
    method = paid_by.type if paid_by is not None else None
    is_known = state is PaymentState.PAID and method not in _DELAYED
    return replace(payment, method=method, paid_at=instant(charge.created) if is_known else None)


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
