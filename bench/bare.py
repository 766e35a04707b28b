"""Buyers of nothing: they drive the floor's workflows, with no shop in between."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from bench.floor import QUEUE, FloorWorkflow
from bench.purchases import Purchase
from bench.storefront import PATIENCE
from sandbox.process import HOST


class Bare(asyncio.DatagramProtocol):
    """Starts a workflow, signals it, and hears when it has come to COMPLETED."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._completed: dict[str, asyncio.Future[float]] = {}

    async def buy(self) -> Purchase:
        order_id = f"floor_{uuid.uuid4().hex}"
        self._completed[order_id] = asyncio.get_running_loop().create_future()
        started = time.perf_counter()
        await self._open(order_id)
        opened = time.perf_counter()
        await self._client.get_workflow_handle(order_id).signal(FloorWorkflow.paid, "evt")
        signalled = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            completed = await self._completed[order_id]
        del self._completed[order_id]
        return Purchase(order_id, opened - started, signalled - opened, completed - opened)

    def datagram_received(self, data: bytes, addr: object) -> None:
        completed = self._completed.get(data.decode())
        if completed is not None and not completed.done():
            completed.set_result(time.perf_counter())

    async def _open(self, order_id: str) -> None:
        start = WithStartWorkflowOperation(
            FloorWorkflow.run,
            order_id,
            id=order_id,
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self._client.execute_update_with_start_workflow(
            FloorWorkflow.page, start_workflow_operation=start
        )


@asynccontextmanager
async def bare(client: Client, port: int) -> AsyncIterator[Bare]:
    """Buyers who listen at `port`."""
    buyers = Bare(client)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: buyers, local_addr=(HOST, port))
    try:
        yield buyers
    finally:
        transport.close()
