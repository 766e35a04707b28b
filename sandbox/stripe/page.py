"""The hosted payment page: shows a checkout session and lets a buyer pay it."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from sandbox.stripe import paying, views
from sandbox.stripe.emulator import Emulator
from sandbox.stripe.errors import Json
from sandbox.stripe.ids import new_id
from sandbox.stripe.objects import baskets, sessions
from sandbox.stripe.outcomes import Decline
from sandbox.stripe.reading import body_text
from sandbox.stripe.submission import Submission, read_submission
from sandbox.stripe.work import Cause, Work

_HEADERS = {
    "Cache-Control": "no-store",
    # The address of the page is all that it takes to pay, so it goes to nobody else.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Browsers hold redirects after a form to form-action too, and the shop may be anywhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'",
}


class PaymentPage:
    """Serves `/c/pay/{session}`: HTML for people, JSON for scripts that ask for it."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def show(self, request: Request) -> Response:
        with self._emulator.work() as work:
            session = _current(work, request.path_params["session"])
            if session is None or session["status"] != "open":
                return _closed(session, in_json=_wants_json(request))
            items = baskets.shown_items(work, session["id"])
        return HTMLResponse(views.checkout(session, items), headers=_HEADERS)

    async def submit(self, request: Request) -> Response:
        """Pay, once: whoever comes second finds the session complete."""
        text = await body_text(request)
        in_json = _wants_json(request)
        with self._emulator.work(Cause(new_id("req_"))) as work:
            session = _current(work, request.path_params["session"])
            if session is None or session["status"] == "expired":
                return _closed(session, in_json=in_json)
            if session["status"] == "complete":
                return _paid(session, in_json=in_json)
            submission = read_submission(text, session, work.now)
            decline = None if submission.problems else _pay(work, session, submission)
            if not submission.problems and decline is None:
                return _paid(session, in_json=in_json)
            items = baskets.shown_items(work, session["id"])
        if in_json:
            return _refusal(submission, decline)
        status = HTTPStatus.PAYMENT_REQUIRED if decline else HTTPStatus.UNPROCESSABLE_ENTITY
        html = views.checkout(session, items, submission, decline)
        return HTMLResponse(html, status, _HEADERS)


def _current(work: Work, identifier: str) -> Json | None:
    """The session, expired first if its time is up and its timer has not rung yet."""
    session = work.find(sessions.KIND, identifier)
    if session and session["status"] == "open" and session["expires_at"] <= work.now:
        return sessions.close_expired(work, session)
    return session


def _pay(work: Work, session: Json, submission: Submission) -> Decline | None:
    if submission.means is None:
        paying.complete_for_nothing(work, session, submission.buyer)
        return None
    return paying.pay(work, session, submission.buyer, submission.means)


def _paid(session: Json, *, in_json: bool) -> Response:
    target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    if in_json:
        return JSONResponse({"status": "complete", "redirect": target}, headers=_HEADERS)
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, _HEADERS)


def _closed(session: Json | None, *, in_json: bool) -> Response:
    """The answer where there is nothing to pay."""
    if session is None:
        status, code, message = HTTPStatus.NOT_FOUND, "unknown", "There is no such session."
    elif session["status"] == "expired":
        status, code, message = HTTPStatus.GONE, "expired", "This session has expired."
    else:
        status, code, message = HTTPStatus.OK, "complete", "This session is complete."
    if not in_json:
        return HTMLResponse(views.notice(session), status, _HEADERS)
    if code == "complete" and session is not None:
        return _paid(session, in_json=True)
    body = {"status": code, "error": {"code": f"session_{code}", "message": message}}
    return JSONResponse(body, status, _HEADERS)


def _refusal(submission: Submission, decline: Decline | None) -> Response:
    """Why a script's payment did not go through."""
    if decline is None:
        error: Json = {
            "code": "invalid_fields",
            "message": " ".join(submission.problems.values()),
            "fields": submission.problems,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    else:
        error = {"code": decline.code, "message": decline.message}
        error |= {"decline_code": decline.decline_code} if decline.decline_code else {}
        status = HTTPStatus.PAYMENT_REQUIRED
    return JSONResponse({"status": "open", "error": error}, status, _HEADERS)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
