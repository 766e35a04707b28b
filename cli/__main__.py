"""The `beatline` command: servers start here, without what only the other commands need."""

import sys

import runtime
from cli.servers import serve_api, work

SERVERS = {"api": serve_api, "worker": work}


def main() -> None:
    """Runs the command that is asked for.

    Python may hang at its end on a call to Temporal that is still under way, so it gets no say.
    """
    try:
        _run(sys.argv[1:])
        code: str | int = 0
    except SystemExit as end:
        if "temporalio" not in sys.modules:
            raise
        code = end.code or 0
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    runtime.end_process(code if isinstance(code, int) else 1)


def _run(arguments: list[str]) -> None:
    if len(arguments) == 1 and arguments[0] in SERVERS:
        SERVERS[arguments[0]]()
        return
    from cli.main import app  # late: with all that the other commands need, which no server does

    app()


if __name__ == "__main__":
    main()
