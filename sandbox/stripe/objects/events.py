"""Events: what happened to the other objects, as it was told to the endpoints."""

import json

from sandbox.stripe.errors import Json, invalid_parameter
from sandbox.stripe.ledger import Condition
from sandbox.stripe.listing import created_within, page_of
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

KIND = "event"
_MOST_TYPES = 20
_ANY_OF = "EXISTS (SELECT 1 FROM json_each(?) WHERE objects.type GLOB value)"
_DELIVERED = (
    "? = NOT EXISTS (SELECT 1 FROM deliveries"
    " WHERE deliveries.event = objects.id AND deliveries.state <> 'delivered')"
)


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return _current(work, work.get(KIND, identifier))


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions: list[Condition] = created_within(parameters)
    if (wanted := parameters.text("type")) is not None:
        conditions.append(("type GLOB ?", wanted))
    if (delivered := parameters.flag("delivery_success")) is not None:
        conditions.append((_DELIVERED, delivered))
    types = parameters.texts("types")
    if len(types) > _MOST_TYPES or (types and wanted):
        message = f"Give one `type`, or up to {_MOST_TYPES} `types`."
        raise invalid_parameter(message, "types")
    if types:
        conditions.append((_ANY_OF, json.dumps(types)))
    page = page_of(work, KIND, parameters, conditions, "/v1/events")
    return page | {"data": [_current(work, event) for event in page["data"]]}


def _current(work: Work, event: Json) -> Json:
    """With the number of endpoints that it is still owed to."""
    return event | {"pending_webhooks": work.outbox.pending_of(event["id"])}
