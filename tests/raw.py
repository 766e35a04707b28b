"""HTTP said by hand, byte for byte: for what no client library would send."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The first answer on a connection; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def say(self, *pieces: bytes) -> None:
        """Sends these with a pause after each, as a slow client does."""
        for piece in pieces:
            await self.send(piece)
            await asyncio.sleep(0.05)

    def stop_listening(self) -> None:
        """Takes nothing more of what the server sends."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    async def answer(self, within: float = 10) -> Answer:
        async with asyncio.timeout(within):
            head = await self._reader.readuntil(b"\r\n\r\n")
            first, _, rest = head.partition(b"\r\n")
            given = BytesHeaderParser().parsebytes(rest)
            headers = {name.lower(): value for name, value in given.items()}
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split(b" ")[1]), headers, body)

    async def ended(self, within: float) -> None:
        """Returns once the server has ended the connection; whatever it says before is left."""
        async with asyncio.timeout(within):
            with suppress(ConnectionError):
                while await self._reader.read(65_536):
                    pass

    async def drip(self, piece: bytes, every: float = 0.05) -> None:
        """Sends a piece again and again until the server has had enough."""
        with suppress(ConnectionError):
            while not self._reader.at_eof():
                await self.send(piece)
                await asyncio.sleep(every)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def request(line: str, *headers: str, body: bytes = b"", host: str = "api.example") -> bytes:
    """A request of HTTP/1.1: its first line without the version, and its headers."""
    head = [f"{line} HTTP/1.1", f"Host: {host}", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


async def exchange(port: int, data: bytes) -> Answer:
    """What one connection's first answer to these bytes is."""
    async with connected(port) as line:
        await line.send(data)
        return await line.answer()
