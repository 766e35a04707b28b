"""The connection to Temporal: made, and each call on it given a time.

Here alone, what Temporal's client raises (and swallows) becomes our errors.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    RetryConfig,
    RPCError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.envconfig import ClientConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCStatusCode

from domain.errors import Unavailable
from domain.payload_keys import KeyRing
from temporal.encryption import PayloadUnreadable, data_converter

SERVICE = "Temporal"
SIGNAL_PATIENCE = timedelta(seconds=2)

# Calls that fail are given up soon: a buyer, or Stripe, is waiting and will ask again. Left to
# its defaults the client tries for ten seconds, whatever timeout a call is given.
_RETRIES = RetryConfig(
    initial_interval_millis=50,
    max_interval_millis=500,
    max_elapsed_time_millis=1_500,
    max_retries=5,
)

# What Temporal answers when it cannot answer anybody; all else is about the call.
_OUTAGES = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
    }
)

Answer = TypeVar("Answer")


async def connect_lazily(keys: KeyRing, environment: Mapping[str, str] | None = None) -> Client:
    """A client for the API, which connects when needed.

    Where to is told by Temporal's own variables, in this environment or else in the process's.
    """
    config = ClientConfig.load_client_connect_config(override_env_vars=environment)
    converter = data_converter(keys)
    return await Client.connect(
        **config, data_converter=converter, lazy=True, retry_config=_RETRIES, runtime=_runtime()
    )


async def connect_now(keys: KeyRing, environment: Mapping[str, str] | None = None) -> Client:
    """A client for a worker, told where to likewise; raises Unavailable if it can't be reached."""
    config = ClientConfig.load_client_connect_config(override_env_vars=environment)
    try:
        return await Client.connect(
            **config, data_converter=data_converter(keys), runtime=_runtime()
        )
    except RuntimeError as error:
        raise Unavailable(SERVICE, detail=str(error)) from error


@cache
def _runtime() -> Runtime:
    """Temporal's native part, told to warn through our log, and so in its format.

    By itself it writes to standard error, and now and then into the middle of a line of ours.
    """
    warnings = LogForwardingConfig(logging.getLogger("temporalio"), prepend_target_on_message=False)
    what = TelemetryFilter(core_level="WARN", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(what, forwarding=warnings)))


async def within(patience: timedelta, call: Coroutine[Any, Any, Answer]) -> Answer:
    """A call's answer, or Unavailable once patience is over.

    `asyncio.timeout` cannot do this: the client turns the cancellation into an error of its own.
    """
    task = asyncio.ensure_future(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=patience.total_seconds())
    except asyncio.CancelledError:
        task.cancel()
        task.add_done_callback(forget)
        raise
    if not done:
        task.cancel()
        task.add_done_callback(forget)
        raise Unavailable(SERVICE, detail="no answer in time")
    try:
        return task.result()
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise Unavailable(SERVICE, detail="no answer in time") from error
    except RPCError as error:
        # Whatever it is, a wrong namespace or a missing permission too, may be mended: the call
        # is worth making again, and an event worth keeping for the relay.
        is_outage = error.status in _OUTAGES
        raise Unavailable(SERVICE, detail=error.status.name, is_outage=is_outage) from error
    except RuntimeError as error:  # a client that has never yet reached its server
        raise Unavailable(SERVICE, detail="not connected") from error
    except PayloadUnreadable as error:  # its key is to be given back to this program
        raise Unavailable(SERVICE, detail=str(error), is_outage=False) from error


def forget(task: "asyncio.Future[Any]") -> None:
    """Looks at the outcome of a call that nobody waits for, so that asyncio does not warn."""
    if not task.cancelled():
        task.exception()
