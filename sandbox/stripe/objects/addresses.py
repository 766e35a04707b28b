"""Who pays and where goods go, as callers give it and objects show it."""

from sandbox.stripe.errors import Json
from sandbox.stripe.parameters import Parameters, missing

_LINES = ("city", "country", "line1", "line2", "postal_code", "state")


def address(parameters: Parameters | None) -> Json:
    given = parameters or Parameters({})
    return {line: given.text(line, clearable=True) for line in _LINES}


def billing_details(parameters: Parameters | None, former: Json | None = None) -> Json:
    """What is not given stays as it was."""
    given = parameters or Parameters({})
    details = former or billing(None, None)
    texts = {
        name: given.text(name, clearable=True)
        for name in ("email", "name", "phone", "tax_id")
        if name in given
    }
    moved = {"address": address(given.child("address"))} if "address" in given else {}
    return details | texts | moved


def billing(email: str | None, name: str | None, phone: str | None = None) -> Json:
    return {"address": address(None), "email": email, "name": name, "phone": phone, "tax_id": None}


def shipping(parameters: Parameters | None) -> Json | None:
    if parameters is None:
        return None
    place = parameters.child("address")
    if place is None:
        raise missing(parameters.name("address"))
    place.required_text("line1")
    return {
        "address": address(place),
        "carrier": parameters.text("carrier"),
        "name": parameters.required_text("name"),
        "phone": parameters.text("phone"),
        "tracking_number": parameters.text("tracking_number"),
    }
