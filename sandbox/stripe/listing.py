"""Stripe's lists: filters, and pages by cursor."""

import json
from collections.abc import Sequence

from sandbox.stripe.errors import Json, invalid_parameter
from sandbox.stripe.ledger import Condition
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

_BOUNDS = {"gt": "created > ?", "gte": "created >= ?", "lt": "created < ?", "lte": "created <= ?"}
_EQUALS = {
    "status": "status = ?",
    "type": "type = ?",
    "active": "active = ?",
    "product": "product = ?",
    "payment_intent": "payment_intent = ?",
    "charge": "charge = ?",
}
_AMONG = {
    "id": "id IN (SELECT value FROM json_each(?))",
    "lookup_key": "lookup_key IN (SELECT value FROM json_each(?))",
}
_PAGE, _LARGEST_PAGE = 10, 100


def list_of(things: list[Json], url: str, *, has_more: bool = False) -> Json:
    return {"object": "list", "data": things, "has_more": has_more, "url": url}


def equal(field: str, value: str | bool | None) -> list[Condition]:
    """Nothing to meet when the value was not given."""
    return [] if value is None else [(_EQUALS[field], value)]


def among(field: str, values: Sequence[str]) -> list[Condition]:
    """Nothing to meet when no values were given."""
    return [(_AMONG[field], json.dumps(values))] if values else []


def created_within(parameters: Parameters) -> list[Condition]:
    """`created` as a moment or as a range, in seconds since the epoch."""
    if not parameters.holds_tree("created"):
        moment = parameters.integer("created")
        return [] if moment is None else [("created = ?", moment)]
    bounds = parameters.child("created")
    given = {key: bounds.integer(key) for key in _BOUNDS} if bounds else {}
    return [(_BOUNDS[key], value) for key, value in given.items() if value is not None]


def page_of(
    work: Work, kind: str, parameters: Parameters, conditions: Sequence[Condition], url: str
) -> Json:
    """Newest first, a page before or after a cursor."""
    limit = parameters.integer("limit", least=1, most=_LARGEST_PAGE) or _PAGE
    after = parameters.text("starting_after")
    before = parameters.text("ending_before")
    if after and before:
        message = "You cannot parameterize both starting_after and ending_before."
        raise invalid_parameter(message, "ending_before")
    cursors: list[Condition] = []
    if after:
        cursors = [("position < ?", _cursor(work, kind, after, "starting_after"))]
    if before:
        cursors = [("position > ?", _cursor(work, kind, before, "ending_before"))]
    found = work.ledger.select(
        kind, [*conditions, *cursors], limit=limit + 1, oldest_first=before is not None
    )
    shown = found[:limit]
    if before:
        shown.reverse()
    return list_of(shown, url, has_more=len(found) > limit)


def page_within(things: list[Json], parameters: Parameters, url: str) -> Json:
    """A page of a list that is at hand, in its own order."""
    limit = parameters.integer("limit", least=1, most=_LARGEST_PAGE) or _PAGE
    after = parameters.text("starting_after")
    before = parameters.text("ending_before")
    ids = [thing["id"] for thing in things]
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in ids:
            raise invalid_parameter(f"No such item: '{cursor}'", param, "resource_missing")
    if after:
        rest = things[ids.index(after) + 1 :]
        return list_of(rest[:limit], url, has_more=len(rest) > limit)
    if before:
        rest = things[: ids.index(before)]
        return list_of(rest[-limit:], url, has_more=len(rest) > limit)
    return list_of(things[:limit], url, has_more=len(things) > limit)


def _cursor(work: Work, kind: str, identifier: str, param: str) -> int:
    position = work.ledger.position(kind, identifier)
    if position is None:
        raise invalid_parameter(f"No such {kind}: '{identifier}'", param, "resource_missing")
    return position
