"""`beatline up`: the whole system on this machine, until Ctrl-C."""

import sys
from pathlib import Path
from typing import Annotated

import typer

DATA = Path(".beatline")
PORT_BASE = 8000
LAST_PORT_BASE = 65_535 - 8  # it takes nine ports


def up(
    port_base: Annotated[
        int, typer.Option(help="The API's port; the others follow it.", min=1, max=LAST_PORT_BASE)
    ] = PORT_BASE,
    data: Annotated[
        Path, typer.Option(help="Where the system keeps its data.", file_okay=False)
    ] = DATA,
    demo_beats: Annotated[bool, typer.Option(help="Make and publish a few beats to sell.")] = True,
    build: Annotated[
        bool, typer.Option("--build/--no-build", help="Build the storefront where it has changed.")
    ] = True,
    verbose: Annotated[bool, typer.Option(help="Show the logs of every part.")] = False,
) -> None:
    """Bring up the whole system on this machine and keep it up until Ctrl-C."""
    try:  # late, since the production image is without what the sandbox needs
        from cli.launcher import bring_up
        from cli.screen import Screen
        from cli.supervisor import PartFailed
        from sandbox.process import ProcessError
    except ModuleNotFoundError as error:
        sys.exit(f"beatline up needs {error.name}: install beatline[sandbox]")
    try:
        bring_up(port_base, data.resolve(), demo_beats, build, verbose, Screen())
    except ProcessError as error:
        sys.exit(f"beatline up: {error}.")
    except PartFailed:  # the screen has told why
        sys.exit(1)


if __name__ == "__main__":
    typer.run(up)
