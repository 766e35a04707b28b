"""The line between our programs and PostgreSQL, to be cut: also with a COMMIT under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sandbox.process import HOST
from tests.chaos.wire import Questions

CHUNK = 65_536


class Line:
    """Passes bytes both ways between a port of its own and PostgreSQL's."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._callers: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}
        self._commits_to_cut = 0

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._carry, HOST, port)
        try:
            yield
        finally:
            server.close()
            self.cut()
            carrying = [task for task in self._callers if task is not None]
            for task in carrying:
                task.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)

    def cut(self) -> None:
        """Every connection that there is, at once."""
        for caller in self._callers.values():
            caller.transport.abort()

    def cut_commits(self, times: int) -> None:
        """The next connections that commit: PostgreSQL hears it, and its answer is lost."""
        self._commits_to_cut += times

    def mend(self) -> None:
        self._commits_to_cut = 0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Kept, and with it both ends: asyncio itself may forget a connection that nobody reads.
        task = asyncio.current_task()
        self._callers[task] = writer
        ends = [writer]
        try:
            answers, server = await asyncio.open_connection(HOST, self._server_port)
            ends.append(server)
            back = asyncio.create_task(_pass(answers, writer))
            try:
                await self._pass_questions(reader, server, writer, back)
            finally:
                back.cancel()
        except OSError:
            writer.transport.abort()
        finally:
            del self._callers[task]
            for end in ends:
                end.close()

    async def _pass_questions(
        self,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        caller: asyncio.StreamWriter,
        back: "asyncio.Task[None]",
    ) -> None:
        said = Questions()
        while chunk := await reader.read(CHUNK):
            is_cut = said.commit(chunk) and self._commits_to_cut > 0
            if is_cut:
                self._commits_to_cut -= 1
                back.cancel()
            server.write(chunk)
            await server.drain()
            if is_cut:
                caller.transport.abort()
                return


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers, until either end is gone."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
