"""What Temporal's refusals to answer say: that it is away, or that this one call will not do."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import Unavailable
from domain.payload_keys import KeyRing
from sandbox.process import HOST, free_port
from settings import ENV_FILE_VARIABLE, environment
from temporal.connection import connect_lazily, connect_now, within
from tests.chaos.line import Line
from tests.waiting import meanwhile


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


async def test_what_temporals_client_warns_of_comes_through_our_log(
    temporal_address: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """As one record: by itself it writes to standard error, into the middle of our lines."""
    port = free_port()
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"{HOST}:{port}")
    client = await connect_lazily(KeyRing())
    async with Line(int(temporal_address.rpartition(":")[2])).open(port):
        assert await client.service_client.check_health()
    with pytest.raises(RPCError):  # now nobody is there
        await client.count_workflows()
    told = ("temporalio-sdk_core::temporalio_client::retry", logging.WARNING)
    await meanwhile(lambda: told in [(each.name, each.levelno) for each in caplog.records])
    assert "retried" not in capfd.readouterr().err


async def test_what_the_file_of_variables_names_is_connected_to(
    temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its namespace, too; and the environment wins."""
    file = tmp_path / "variables"
    file.write_text(f"TEMPORAL_ADDRESS={temporal_address}\nTEMPORAL_NAMESPACE=of-the-file\n")
    monkeypatch.setenv(ENV_FILE_VARIABLE, str(file))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.delenv("TEMPORAL_NAMESPACE", raising=False)
    client = await connect_now(KeyRing(), environment())
    assert client.namespace == "of-the-file"
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "of-the-environment")
    client = await connect_lazily(KeyRing(), environment())
    assert client.namespace == "of-the-environment"
