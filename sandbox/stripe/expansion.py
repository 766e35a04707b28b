"""Puts whole objects where ids stand, as `expand[]` asks."""

from collections.abc import Callable

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.objects import refunds, sessions
from sandbox.stripe.work import Work

_DEEPEST = 4

# Each field that holds an id, and of what; those of kinds that are not emulated are always null.
_REFERENCES: dict[str, dict[str, str]] = {
    "checkout.session": dict.fromkeys(
        ("customer", "invoice", "payment_link", "setup_intent", "subscription"), "nothing"
    )
    | {"payment_intent": "payment_intent"},
    "payment_intent": dict.fromkeys(("application", "customer", "on_behalf_of"), "nothing")
    | {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": dict.fromkeys(("application", "balance_transaction", "customer"), "nothing")
    | {"payment_intent": "payment_intent"},
    "refund": {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "payment_method": "payment_method",
        **dict.fromkeys(
            ("balance_transaction", "customer", "source_transfer_reversal", "transfer_reversal"),
            "nothing",
        ),
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "price": {"product": "product"},
    "product": {"default_price": "price"},
    "payment_method": {"customer": "nothing"},
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
    if thing["object"] == "list" and head == "data" and rest:
        for each in thing["data"]:
            _expand(work, each, rest, path)
        return
    if not isinstance(thing.get(head), dict):
        thing[head] = _whole(work, thing, head, path)
    if rest and thing[head] is not None:
        _expand(work, thing[head], rest, path)


def _whole(work: Work, thing: Json, field: str, path: str) -> Json | None:
    kind = thing["object"]
    if (kind, field) in _LISTS:
        return _LISTS[kind, field](work, thing)
    referred = _REFERENCES.get(kind, {}).get(field)
    if referred is None:
        message = f"This property cannot be expanded ({path})."
        raise StripeError(message, param="expand", recorded=False)
    return None if thing[field] is None else work.get(referred, thing[field])
