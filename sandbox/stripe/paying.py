"""What happens when a buyer pays a checkout session, and when a bank debit settles."""

from dataclasses import dataclass

from sandbox.stripe.errors import Json
from sandbox.stripe.means import BankAccount, Decline, Means
from sandbox.stripe.objects import charges, disputes, payment_intents, payment_methods, sessions
from sandbox.stripe.objects.session_shape import customer_details
from sandbox.stripe.work import Work

SETTLEMENT = "settle debit"  # the timer; its subject is the session
_DEBIT = "sandbox.debit"  # our own record of how a debit will end: no answer shows it
_DEBIT_FAILED = Decline(
    "payment_intent_payment_attempt_failed", "The bank did not allow the debit."
)


@dataclass(frozen=True)
class Buyer:
    """Who pays."""

    email: str
    name: str
    phone: str | None = None

    def billing(self) -> Json:
        return {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": self.email,
            "name": self.name,
            "phone": self.phone,
            "tax_id": None,
        }


def pay(work: Work, session: Json, buyer: Buyer, means: Means) -> Decline | None:
    """Try to pay an open session; a decline leaves it open."""
    intent = payment_intents.of_session(work, session)
    session = work.save(session | {"payment_intent": intent["id"]})
    method = payment_methods.create(work, means, buyer.billing())
    if isinstance(means, BankAccount):
        _debit(work, session, intent, method, means, buyer)
        return None
    if means.decline is not None:
        charge = charges.create(work, intent, method, "failed", means.decline)
        work.emit("charge.failed", charge)
        _fail(work, intent, method, charge, means.decline)
        return means.decline
    charge = charges.create(work, intent, method, "succeeded")
    work.emit("charge.succeeded", charge)
    _succeed(work, intent, charge)
    _complete(work, session, buyer, "paid")
    if means.disputed:
        disputes.open_on(work, charge)
    return None


def complete_for_nothing(work: Work, session: Json, buyer: Buyer) -> None:
    """Complete a session whose total is zero."""
    _complete(work, session, buyer, "no_payment_required")


def settle(work: Work, session_id: str, outcome: str | None = None) -> Json | None:
    """End a debit under way, as its account or `outcome` (`succeeded`, `failed`) has it.

    None when the session has no debit under way.
    """
    session = work.find(sessions.KIND, session_id)
    debit = work.find(_DEBIT, session_id)
    if session is None or debit is None or debit["status"] != "processing":
        return None
    work.timers.cancel(SETTLEMENT, session_id)
    work.save(debit | {"status": "settled"})
    intent = work.get(payment_intents.KIND, session["payment_intent"])
    charge = work.get(charges.KIND, intent["latest_charge"])
    if debit["fails"] if outcome is None else outcome == "failed":
        _debit_failed(work, session, intent, charge)
        return session
    charge = charges.settled(work, charge, None)
    work.emit("charge.succeeded", charge)
    _succeed(work, intent, charge)
    paid = work.save(session | {"payment_status": "paid"})
    work.emit("checkout.session.async_payment_succeeded", paid)
    if debit["disputed"]:
        disputes.open_on(work, charge)
    return paid


def _debit(
    work: Work, session: Json, intent: Json, method: Json, account: BankAccount, buyer: Buyer
) -> None:
    """Begin a debit: the session completes unpaid, and the money comes, or not, later."""
    charge = charges.create(work, intent, method, "pending")
    work.emit("charge.pending", charge)
    processing = work.save(
        intent
        | {
            "latest_charge": charge["id"],
            "payment_method": method["id"],
            "last_payment_error": None,
            "status": "processing",
        }
    )
    work.emit("payment_intent.processing", processing)
    _complete(work, session, buyer, "unpaid")
    _expect_settlement(work, session, account)


def _expect_settlement(work: Work, session: Json, account: BankAccount) -> None:
    work.save(
        {
            "id": session["id"],
            "object": _DEBIT,
            "created": work.now,
            "disputed": account.disputed,
            "fails": account.fails,
            "status": "processing",
        }
    )
    work.timers.set(SETTLEMENT, session["id"], work.now + work.config.settle_after)


def _debit_failed(work: Work, session: Json, intent: Json, charge: Json) -> None:
    charge = charges.settled(work, charge, _DEBIT_FAILED)
    work.emit("charge.failed", charge)
    method = work.get("payment_method", intent["payment_method"])
    _fail(work, intent, method, charge, _DEBIT_FAILED)
    work.emit("checkout.session.async_payment_failed", session)


def _succeed(work: Work, intent: Json, charge: Json) -> None:
    succeeded = work.save(
        intent
        | {
            "amount_received": intent["amount"],
            "last_payment_error": None,
            "latest_charge": charge["id"],
            "payment_method": charge["payment_method"],
            "status": "succeeded",
        }
    )
    work.emit("payment_intent.succeeded", succeeded)


def _fail(work: Work, intent: Json, method: Json, charge: Json, decline: Decline) -> None:
    error: Json = {
        "charge": charge["id"],
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
    }
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    failed = work.save(
        intent
        | {
            "last_payment_error": error,
            "latest_charge": charge["id"],
            "payment_method": None,
            "status": "requires_payment_method",
        }
    )
    work.emit("payment_intent.payment_failed", failed)


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
