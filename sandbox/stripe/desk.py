"""The developer's page at `/`: what was sold, what happened, and who was told."""

from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.pages import HEADERS, page
from sandbox.stripe import money
from sandbox.stripe.emulator import Emulator
from sandbox.stripe.errors import Json
from sandbox.stripe.outbox import Delivery

_SHOWN = 20
_STYLE = "h2 { font-size: 1.05rem; margin: 2.25rem 0 0 } .card { margin: .75rem 0 }"


class Desk:
    """Serves the page."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def show(self, request: Request) -> Response:
        ledger = self._emulator.ledger
        sessions = ledger.select("checkout.session", limit=_SHOWN)
        deliveries = self._emulator.outbox.latest(limit=_SHOWN)
        types = {each.event: self._event_type(each.event) for each in deliveries}
        body = "".join(
            (
                "<h1>Payment sandbox</h1>",
                '<p class="soft">Speaks Stripe’s API. No money moves here.</p>',
                _table(
                    "Checkout sessions",
                    ("Opened", "Buyer", "Total", "Status", ""),
                    [_session(each) for each in sessions],
                ),
                _table(
                    "Events",
                    ("At", "Type", "About"),
                    [_event(each) for each in ledger.select("event", limit=_SHOWN)],
                ),
                _table(
                    "Webhook deliveries",
                    ("Owed since", "Type", "To", "State", "Attempts", "Last answer"),
                    [_delivery(each, types[each.event]) for each in deliveries],
                ),
            )
        )
        return HTMLResponse(page("Payment sandbox", body, _STYLE), headers=HEADERS)

    def _event_type(self, identifier: str) -> str:
        event = self._emulator.ledger.find("event", identifier)
        return str(event["type"]) if event else ""


def _table(title: str, heads: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return f'<h2>{title}</h2><div class="card"><p class="empty">None yet.</p></div>'
    head = "".join(f"<th>{each}</th>" for each in heads)
    return (
        f'<h2>{title}</h2><div class="card"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _session(session: Json) -> str:
    email = (session["customer_details"] or {}).get("email") or "—"
    status = session["status"]
    shown = status if status != "complete" else f"complete, {session['payment_status']}"
    mark = " open" if status == "open" else ""
    link = f'<a href="{escape(session["url"])}">Pay</a>' if session["url"] else ""
    return _row(
        _time(session["created"]),
        escape(email),
        escape(money.formatted(session["amount_total"], session["currency"])),
        f'<span class="tag{mark}">{escape(shown.replace("_", " "))}</span>',
        link,
    )


def _event(event: Json) -> str:
    subject = event["data"]["object"]["id"]
    return _row(
        _time(event["created"]),
        escape(event["type"]),
        f'<code title="{escape(subject)}">{escape(subject[:24])}</code>',
    )


def _delivery(delivery: Delivery, event_type: str) -> str:
    mark = " open" if delivery.state == "pending" else ""
    answer = delivery.last_error or delivery.last_status or "—"
    return _row(
        _time(delivery.created),
        escape(event_type),
        escape(delivery.url),
        f'<span class="tag{mark}">{escape(delivery.state)}</span>',
        str(delivery.attempts),
        escape(str(answer)),
    )


def _time(moment: float) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%H:%M:%S}</time>'
