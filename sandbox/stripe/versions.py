"""What Stripe's API versions took away from the calls that the emulator knows."""

from sandbox.stripe.errors import invalid_parameter
from sandbox.stripe.objects import payment_intents, sessions
from sandbox.stripe.operations import Operation
from sandbox.stripe.parameters import Parameters

_ENDIVE = "2026-09-30"
_TYPES = "payment_method_types"
_TAKEN_AWAY: dict[Operation, str] = dict.fromkeys(
    (
        sessions.create,
        payment_intents.create,
        payment_intents.update,
        payment_intents.confirm,
    ),
    _TYPES,
)


def refuse_removed(operation: Operation, parameters: Parameters, version: str | None) -> None:
    """Raise for a parameter that the API version asked for no longer has.

    A call that asks for no version is taken as one of before.
    """
    name = _TAKEN_AWAY.get(operation)
    if name is None or name not in parameters or (version or "") < _ENDIVE:
        return
    message = f"{name} can no longer be passed. Use allowed_{name} or excluded_{name} instead."
    raise invalid_parameter(message, name, f"{name}_no_longer_supported")
