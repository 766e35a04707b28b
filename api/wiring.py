"""Where the API's clients are made and wired into its desks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from api.checkouts import CheckoutDesk
from api.dependencies import Desks
from api.downloads import DownloadDesk
from api.grant_tokens import GrantTokens
from api.limits import RateLimits, Scope
from api.origins import AllowedOrigins
from api.receipts import ReceiptDesk
from api.visits import Visits
from api.webhooks import WebhookDesk
from database.editions import Editions
from database.engine import Database, Limits
from gateways.cloudinary_account import CloudinaryAccount
from gateways.cloudinary_files import CloudinaryFiles
from settings import (
    API_PARTS,
    ApiSettings,
    CloudinarySettings,
    DatabaseSettings,
    TemporalSettings,
    WebhookSettings,
    load,
    require,
)
from temporal.client import Checkouts, Receipts
from temporal.connection import connect_lazily

# Somebody waits for each answer: what PostgreSQL cannot do soon is better refused.
DATABASE_LIMITS = Limits(
    pool_wait=timedelta(seconds=1), statement=timedelta(seconds=1.5), lock=timedelta(seconds=1)
)

# What Stripe tells, and the relay passes on, has connections of its own: no rush of buyers keeps
# news of money out.
WEBHOOK_CONNECTIONS = 4

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class ApiConfiguration:
    """Every setting that the API reads."""

    api: ApiSettings
    database: DatabaseSettings
    temporal: TemporalSettings
    webhook: WebhookSettings
    cloudinary: CloudinarySettings

    @classmethod
    def load(cls) -> "ApiConfiguration":
        """Reads the environment; raises SettingsError naming all that is missing or unusable."""
        require(*API_PARTS)
        return cls(
            api=load(ApiSettings),
            database=load(DatabaseSettings),
            temporal=load(TemporalSettings),
            webhook=load(WebhookSettings),
            cloudinary=load(CloudinarySettings),
        )


@asynccontextmanager
async def open_desks(
    configured: ApiConfiguration, origins: AllowedOrigins, clock: Clock
) -> AsyncIterator[Desks]:
    """The desks, with the relay running beside them for as long as they are open."""
    api, books = configured.api, configured.database
    async with AsyncExitStack() as stack:
        limits = replace(DATABASE_LIMITS, pool_size=books.database_pool_size)
        database = Database(books.database_url, books.database_replica_url, limits)
        stack.push_async_callback(database.aclose)
        limits = replace(DATABASE_LIMITS, pool_size=WEBHOOK_CONNECTIONS)
        inbox = Database(books.database_url, limits=limits)
        stack.push_async_callback(inbox.aclose)
        queue = configured.temporal.temporal_task_queue
        client = await connect_lazily(
            configured.temporal.payload_keys, configured.temporal.environment
        )
        temporal = Checkouts(client, queue, api.checkout_patience)
        files = CloudinaryFiles(CloudinaryAccount.from_url(configured.cloudinary.cloudinary_url))
        tokens = GrantTokens(api.grant_secrets, api.grant_lifetime, clock)
        webhooks = WebhookDesk(
            inbox, temporal, configured.webhook.stripe_webhook_secret, api.env, clock
        )
        visits = Visits(database, temporal)
        await stack.enter_async_context(_running(webhooks.relay))
        await stack.enter_async_context(_running(visits.run))
        yield Desks(
            database=database,
            editions=Editions(),
            temporal=temporal,
            checkouts=CheckoutDesk(database, temporal, origins, clock),
            downloads=DownloadDesk(database, files, tokens),
            receipts=ReceiptDesk(database, Receipts(client, queue), clock),
            webhooks=webhooks,
            origins=origins,
            visits=visits,
            limits=RateLimits(api.rate_limit_storage_uri, _rates(api)),
            clock=clock,
            public_url=api.public_url,
        )


def _rates(api: ApiSettings) -> dict[Scope, str]:
    return {
        Scope.CHECKOUT: api.rate_limit_checkout,
        Scope.ORDERS: api.rate_limit_orders,
        Scope.DOWNLOADS: api.rate_limit_downloads,
        Scope.EVENTS: api.rate_limit_events,
        Scope.WEBHOOK_REJECTS: api.rate_limit_webhook_rejects,
        Scope.WRONG_EMAILS: api.rate_limit_wrong_emails,
        Scope.RECEIPTS: api.rate_limit_receipts,
    }


@asynccontextmanager
async def _running(job: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Runs an endless job beside the block, and ends it with the block."""
    task = asyncio.create_task(job())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
