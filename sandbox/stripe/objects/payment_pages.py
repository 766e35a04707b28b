"""The calls behind Stripe's hosted page, by which its command-line tool pays checkout sessions.

Stripe publishes none of them; here they answer with the checkout session.
"""

from sandbox.stripe import paying
from sandbox.stripe.errors import Json, StripeError, card_declined
from sandbox.stripe.objects import payment_methods, sessions
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work


def show(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(sessions.KIND, identifier, "session")


def confirm(work: Work, parameters: Parameters, identifier: str) -> Json:
    """Pay an open session with a payment method made before."""
    session = work.get(sessions.KIND, identifier, "session")
    method = payment_methods.given(work, parameters)
    if session["status"] != "open":
        message = f"This Checkout Session has a status of {session['status']}."
        raise StripeError(message, code="checkout_not_open")
    expected = parameters.integer("expected_amount")
    if expected not in (None, session["amount_total"]):
        message = "The amount expected is not the Checkout Session's."
        raise StripeError(message, code="checkout_amount_mismatch", param="expected_amount")
    if not session["amount_total"]:
        paying.complete_for_nothing(work, session, _buyer(session, None))
        return work.get(sessions.KIND, identifier)
    if method is None:
        raise missing("payment_method")
    return _pay(work, session, method)


def _pay(work: Work, session: Json, method: Json) -> Json:
    if method["type"] not in session["payment_method_types"]:
        message = f"This Checkout Session does not accept a {method['type']}."
        raise StripeError(message, param="payment_method")
    means = payment_methods.means_of(work, method)
    attempted = paying.pay_with(work, session, _buyer(session, method), method, means)
    if attempted.decline is None:
        payment_methods.use_up(work, method)
    else:
        work.refusal = card_declined(attempted.intent)
    return work.get(sessions.KIND, session["id"])


def _buyer(session: Json, method: Json | None) -> paying.Buyer:
    billing = method["billing_details"] if method else {}
    email = session["customer_email"] or billing.get("email")
    if email is None:
        raise missing("payment_method[billing_details][email]")
    return paying.Buyer(email, billing.get("name"), billing.get("phone"))
