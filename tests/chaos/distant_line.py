"""A line in a process of its own: while the harness is busy, the shop's statements pass.

`python -m tests.chaos.distant_line PORT SERVER_PORT` does as its standard input says, to its end.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from cli.system import program_environment
from tests.chaos.line import Line

OPEN = b"open\n"
CUT, CUT_COMMITS, MEND = "cut", "cut_commits", "mend"


class DistantLine:
    """Passes bytes both ways between a port of its own and PostgreSQL's, as a `Line` does."""

    def __init__(self, server_port: int, data: Path) -> None:
        self._server_port = server_port
        self._data = data
        self._orders: asyncio.StreamWriter | None = None

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.chaos.distant_line", str(port), str(self._server_port)),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # it ends with us, not with a Ctrl-C
            env=dict(os.environ) | program_environment(os.environ, self._data),
        )
        assert process.stdin
        assert process.stdout
        self._orders = process.stdin
        try:
            if await process.stdout.readline() != OPEN:
                raise RuntimeError("the line to PostgreSQL was not opened")
            yield
        finally:
            process.stdin.close()
            await process.wait()

    def cut(self) -> None:
        self._order(CUT)

    def cut_commits(self, times: int) -> None:
        self._order(f"{CUT_COMMITS} {times}")

    def mend(self) -> None:
        self._order(MEND)

    def _order(self, words: str) -> None:
        assert self._orders, "it is not open"
        self._orders.write(f"{words}\n".encode())


async def carry(port: int, server_port: int) -> None:
    """Holds a line open until nobody orders any more."""
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    line = Line(server_port)
    async with line.open(port):
        sys.stdout.buffer.write(OPEN)
        sys.stdout.buffer.flush()
        while words := (await orders.readline()).decode().split():
            match words:
                case [word, times] if word == CUT_COMMITS:
                    line.cut_commits(int(times))
                case [word] if word == CUT:
                    line.cut()
                case [word] if word == MEND:
                    line.mend()


if __name__ == "__main__":
    uvloop.run(carry(*map(int, sys.argv[1:])))
