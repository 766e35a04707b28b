"""What operators' commands work with, and on which system."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import typer
from temporalio.client import Client

from cli.orders.words import Failed, sentence
from cli.up import DATA
from database import order_record, orders
from database.engine import Database, Limits, StatementFailed
from domain.errors import BeatlineError
from domain.order import Order
from gateways.stripe_client import stripe_client
from gateways.stripe_payments import StripePayments
from settings import (
    DatabaseSettings,
    SettingsError,
    StripeSettings,
    TemporalSettings,
    environment,
    load,
)
from temporal.client import Checkouts, Receipts
from temporal.connection import connect_lazily
from temporal.inspection import Inspection
from temporal.operations import Operations

# How long an answer of Temporal's own may take; of a worker; and of a sweep through Stripe.
LOOK = timedelta(seconds=5)
ACT = timedelta(seconds=20)
SWEEP = timedelta(minutes=5)

Answer = TypeVar("Answer")


class Office:
    """The database, Temporal and Stripe; the latter two are reached when they are first needed.

    What needs one whose settings are missing raises SettingsError.
    """

    def __init__(self, database: Database, stack: AsyncExitStack) -> None:
        self.database = database
        self._stack = stack
        self._temporal: Client | None = None

    async def order(self, reference: str) -> Order:
        """The order that an id of any kind names; raises Failed in words if there is none."""
        async with self.database.reading() as reader:
            order_id = await order_record.id_of(reader, reference)
            order = await orders.find(reader, order_id) if order_id is not None else None
        if order_id is None:
            raise Failed(f"No order is known by {reference}.")
        if order is None:
            raise Failed(
                f"{order_id} was asked for and never placed: its buyer got no payment page."
            )
        return order

    async def operations(self, patience: timedelta = ACT) -> Operations:
        return Operations(await self._client(), self._queue, patience)

    async def checkouts(self) -> Checkouts:
        return Checkouts(await self._client(), self._queue, ACT)

    async def receipts(self) -> Receipts:
        return Receipts(await self._client(), self._queue)

    async def inspection(self) -> Inspection:
        return Inspection(await self._client(), LOOK)

    async def payments(self) -> StripePayments:
        settings = load(StripeSettings)
        client = await self._stack.enter_async_context(
            stripe_client(settings.stripe_secret_key, settings.stripe_api_base)
        )
        return StripePayments(client, settings.env)

    async def _client(self) -> Client:
        if self._temporal is None:
            temporal = load(TemporalSettings)
            self._temporal = await connect_lazily(temporal.payload_keys, temporal.environment)
        return self._temporal

    @property
    def _queue(self) -> str:
        return load(TemporalSettings).temporal_task_queue


def perform(data: Path | None, act: Callable[[Office], Awaitable[Answer]]) -> Answer:
    """Does something on the system that is meant; ends the program with why it could not."""
    try:
        _choose_system(data)
        return asyncio.run(_in_office(act))
    except (BeatlineError, Failed, SettingsError, StatementFailed) as error:
        typer.echo(sentence(error), err=True)
        raise typer.Exit(1) from error


async def _in_office(act: Callable[[Office], Awaitable[Answer]]) -> Answer:
    async with _opened() as office:
        return await act(office)


@asynccontextmanager
async def _opened() -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        database = Database(load(DatabaseSettings).database_url, limits=Limits(pool_size=2))
        stack.push_async_callback(database.aclose)
        yield Office(database, stack)


def _choose_system(data: Path | None) -> None:
    """A folder that is named, or what the environment names, or what runs on the usual folder."""
    caller = environment()
    named = caller.get("DATABASE_URL") if data is None else None
    if named and caller.get("TEMPORAL_ADDRESS"):
        return
    try:  # late, since the production image is without what a sandbox needs
        from cli.state import kept_environment, running_system
    except ModuleNotFoundError:
        return
    place = (data or DATA).resolve()
    if running_system(place) is not None:
        kept = kept_environment(place)
        if named and named != kept["DATABASE_URL"]:
            raise Failed(
                f"DATABASE_URL names another database than the system that runs on {place}: "
                "set TEMPORAL_ADDRESS too, or name the system with --data."
            )
        os.environ.update(kept)
    elif not named:
        raise Failed(f"No system runs on {place}; name one with --data, or set DATABASE_URL.")
