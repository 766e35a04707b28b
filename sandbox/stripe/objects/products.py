"""Products: what is sold."""

from sandbox.stripe.errors import Json, StripeError
from sandbox.stripe.ids import new_id
from sandbox.stripe.ledger import Condition
from sandbox.stripe.listing import among, created_within, equal, page_of
from sandbox.stripe.parameters import Parameters
from sandbox.stripe.work import Work

_MOST_IMAGES = 8
_TEXTS = ("description", "statement_descriptor", "tax_code", "unit_label", "url")


def create(work: Work, parameters: Parameters) -> Json:
    identifier = parameters.text("id", longest=255)
    if identifier is not None and work.find("product", identifier) is not None:
        message = "Product already exists."
        raise StripeError(message, code="resource_already_exists", param="id")
    product = new_product(work, identifier or new_id("prod_"), parameters)
    work.emit("product.created", product)
    return product


def new_product(work: Work, identifier: str, parameters: Parameters) -> Json:
    """Save a product, without an event."""
    active = parameters.flag("active")
    return work.save(
        {
            "id": identifier,
            "object": "product",
            "active": active is not False,
            "created": work.now,
            "default_price": None,
            "description": parameters.text("description"),
            "images": _images(parameters),
            "livemode": False,
            "marketing_features": [],
            "metadata": parameters.metadata(),
            "name": parameters.required_text("name"),
            "package_dimensions": None,
            "shippable": parameters.flag("shippable"),
            "statement_descriptor": parameters.text("statement_descriptor", longest=22),
            "tax_code": parameters.text("tax_code"),
            "unit_label": parameters.text("unit_label", longest=12),
            "updated": work.now,
            "url": parameters.text("url"),
        }
    )


def retrieve(work: Work, parameters: Parameters, identifier: str) -> Json:
    return work.get("product", identifier)


def update(work: Work, parameters: Parameters, identifier: str) -> Json:
    before = work.get("product", identifier)
    product = dict(before)
    for name in _TEXTS:
        if name in parameters:
            product[name] = parameters.text(name, clearable=True)
    for name in ("active", "shippable"):
        if (flag := parameters.flag(name)) is not None:
            product[name] = flag
    if "name" in parameters:
        product["name"] = parameters.required_text("name")
    if "images" in parameters:
        product["images"] = [] if parameters.clears("images") else _images(parameters)
    if (price := parameters.text("default_price")) is not None:
        product["default_price"] = work.get("price", price, "default_price", 400)["id"]
    product["metadata"] = parameters.metadata(product["metadata"])
    product["updated"] = work.now
    work.save(product)
    work.emit("product.updated", product, before)
    return product


def delete(work: Work, parameters: Parameters, identifier: str) -> Json:
    product = work.get("product", identifier)
    if work.select("price", equal("product", identifier), limit=1):
        raise StripeError(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    work.ledger.delete("product", identifier)
    work.emit("product.deleted", product)
    return {"id": identifier, "object": "product", "deleted": True}


def list_all(work: Work, parameters: Parameters) -> Json:
    conditions: list[Condition] = [
        *created_within(parameters),
        *equal("active", parameters.flag("active")),
        *among("id", parameters.texts("ids")),
    ]
    return page_of(work, "product", parameters, conditions, "/v1/products")


def _images(parameters: Parameters) -> list[str]:
    return parameters.texts("images")[:_MOST_IMAGES]
