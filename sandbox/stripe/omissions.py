"""The parameters that Stripe takes and the sandbox does not: refused by name, never ignored."""

from sandbox.stripe.operations import Operation

NOT_EMULATED: dict[Operation, frozenset[str]] = {}
