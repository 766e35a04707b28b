"""Questions to a part of the system: is it ready?"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sandbox import postgres, temporal
from sandbox.process import HOST

Probe = Callable[[], Awaitable[bool]]
ANSWER_TIME = 2.0  # seconds


def http(port: int, path: str) -> Probe:
    """Ready once GET `path` answers 200. (By hand: a client library takes longer to import.)"""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"

    async def probe() -> bool:
        try:
            async with asyncio.timeout(ANSWER_TIME):
                reader, writer = await asyncio.open_connection(HOST, port)
                writer.write(request.encode())
                status = await reader.readline()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return status.split(b" ")[1:2] == [b"200"]

    return probe


def postgres_server(port: int) -> Probe:
    """Ready once the server is past its recovery."""

    async def probe() -> bool:
        return await asyncio.to_thread(postgres.accepts, port)

    return probe


def temporal_server(port: int) -> Probe:
    """Ready once the frontend serves our namespace."""

    async def probe() -> bool:
        await _import_client()
        return await temporal.serves(f"{HOST}:{port}")

    return probe


def worker(task_queue: str, environment: Mapping[str, str]) -> Probe:
    """Ready once somebody polls the queue, on the Temporal that `environment` names."""

    async def probe() -> bool:
        await _import_client()
        from temporalio.api.enums.v1 import TaskQueueType
        from temporalio.api.taskqueue.v1 import TaskQueue
        from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
        from temporalio.client import Client
        from temporalio.envconfig import ClientConfig
        from temporalio.service import RPCError

        settings = ClientConfig.load_client_connect_config(override_env_vars=environment)
        try:
            client = await Client.connect(**settings)
            described = await client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=client.namespace,
                    task_queue=TaskQueue(name=task_queue),
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                ),
                timeout=timedelta(seconds=ANSWER_TIME),
            )
        except (RuntimeError, RPCError):
            return False
        return len(described.pollers) > 0

    return probe


async def _import_client() -> None:
    """Imports Temporal's library beside the event loop: it takes half a second."""
    await asyncio.to_thread(importlib.import_module, "temporalio.client")
