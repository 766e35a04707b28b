"""The payment page's HTML. Everything that comes from outside is escaped here."""

from html import escape
from pathlib import Path
from string import Template

from sandbox.stripe import money
from sandbox.stripe.errors import Json
from sandbox.stripe.objects.method_types import CARD, DEBIT
from sandbox.stripe.outcomes import Decline
from sandbox.stripe.submission import Submission

_TEMPLATES = Path(__file__).with_name("templates")
_SHELL, _CHECKOUT, _FIELD, _NOTICE, _CARD, _DEBIT = (
    Template((_TEMPLATES / f"{name}.html").read_text("utf-8"))
    for name in ("shell", "checkout", "field", "notice", "card", "debit")
)
_NEVER_ECHOED = ("card_number", "card_cvc")
_METHODS = {CARD: "Card", DEBIT: "Bank debit"}


def checkout(
    session: Json,
    items: list[Json],
    submission: Submission | None = None,
    decline: Decline | None = None,
) -> str:
    """The page of an open session."""
    form = _Form(session, submission)
    total = money.formatted(session["amount_total"], session["currency"])
    body = _CHECKOUT.substitute(
        total=escape(total),
        lines="".join(_line(item) for item in items),
        back=_back(session),
        alert=_alert(submission, decline),
        contact=form.contact(),
        methods=form.methods(),
        panels=form.panels(),
        button=escape(f"Pay {total}" if session["amount_total"] else "Complete order"),
    )
    return _SHELL.substitute(title=escape(f"Pay {total}"), body=body)


def notice(session: Json | None) -> str:
    """The page where there is nothing to pay."""
    if session is None:
        title, text, url = "Nothing to pay here", "This payment page does not exist.", None
    elif session["status"] == "expired":
        title, url = "This page has expired", session["cancel_url"]
        text = "You were not charged. Go back to the shop and start again."
    else:
        title = "Payment received" if session["payment_status"] != "unpaid" else "Order received"
        text = "There is nothing more to do here."
        url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    link = f'<a class="button" href="{escape(url)}">Back to the shop</a>' if url else ""
    body = _NOTICE.substitute(title=escape(title), text=escape(text), link=link)
    return _SHELL.substitute(title=escape(title), body=body)


class _Form:
    """The parts of the form, as they were last typed."""

    def __init__(self, session: Json, submission: Submission | None) -> None:
        self._session = session
        self._typed = submission.typed if submission else {}
        self._problems = submission.problems if submission else {}
        self._method = submission.method if submission else session["payment_method_types"][0]

    def contact(self) -> str:
        email = self._session["customer_email"]
        fields = [
            self.field("email", "Email", 'type="email" autocomplete="email"', locked=email),
            self.field("name", "Full name", 'autocomplete="name"'),
        ]
        if self._session["phone_number_collection"]["enabled"]:
            fields.append(self.field("phone", "Phone", 'type="tel" autocomplete="tel"'))
        return "".join(fields)

    def methods(self) -> str:
        """The choice between ways to pay; none where there is only one."""
        offered = self._session["payment_method_types"]
        if not self._session["amount_total"]:
            return ""
        if len(offered) == 1:
            return f'<input type="hidden" name="method" value="{escape(offered[0])}">'
        choices = "".join(self._choice(method) for method in offered)
        return f'<fieldset class="methods"><legend>Pay by</legend>{choices}</fieldset>'

    def panels(self) -> str:
        if not self._session["amount_total"]:
            return ""
        panels = {CARD: self._card, DEBIT: self._debit}
        return "".join(panels[method]() for method in self._session["payment_method_types"])

    def field(self, name: str, label: str, attributes: str, locked: str | None = None) -> str:
        typed = "" if name in _NEVER_ECHOED else self._typed.get(name, "")
        problem = self._problems.get(name)
        if locked is not None:
            attributes += " readonly"
        if problem:
            attributes += f' aria-invalid="true" aria-describedby="{name}-problem"'
        return _FIELD.substitute(
            name=name,
            label=escape(label),
            value=escape(locked or typed),
            attributes=attributes,
            problem=f'<p class="problem" id="{name}-problem">{escape(problem)}</p>'
            if problem
            else "",
        )

    def _choice(self, method: str) -> str:
        checked = " checked" if method == self._method else ""
        return (
            f'<label><input type="radio" name="method" value="{method}"{checked}>'
            f"<span>{_METHODS[method]}</span></label>"
        )

    def _card(self) -> str:
        number = 'inputmode="numeric" autocomplete="cc-number" placeholder="1234 1234 1234 1234"'
        expiry = 'inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY" maxlength="9"'
        code = 'inputmode="numeric" autocomplete="cc-csc" placeholder="123" maxlength="4"'
        return _CARD.substitute(
            number=self.field("card_number", "Card number", number),
            expiry=self.field("card_expiry", "Expiry", expiry),
            code=self.field("card_cvc", "Security code", code),
        )

    def _debit(self) -> str:
        attributes = 'autocomplete="off" spellcheck="false" placeholder="DE89 3704 0044 …"'
        return _DEBIT.substitute(iban=self.field("iban", "IBAN", attributes))


def _line(item: Json) -> str:
    amount = money.formatted(item["amount_total"], item["currency"])
    each = money.formatted(item["price"]["unit_amount"], item["currency"])
    several = f"{item['quantity']} × {each}" if item["quantity"] > 1 else ""
    detail = " · ".join(filter(None, (item["price"]["nickname"], several)))
    shown = f'<span class="detail">{escape(detail)}</span>' if detail else ""
    name = escape(item["description"] or "Item")
    return f"<li><span>{name}{shown}</span><span>{escape(amount)}</span></li>"


def _back(session: Json) -> str:
    url = session["cancel_url"]
    return f'<a class="back" href="{escape(url)}">Cancel and go back</a>' if url else ""


def _alert(submission: Submission | None, decline: Decline | None) -> str:
    if decline is not None:
        text = f"{decline.message} You were not charged; try another card."
    elif submission is not None and submission.problems:
        text = "Some details need another look."
    else:
        return ""
    return f'<p class="alert" role="alert" tabindex="-1">{escape(text)}</p>'
