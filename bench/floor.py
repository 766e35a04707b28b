"""The floor: a workflow of a paid order's shape that does nothing, and the worker that runs it.

`python -m bench.floor` is that worker: tuned as ours is, without API, database or vendor. It says
by a datagram to BENCH_LISTENER when a workflow has come as far as COMPLETED.
"""

import asyncio
import os
import signal
import socket
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "floor"
ADDRESS, LISTENER = "BENCH_TEMPORAL", "BENCH_LISTENER"

_PROMPT = timedelta(seconds=10)


@activity.defn
async def step(order_id: str) -> str:
    return order_id


class Completion:
    """The step with which an order is COMPLETED: the only one that anybody hears of."""

    def __init__(self, listener: tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._listener = listener

    @activity.defn
    async def complete(self, order_id: str) -> str:
        self._socket.sendto(order_id.encode(), self._listener)
        return order_id


@workflow.defn
class FloorWorkflow:
    """Update-with-start, a signal, and as many empty steps as a paid order of ours has.

    Two of them are within the workflow's own tasks, as ours are: the first, and the one with which
    the order is COMPLETED.
    """

    @workflow.init
    def __init__(self, order_id: str) -> None:
        self._is_open = self._is_paid = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        await workflow.execute_local_activity(step, order_id, start_to_close_timeout=_PROMPT)
        await self._take(order_id)  # the payment page
        self._is_open = True
        await workflow.wait_condition(lambda: self._is_paid)
        await self._take(order_id)  # the payment
        await workflow.execute_local_activity_method(
            Completion.complete, order_id, start_to_close_timeout=_PROMPT
        )
        await self._take(order_id)  # the receipt
        await workflow.wait_condition(workflow.all_handlers_finished)
        return order_id

    async def _take(self, order_id: str) -> None:
        await workflow.execute_activity(step, order_id, start_to_close_timeout=_PROMPT)

    @workflow.update
    async def page(self) -> str:
        await workflow.wait_condition(lambda: self._is_open)
        return workflow.info().workflow_id

    @workflow.signal
    def paid(self, event_id: str) -> None:
        self._is_paid = True


async def serve() -> None:
    """Works until SIGTERM."""
    from worker import CONCURRENT_ACTIVITIES, CONCURRENT_WORKFLOW_TASKS, STICKY_TIMEOUT

    host, port = os.environ[LISTENER].rsplit(":", 1)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Worker(
        await Client.connect(os.environ[ADDRESS]),
        task_queue=QUEUE,
        workflows=[FloorWorkflow],
        activities=[step, Completion((host, int(port))).complete],
        max_concurrent_workflow_tasks=CONCURRENT_WORKFLOW_TASKS,
        max_concurrent_workflow_task_polls=CONCURRENT_WORKFLOW_TASKS,
        max_concurrent_activities=CONCURRENT_ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
    ):
        await stop.wait()


def main() -> None:
    import runtime

    asyncio.run(serve())
    runtime.end_process(0)


if __name__ == "__main__":
    main()
