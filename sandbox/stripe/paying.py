"""What happens when a buyer pays a checkout session, and when the bank debit of one settles."""

from dataclasses import dataclass

from sandbox.stripe import attempts
from sandbox.stripe.attempts import Attempt
from sandbox.stripe.errors import Json
from sandbox.stripe.listing import equal
from sandbox.stripe.means import Means
from sandbox.stripe.objects import intent_shape, method_shape, sessions
from sandbox.stripe.objects.addresses import billing
from sandbox.stripe.objects.session_shape import customer_details
from sandbox.stripe.outcomes import Decline
from sandbox.stripe.work import Work


@dataclass(frozen=True)
class Buyer:
    """Who pays."""

    email: str
    name: str | None
    phone: str | None = None


def pay(work: Work, session: Json, buyer: Buyer, means: Means) -> Decline | None:
    """Try to pay an open session with what a buyer typed; a decline leaves it open."""
    method = method_shape.new_method(work, means, billing(buyer.email, buyer.name, buyer.phone))
    return pay_with(work, session, buyer, method, means).decline


def pay_with(work: Work, session: Json, buyer: Buyer, method: Json, means: Means) -> Attempt:
    """Try to pay an open session with a method that there is; a decline leaves it open."""
    intent = intent_shape.of_session(work, session)
    session = work.save(session | {"payment_intent": intent["id"]})
    attempted = attempts.attempt(work, intent, method, means)
    if attempted.decline is None:
        paid = attempted.intent["status"] == "succeeded"
        _complete(work, session, buyer, "paid" if paid else "unpaid")
        attempts.dispute(work, attempted)
    return attempted


def complete_for_nothing(work: Work, session: Json, buyer: Buyer) -> None:
    """Complete a session whose total is zero."""
    _complete(work, session, buyer, "no_payment_required")


def settle(work: Work, intent_id: str, outcome: str | None = None) -> Json | None:
    """End a debit under way, of a session or not; the intent as it is then.

    None when the intent has no debit under way; `outcome` is `succeeded`, `failed`, or the
    account's own.
    """
    settled = attempts.settle(work, intent_id, outcome)
    if settled is None:
        return None
    for session in work.select(sessions.KIND, equal("payment_intent", intent_id)):
        if settled.decline is None:
            paid = work.save(session | {"payment_status": "paid"})
            work.emit("checkout.session.async_payment_succeeded", paid)
        else:
            work.emit("checkout.session.async_payment_failed", session)
    attempts.dispute(work, settled)
    return settled.intent


def _complete(work: Work, session: Json, buyer: Buyer, payment_status: str) -> None:
    work.timers.cancel(sessions.EXPIRY, session["id"])
    complete = work.save(
        session
        | {
            "collected_information": {
                "business_name": None,
                "individual_name": None,
                "shipping_details": None,
            },
            "customer_details": customer_details(buyer.email, buyer.name, buyer.phone),
            "payment_status": payment_status,
            "status": "complete",
            "url": None,
        }
    )
    work.emit("checkout.session.completed", complete)
