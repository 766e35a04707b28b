"""When a program commits, by what it says on the line to PostgreSQL."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sandbox.process import HOST, free_port
from tests.chaos.distant_line import DistantLine
from tests.waiting import until


async def read(connection: psycopg.AsyncConnection) -> None:
    await connection.execute("SELECT count(*) FROM thing")


async def write(connection: psycopg.AsyncConnection) -> None:
    await connection.execute("INSERT INTO thing VALUES (%s)", [1])


async def write_in_a_part(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(
        "WITH made AS (INSERT INTO thing VALUES (%s) RETURNING id) SELECT id FROM made", [1]
    )


async def write_in_a_transaction(connection: psycopg.AsyncConnection) -> None:
    async with connection.transaction():
        await write(connection)


@pytest.mark.parametrize("times", [1, 8])  # the later ones are prepared
@pytest.mark.parametrize("act", [write, write_in_a_part, write_in_a_transaction])
async def test_a_write_is_heard_and_its_answer_lost(
    postgres_url: str,
    act: Callable[[psycopg.AsyncConnection], Awaitable[None]],
    times: int,
    tmp_path: Path,
) -> None:
    port = free_port()
    there = conninfo_to_dict(postgres_url)
    line = DistantLine(int(there["port"] or 5432), tmp_path)
    by_line = make_conninfo(postgres_url, host=HOST, port=port)
    async with (
        line.open(port),
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as direct,
    ):
        await direct.execute("DROP TABLE IF EXISTS thing; CREATE TABLE thing (id int)")
        connection = await psycopg.AsyncConnection.connect(by_line, autocommit=True)
        for _ in range(times - 1):
            await act(connection)
        line.cut_commits(1)
        await read(connection)  # which commits nothing
        with pytest.raises(psycopg.OperationalError):
            await act(connection)

        async def is_kept() -> bool:
            counted = await direct.execute("SELECT count(*) FROM thing")
            return await counted.fetchone() == (times,)

        await until(is_kept)
        await direct.execute("DROP TABLE thing")
