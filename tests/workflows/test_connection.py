"""What Temporal's refusals to answer say: that it is away, or that this one call will not do."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from workflows.connection import within


async def refused(status: RPCStatusCode) -> None:
    raise RPCError("as tested", status, b"")


@pytest.mark.parametrize(
    ("status", "is_outage"),
    [
        (RPCStatusCode.UNAVAILABLE, True),
        (RPCStatusCode.DEADLINE_EXCEEDED, True),
        (RPCStatusCode.RESOURCE_EXHAUSTED, True),
        (RPCStatusCode.ABORTED, True),
        (RPCStatusCode.INVALID_ARGUMENT, False),
        (RPCStatusCode.FAILED_PRECONDITION, False),
        (RPCStatusCode.PERMISSION_DENIED, False),
        (RPCStatusCode.INTERNAL, False),
    ],
)
async def test_a_refusal_says_whether_others_would_be_answered(
    status: RPCStatusCode, is_outage: bool
) -> None:
    with pytest.raises(Unavailable) as unavailable:
        await within(timedelta(seconds=1), refused(status))
    assert (unavailable.value.is_outage, unavailable.value.detail) == (is_outage, status.name)


async def never_connected() -> None:
    raise RuntimeError("as a client that never reached its server")


async def test_a_temporal_that_was_never_reached_is_away() -> None:
    with pytest.raises(Unavailable) as unavailable:
        await within(timedelta(seconds=1), never_connected())
    assert unavailable.value.is_outage
