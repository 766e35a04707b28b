"""Beatline's worker: `python worker.py` runs the workflows and activities of the orders."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Any

import structlog
import uvloop
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import logs
import runtime
from activities.interceptor import ActivityInterceptor
from activities.wiring import Clients, activities_of, clients_of
from database.engine import Database, Limits
from domain.errors import Unavailable
from gateways.cloudinary_account import CloudinaryAccount
from gateways.cloudinary_assets import CloudinaryAssets
from gateways.mail import Mailer, Sender
from gateways.stripe_client import stripe_client
from settings import (
    WORKER_PARTS,
    CloudinarySettings,
    DatabaseSettings,
    LogSettings,
    MailSettings,
    SettingsError,
    StripeSettings,
    TemporalSettings,
    load,
    require,
)
from temporal.connection import connect_now
from temporal.setup import missing_search_attributes
from workflows.checkout import CheckoutWorkflow
from workflows.receipt import ReceiptWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.refund import RefundWorkflow
from workflows.review import PaymentReviewWorkflow

log = structlog.get_logger()

# Replaying many workflows at once after a restart trips Temporal's two-second deadlock detector.
CONCURRENT_WORKFLOW_TASKS = 16
# They wait for Stripe most of the time: more of them would only queue for its pace and for the
# connections to PostgreSQL.
CONCURRENT_ACTIVITIES = 50
# A signal to a workflow that a killed worker had in its cache waits this long, not ten seconds.
STICKY_TIMEOUT = timedelta(seconds=2)
# Time for activities under way to finish at SIGTERM, as long as a call to a vendor may take; at
# zero they would be run again.
GRACEFUL_SHUTDOWN = timedelta(seconds=12)
# Between two attempts to reach a Temporal that is away, each of which takes a while by itself.
CONNECT_PAUSE = timedelta(seconds=1)

# Between two looks whether `beatline setup` has been run: each one logs that it has not.
SETUP_PAUSE = timedelta(seconds=5)

WORKFLOWS: list[type[Any]] = [
    CheckoutWorkflow,
    PaymentReviewWorkflow,
    RefundWorkflow,
    ReconciliationWorkflow,
    ReceiptWorkflow,
]


def make_worker(client: Client, clients: Clients, task_queue: str) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities_of(clients),
        interceptors=[ActivityInterceptor()],
        # The tests run them in Temporal's sandbox, which finds what would go another way when it
        # is replayed; here it would find nothing more, and take a tenth of the processor time.
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_workflow_tasks=CONCURRENT_WORKFLOW_TASKS,
        # A task that finds somebody waiting for it is not written down first, and read again.
        max_concurrent_workflow_task_polls=CONCURRENT_WORKFLOW_TASKS,
        max_concurrent_activities=CONCURRENT_ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=GRACEFUL_SHUTDOWN,
    )


async def serve() -> None:
    """Works until SIGTERM or SIGINT, then lets what is under way finish."""
    require(*WORKER_PARTS)
    books, payments, temporal = load(DatabaseSettings), load(StripeSettings), load(TemporalSettings)
    files = load(CloudinarySettings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        database = Database(books.database_url, limits=Limits(pool_size=books.database_pool_size))
        stack.push_async_callback(database.aclose)
        stripe = await stack.enter_async_context(
            stripe_client(
                payments.stripe_secret_key,
                payments.stripe_api_base,
                payments.stripe_calls_per_second,
            )
        )
        clients = clients_of(
            database,
            stripe,
            CloudinaryAssets(CloudinaryAccount.from_url(files.cloudinary_url)),
            payments.env,
            payments.checkout_session_lifetime,
            files.asset_check_every,
            _mailer(load(MailSettings)),
        )
        client = await _connected(stop, temporal)
        if client is None or not await _is_set_up(client, stop):
            return
        worker = make_worker(client, clients, temporal.temporal_task_queue)
        async with worker:
            runtime.settle()
            log.info("worker_started", task_queue=temporal.temporal_task_queue)
            await stop.wait()
            log.info("worker_stopping")


def _mailer(mail: MailSettings) -> Mailer | None:
    """Who sends the receipts; nobody, and every order says so, where no server is named."""
    if mail.smtp_server is None or mail.mail_from is None:
        log.warning("receipts_not_sent", reason="SMTP_URL is not set")
        return None
    return Mailer(mail.smtp_server, Sender(mail.mail_from, mail.shop_name))


async def _connected(stop: asyncio.Event, temporal: TemporalSettings) -> Client | None:
    """A client that has reached Temporal, however long that takes; None when told to stop."""
    while not stop.is_set():
        try:
            return await connect_now(temporal.payload_keys, temporal.environment)
        except Unavailable as error:
            log.warning("temporal_away", detail=error.detail)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), CONNECT_PAUSE.total_seconds())
    return None


async def _is_set_up(client: Client, stop: asyncio.Event) -> bool:
    """Waits until the namespace knows our search attributes; False when told to stop.

    Without them no order could be placed. A cluster that does not list them is taken at its word.
    """
    while not stop.is_set():
        try:
            missing = [key.name for key in await missing_search_attributes(client)]
        except Unavailable as error:
            log.warning("search_attributes_unknown", detail=error.detail)
            return True
        if not missing:
            return True
        log.error("search_attributes_missing", missing=missing, remedy="run `beatline setup`")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SETUP_PAUSE.total_seconds())
    return False


def main() -> None:
    try:
        logs.configure(load(LogSettings))
        uvloop.run(serve())
    except SettingsError as error:
        sys.exit(f"The worker cannot start: {error}.")
    log.info("worker_stopped")
    runtime.end_process(0)


if __name__ == "__main__":
    main()
