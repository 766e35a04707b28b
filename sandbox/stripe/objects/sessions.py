"""Checkout sessions: a cart, the page to pay it on, and what became of it."""

from typing import Any

from sandbox.stripe.errors import Json, StripeError, invalid_parameter
from sandbox.stripe.ids import new_id
from sandbox.stripe.ledger import Condition
from sandbox.stripe.listing import created_within, equal, list_of, page_of, page_within
from sandbox.stripe.objects import baskets
from sandbox.stripe.objects.session_shape import new_session
from sandbox.stripe.parameters import Parameters, missing
from sandbox.stripe.work import Work

KIND = "checkout.session"
EXPIRY = "expire session"  # the timer
_SHOWN_LINE_ITEMS = 10

_SHORTEST, _LONGEST = 30 * 60, 24 * 60 * 60  # seconds that a session may live
_LEEWAY = 60  # seconds: callers compute the moment from their own clock
_URL_LENGTH = 5000


def create(work: Work, parameters: Parameters) -> Json:
    if (mode := parameters.choice("mode", ("payment", "setup", "subscription"))) is None:
        raise missing("mode")
    if mode != "payment":
        message = f"The sandbox does not emulate checkout sessions in {mode} mode."
        raise invalid_parameter(message, "mode")
    identifier = new_id("cs_test_")
    success_url = _url(parameters, "success_url")
    if success_url is None:
        raise missing("success_url")
    cancel_url = _url(parameters, "cancel_url")
    expires_at = _expires_at(work, parameters)
    basket = baskets.create(work, parameters, identifier)
    session = new_session(work, parameters, basket)
    session |= {
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": expires_at,
        "url": f"{work.public_url}/c/pay/{identifier}",
    }
    work.timers.set(EXPIRY, identifier, session["expires_at"])
    return work.save(session)


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get(KIND, identifier, "session")


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    session = work.get(KIND, identifier, "session")
    session["metadata"] = parameters.metadata(session["metadata"])
    return work.save(session)


def expire(work: Work, parameters: Parameters, identifier: str) -> Json:
    session = work.get(KIND, identifier, "session")
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return close_expired(work, session)


def expire_when_due(work: Work, identifier: str) -> None:
    """What its timer does; a session that was paid meanwhile stays as it is."""
    session = work.find(KIND, identifier)
    if session is not None and session["status"] == "open":
        close_expired(work, session)


def close_expired(work: Work, session: Json) -> Json:
    work.timers.cancel(EXPIRY, session["id"])
    expired = work.save(session | {"status": "expired", "url": None})
    work.emit("checkout.session.expired", expired)
    return expired


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions: list[Condition] = [
        *created_within(parameters),
        *equal("payment_intent", parameters.text("payment_intent")),
        *equal("status", parameters.choice("status", ("open", "complete", "expired"))),
    ]
    details = parameters.child("customer_details")
    if details is not None and (email := details.required_text("email")):
        conditions.append(("json_extract(body, '$.customer_details.email') = ?", email))
    return page_of(work, KIND, parameters, conditions, "/v1/checkout/sessions")


def list_line_items(work: Work, parameters: Parameters, identifier: str) -> Json:
    session = work.get(KIND, identifier, "session")
    items = baskets.shown_items(work, session["id"])
    return page_within(items, parameters, _line_items_url(session))


def line_items(work: Work, session: Json) -> Json:
    """The first page, as `expand[]=line_items` shows it."""
    items = baskets.shown_items(work, session["id"])
    more = len(items) > _SHOWN_LINE_ITEMS
    return list_of(items[:_SHOWN_LINE_ITEMS], _line_items_url(session), has_more=more)


def _line_items_url(session: Json) -> str:
    return f"/v1/checkout/sessions/{session['id']}/line_items"


def _url(parameters: Parameters, name: str) -> Any:
    url = parameters.text(name, longest=_URL_LENGTH)
    if url is not None and not url.startswith(("https://", "http://")):
        raise invalid_parameter("Not a valid URL", name, "url_invalid")
    return url


def _expires_at(work: Work, parameters: Parameters) -> int:
    moment = parameters.integer("expires_at")
    if moment is None:
        return work.now + _LONGEST
    if moment < work.now + _SHORTEST - _LEEWAY:
        message = "must be at least 30 minutes from Checkout Session creation."
    elif moment > work.now + _LONGEST + _LEEWAY:
        message = "must be less than 24 hours from Checkout Session creation."
    else:
        return moment
    raise invalid_parameter(f"The `expires_at` timestamp {message}", "expires_at")
