"""The embedded Temporal, for real."""

import asyncio
import sys
import urllib.request
from pathlib import Path

import psutil
from temporalio.client import Client, WorkflowExecutionStatus

from sandbox import temporal
from sandbox.process import free_port
from tests.sandbox.processes import all_ended

KEEPS_A_SERVER = """
import sys
from pathlib import Path
from sandbox import temporal
with temporal.running(Path(sys.argv[1])) as address:
    print(address, flush=True)
    sys.stdin.read()
"""


async def test_it_serves_its_ui_and_the_default_namespace_inside_an_event_loop() -> None:
    port = free_port()
    with temporal.running(ui_port=port) as address:
        client = await Client.connect(address)
        assert [workflow async for workflow in client.list_workflows()] == []
        page = await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/")
        with page:
            assert page.status == 200


async def test_a_killed_parent_takes_the_server_along_and_no_workflow_is_lost(
    tmp_path: Path,
) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KEEPS_A_SERVER, str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    address = (await parent.stdout.readline()).decode().strip()
    client = await Client.connect(address)
    await client.start_workflow("Waiting", id="kept", task_queue="nobody")
    family = psutil.Process(parent.pid).children()
    parent.kill()
    await parent.wait()
    assert len(family) == 1
    assert all_ended(family)
    with temporal.running(tmp_path) as address:
        client = await Client.connect(address)
        described = await client.get_workflow_handle("kept").describe()
        assert described.status == WorkflowExecutionStatus.RUNNING
