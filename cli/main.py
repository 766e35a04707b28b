"""The commands of `beatline`."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.codec import codec, payload_key
from cli.orders.commands import orders
from cli.servers import serve_api, settings_needed, work
from cli.up import up
from cli.where import where

app = typer.Typer(
    name="beatline",
    help="Beatline: a durable order pipeline for shops that license beats.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command()(up)
app.command()(where)
app.command()(codec)
app.command()(payload_key)
app.add_typer(orders)


@app.command()
def demo(
    port_base: Annotated[int, typer.Option(help="The first of nine ports to use.")] = 18000,
    data: Annotated[
        Path | None, typer.Option(help="Keep the data here; without it, it is thrown away.")
    ] = None,
) -> None:
    """Make real purchases end to end on a system of its own, check every file, take it down."""
    from cli.demo import run_demo

    sys.exit(run_demo(port_base, data, Console()))


@app.command()
def api() -> None:
    """Run the API, against whatever the environment names."""
    serve_api()


@app.command()
def openapi() -> None:
    """Print the API's OpenAPI document, as docs/openapi.json holds it."""
    import json

    from api.app import document

    typer.echo(json.dumps(document(), indent=2, ensure_ascii=False))


@app.command()
def worker() -> None:
    """Run the worker, against whatever the environment names (the same as `python worker.py`)."""
    work()


@app.command()
def migrate() -> None:
    """Bring the database's tables to the newest version."""
    from database.migrate import MigrationError, upgrade
    from settings import DatabaseSettings, load

    with settings_needed("The migration"):
        url = load(DatabaseSettings).database_url
    try:
        typer.echo(f"The database is at revision {upgrade(url)}.")
    except MigrationError as error:
        sys.exit(f"The migration failed: {error}.")


@app.command()
def setup() -> None:
    """Prepare Temporal: register the search attributes, schedule the reconciliation. Repeatable."""
    from domain.errors import Unavailable
    from settings import SETUP_PARTS, require

    with settings_needed("The setup"):
        require(*SETUP_PARTS)
    from cli.setup import set_up

    try:
        for line in asyncio.run(set_up()):
            typer.echo(line)
    except Unavailable as error:
        sys.exit(f"The setup failed: {error}.")


@app.command()
def revise(what: Annotated[str, typer.Argument(help="What changed, in a few words.")]) -> None:
    """Write a new migration from what the tables in code have and the database has not."""
    from database.migrate import MigrationError
    from database.migrate import revise as write_revision
    from settings import DatabaseSettings, load

    with settings_needed("The revision"):
        url = load(DatabaseSettings).database_url
    try:
        write_revision(url, what)
    except MigrationError as error:
        sys.exit(f"The revision failed: {error}.")


@app.command()
def storefront() -> None:
    """Build the shop's pages, unless they are built, and print where they are."""
    from cli.storefront import NotBuilt, build
    from sandbox.process import ProcessError

    os.nice(10)  # `beatline up` has it run beside what is waited for
    try:
        typer.echo(build())
    except (NotBuilt, ProcessError) as error:
        sys.exit(f"The shop was not built: {error}.")


@app.command()
def metrics(
    days: Annotated[int, typer.Option(help="How many days to count.", min=1, max=3650)] = 30,
) -> None:
    """Show what visitors of the storefront did: carts, checkouts, licenses, downloads."""
    from database.engine import StatementFailed
    from domain.errors import Unavailable
    from settings import DatabaseSettings, load

    with settings_needed("Counting"):
        url = load(DatabaseSettings).database_url
    from cli.metrics import show

    try:
        asyncio.run(show(url, days, Console()))
    except (StatementFailed, Unavailable) as error:
        sys.exit(f"Nothing counted: {error}.")


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="A folder with a folder for each beat.")],
    producer: Annotated[
        str, typer.Option(help="The e-mail address of the beats' producer.")
    ] = "producer@beatline.example",
) -> None:
    """Publish beats: files to Cloudinary, prices to Stripe, all of it to the catalogue."""
    from database.engine import StatementFailed
    from domain.errors import BeatlineError
    from settings import PUBLISH_PARTS, require

    with settings_needed("Publishing"):
        require(*PUBLISH_PARTS)
    from cli.beat_sheet import SheetError
    from cli.publish import publish_folder
    from gateways.cloudinary_files import UploadRefused

    try:
        asyncio.run(publish_folder(folder, producer, Console()))
    except* (SheetError, StatementFailed, UploadRefused, BeatlineError) as errors:
        told = dict.fromkeys(str(error) for error in _leaves(errors))
        sys.exit("Not published: " + "\n".join(told))


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors in a group of errors and groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
