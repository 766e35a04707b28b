"""Temporal for workflow tests: one whose clock leaps, and a client of the real dev server."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.order import new_order_id
from domain.payment import CheckoutSession, PaymentOutcome
from temporal.setup import new_search_attributes
from tests.waiting import meanwhile, soon
from tests.workflows.stand_ins import StandIns, worker_of
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow
from workflows.visibility import SEARCH_ATTRIBUTES

LIFETIME = timedelta(hours=12)


@pytest.fixture(scope="module")
async def leaping() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal whose clock leaps over the time in which nothing happens.

    Each file has its own: to the timers of what another left under way it would leap, too.
    """
    program = Path(sys.executable).with_name("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(program)
    ) as environment:
        await environment.client.operator_service.add_search_attributes(
            new_search_attributes(environment.client.namespace, SEARCH_ATTRIBUTES)
        )  # this server does not list those that it has
        await _warm_up(environment.client)
        yield environment


async def _warm_up(client: Client) -> None:
    """Sells something: the first workflow takes long to load, and the clock leaps over that."""
    session = CheckoutSession("cs_0", "https://pay.example/cs_0", datetime.now(UTC) + LIFETIME)
    stand_ins = StandIns(session, payments=[PaymentOutcome.PAID])
    async with worker_of(client, stand_ins, "warm-up"):
        await client.execute_workflow(
            CheckoutWorkflow.run, Checkout.of("warm-up"), id="warm-up", task_queue="warm-up"
        )


@dataclass(frozen=True)
class Running:
    """A checkout under way among stand-ins, on a clock that leaps."""

    environment: WorkflowEnvironment
    stand_ins: StandIns
    handle: WorkflowHandle[Any, CheckoutResult]
    began: datetime

    def let_go(self, name: str) -> None:
        self.stand_ins.held[name].set()

    async def result(self) -> CheckoutResult:
        """How it ended; on this clock, waiting for it takes no time."""
        return await soon(self.handle.result())

    async def lasted(self) -> timedelta:
        """From its start to its end."""
        closed = (await self.handle.describe()).close_time
        assert closed is not None
        return closed - self.began

    async def confirmed(self, times: int) -> None:
        """Waits until the payment was looked at so often."""
        await meanwhile(lambda: self.stand_ins.names.count("confirm_payment") >= times)
        # The look is over once the workflow has taken its answer in.
        await self.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)

    async def passes(self, time: timedelta) -> None:
        await self.environment.sleep(time)

    def times(self, name: str) -> list[timedelta]:
        """When an activity was asked for since the start, to the nearest ten seconds."""
        seconds = [
            (call.at - self.began).total_seconds()
            for call in self.stand_ins.calls
            if call.name == name
        ]
        return [timedelta(seconds=round(each, -1)) for each in seconds]


Failures = dict[str, list[Exception]]


class Start(Protocol):
    def __call__(
        self, *payments: PaymentOutcome, hold: str = "", failures: Failures | None = None
    ) -> AbstractAsyncContextManager[Running]: ...


@pytest.fixture
def start(leaping: WorkflowEnvironment) -> Start:
    """Starts a checkout; `payments` are what successive looks at Stripe find.

    The activity named by `hold` begins, and ends once it is let go.
    """

    @asynccontextmanager
    async def started(
        *payments: PaymentOutcome, hold: str = "", failures: Failures | None = None
    ) -> AsyncIterator[Running]:
        order_id, began = new_order_id(), await leaping.get_current_time()
        session = CheckoutSession("cs_1", "https://pay.example/cs_1", began + LIFETIME)
        stand_ins = StandIns(session, failures=failures or {}, held={hold: asyncio.Event()})
        if payments:
            stand_ins.payments = list(payments)
        async with worker_of(leaping.client, stand_ins, order_id):
            handle = await leaping.client.start_workflow(
                CheckoutWorkflow.run, Checkout.of(order_id), id=order_id, task_queue=order_id
            )
            yield Running(leaping, stand_ins, handle, began)

    return started
