"""The API: which method and path does what."""

from collections.abc import Callable

from sandbox.stripe.errors import Json
from sandbox.stripe.objects import (
    charges,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payment_pages,
    prices,
    products,
    refunds,
    sessions,
)

Operation = Callable[..., Json]
"""Called with the work, the parameters and the path's id, if it has one."""

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("POST", "/v1/products"): products.create,
    ("GET", "/v1/products"): products.list_all,
    ("GET", "/v1/products/{id}"): products.retrieve,
    ("POST", "/v1/products/{id}"): products.update,
    ("DELETE", "/v1/products/{id}"): products.delete,
    ("POST", "/v1/prices"): prices.create,
    ("GET", "/v1/prices"): prices.list_all,
    ("GET", "/v1/prices/{id}"): prices.retrieve,
    ("POST", "/v1/prices/{id}"): prices.update,
    ("POST", "/v1/checkout/sessions"): sessions.create,
    ("GET", "/v1/checkout/sessions"): sessions.list_all,
    ("GET", "/v1/checkout/sessions/{id}"): sessions.retrieve,
    ("POST", "/v1/checkout/sessions/{id}"): sessions.update,
    ("POST", "/v1/checkout/sessions/{id}/expire"): sessions.expire,
    ("GET", "/v1/checkout/sessions/{id}/line_items"): sessions.list_line_items,
    ("GET", "/v1/payment_pages/{id}"): payment_pages.show,
    ("POST", "/v1/payment_pages/{id}/confirm"): payment_pages.confirm,
    ("POST", "/v1/payment_intents"): payment_intents.create,
    ("GET", "/v1/payment_intents"): payment_intents.list_all,
    ("GET", "/v1/payment_intents/{id}"): payment_intents.retrieve,
    ("POST", "/v1/payment_intents/{id}"): payment_intents.update,
    ("POST", "/v1/payment_intents/{id}/confirm"): payment_intents.confirm,
    ("POST", "/v1/payment_intents/{id}/capture"): payment_intents.capture,
    ("POST", "/v1/payment_intents/{id}/cancel"): payment_intents.cancel,
    ("POST", "/v1/payment_methods"): payment_methods.create,
    ("GET", "/v1/payment_methods/{id}"): payment_methods.retrieve,
    ("POST", "/v1/payment_methods/{id}"): payment_methods.update,
    ("GET", "/v1/charges"): charges.list_all,
    ("GET", "/v1/charges/{id}"): charges.retrieve,
    ("POST", "/v1/charges/{id}"): charges.update,
    ("POST", "/v1/refunds"): refunds.create,
    ("GET", "/v1/refunds"): refunds.list_all,
    ("GET", "/v1/refunds/{id}"): refunds.retrieve,
    ("POST", "/v1/refunds/{id}"): refunds.update,
    ("POST", "/v1/refunds/{id}/cancel"): refunds.cancel,
    ("GET", "/v1/disputes"): disputes.list_all,
    ("GET", "/v1/disputes/{id}"): disputes.retrieve,
    ("POST", "/v1/disputes/{id}"): disputes.update,
    ("POST", "/v1/disputes/{id}/close"): disputes.close,
    ("GET", "/v1/events"): events.list_all,
    ("GET", "/v1/events/{id}"): events.retrieve,
}
