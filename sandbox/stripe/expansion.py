"""Puts whole objects where ids stand, as `expand[]` asks."""

from collections.abc import Callable

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.objects import refunds, sessions
from sandbox.stripe.work import Work

_DEEPEST = 4


def _nothing(fields: str) -> dict[str, str]:
    return dict.fromkeys(fields.split(), "nothing")


# Each field that holds an id, and of what; those of kinds that are not emulated are always null.
_REFERENCES: dict[str, dict[str, str]] = {
    "checkout.session": _nothing("customer invoice payment_link setup_intent subscription")
    | {"payment_intent": "payment_intent"},
    "payment_intent": _nothing("application customer on_behalf_of review")
    | {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": _nothing(
        "application application_fee balance_transaction customer failure_balance_transaction "
        "on_behalf_of review source_transfer transfer"
    )
    | {"payment_intent": "payment_intent"},
    "refund": _nothing(
        "balance_transaction customer failure_balance_transaction source_transfer_reversal "
        "transfer_reversal"
    )
    | {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "price": {"product": "product"},
    "product": _nothing("tax_code") | {"default_price": "price"},
    "payment_method": _nothing("customer"),
}

# Each list that is shown only when asked for.
_LISTS: dict[tuple[str, str], Callable[[Work, Json], Json]] = {
    ("checkout.session", "line_items"): sessions.line_items,
    ("charge", "refunds"): refunds.of_charge,
}


def expand(work: Work, thing: Json, paths: list[str]) -> Json:
    """Expand an answer in place; raises StripeError for what can't be expanded."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            message = f"You cannot expand more than {_DEEPEST} levels of a property: {path}"
            raise StripeError(message, param="expand", recorded=False)
        _expand(work, thing, steps, path)
    return thing


def _expand(work: Work, thing: Json, steps: list[str], path: str) -> None:
    head, *rest = steps
    if thing.get("object") == "list" and head == "data" and rest:
        for each in thing["data"]:
            _expand(work, each, rest, path)
        return
    if not isinstance(thing.get(head), dict):
        whole = _whole(work, thing, head, path)
        if whole is not None:
            thing[head] = whole
    if rest and thing.get(head) is not None:
        _expand(work, thing[head], rest, path)


def _whole(work: Work, thing: Json, field: str, path: str) -> Json | None:
    kind = thing.get("object", "")  # a hash within an object has none
    if (kind, field) in _LISTS:
        return _LISTS[kind, field](work, thing)
    referred = _REFERENCES.get(kind, {}).get(field)
    if referred is None:
        message = f"This property cannot be expanded ({path})."
        raise StripeError(message, param="expand", recorded=False)
    return None if thing.get(field) is None else work.get(referred, thing[field])
