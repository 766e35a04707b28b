"""`beatline where`: the addresses of the running system."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.up import DATA


def where(
    data: Annotated[
        Path, typer.Option(help="Where the system keeps its data.", file_okay=False)
    ] = DATA,
    as_json: Annotated[
        bool, typer.Option("--json", help="For a program, with every secret in it.")
    ] = False,
) -> None:
    """Show where the running system is; exit code 1 if none runs."""
    from cli.screen import Screen
    from cli.state import running_system

    addresses = running_system(data)
    if addresses is None:
        sys.exit(f"No system runs on {data.resolve()}; start one with: beatline up --data {data}")
    if as_json:
        typer.echo(json.dumps(asdict(addresses)))
    else:
        Screen().addresses(addresses)


if __name__ == "__main__":
    typer.run(where)
