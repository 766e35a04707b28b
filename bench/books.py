"""What a run leaves in PostgreSQL and at Stripe: counted there, by those who keep count."""

from typing import Any

import aiohttp
import psycopg
from psycopg import sql
from psycopg.rows import dict_row, scalar_row

from bench.storefront import CHANNEL

# BEGIN, COMMIT and their like, which a pool's every loan brings along, are counted apart.
_FRAMES = "^(BEGIN|COMMIT|ROLLBACK|SET|SHOW)"
_STATEMENTS = f"""
    SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND query !~* '{_FRAMES}' AND query !~ 'pg_stat_statements'
"""  # noqa: S608
_TOLD_WHEN_COMPLETED = """
    CREATE OR REPLACE FUNCTION {schema}.bench_completed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify({channel}, NEW.session_id);
        RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER bench_completed AFTER INSERT OR UPDATE OF status ON {schema}.orders
    FOR EACH ROW WHEN (NEW.status = 'COMPLETED') EXECUTE FUNCTION {schema}.bench_completed();
"""
# Beats that are sold with their stems.
_FULL_BEATS = """
    SELECT beats.id, title, jsonb_object_agg(license_type, stripe_price_id) AS prices
    FROM beats JOIN beat_prices ON beat_id = beats.id
    WHERE is_active AND has_stems AND coalesce(scheduled_release_at <= now(), true)
    GROUP BY beats.id, title HAVING count(*) = 3 ORDER BY beats.id LIMIT %s
"""
# More than any run makes: a fault that does nothing but count how often it might have struck.
_MANY = 10**9


class Books:
    """A counting connection to the database that all systems share, and to the emulator."""

    def __init__(
        self, database: psycopg.AsyncConnection[Any], http: aiohttp.ClientSession, stripe: str
    ) -> None:
        self._database = database
        self._http = http
        self._switch = f"{stripe}/_emulator/faults"

    async def open(self) -> None:
        await self._database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    async def announce_orders_of(self, schema: str) -> None:
        """Has the database say when an order in this schema is COMPLETED."""
        trigger = sql.SQL(_TOLD_WHEN_COMPLETED)
        names = {"schema": sql.Identifier(schema), "channel": sql.Literal(CHANNEL)}
        await self._database.execute(trigger.format(**names))

    async def begin(self) -> None:
        """Counts from here on."""
        await self._database.execute("SELECT pg_stat_statements_reset()")
        async with self._http.delete(self._switch):
            counter = {"on": "api", "times": _MANY}
        async with self._http.post(self._switch, json=counter) as answer:
            answer.raise_for_status()

    async def statements(self) -> int:
        async with self._database.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(_STATEMENTS)
            counted = await cursor.fetchone()
        return int(counted or 0)

    async def stripe_calls(self) -> int:
        async with self._http.get(self._switch) as answer:
            (counter,) = (await answer.json())["api"]
        return _MANY - int(counter["times"])

    async def full_beats(self, count: int) -> list[dict[str, Any]]:
        async with self._database.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_FULL_BEATS, [count])
            return await cursor.fetchall()

    async def latest_orders(self, count: int) -> list[str]:
        """The ids of the newest of Beatline's orders, which are those of their workflows."""
        query = "SELECT id FROM public.orders ORDER BY created_at DESC LIMIT %s"
        async with self._database.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(query, [count])
            return list(await cursor.fetchall())
