"""SQL at two sizes: how long PostgreSQL takes for the same question, and how it goes about it."""

import statistics
from typing import Any

import psycopg

from bench.scale_queries import (
    Query,
    explain,
    of_orders,
    recording,
    scans,
    some_sold,
    statements_of,
    utc_now,
)
from database.engine import Writer

# What has more rows the more was sold.
BIG = {
    "checkout_requests",
    "orders",
    "order_items",
    "order_events",
    "webhook_events",
    "download_grants",
    "download_links",
    "users",
    "metrics_daily",
}


async def measure_orders(urls: dict[int, str], rounds: int) -> list[dict[str, Any]]:
    """For each query and size: median milliseconds, buffers read, and what it scanned whole."""
    results: dict[tuple[str, int], dict[str, Any]] = {}
    for _ in range(rounds):
        for size, url in urls.items():
            async with recording(url) as (writer, sent):
                sold = await some_sold(writer, 100)
                for name, query in of_orders(sold, utc_now()).items():
                    told = await _once(writer, sent, query)
                    kept = results.setdefault((name, size), {"ms": [], **told})
                    kept["ms"].append(told["took"])
    return [
        {"query": name, "size": size, **told, "ms": round(statistics.median(told["ms"]), 3)}
        for (name, size), told in results.items()
    ]


async def _once(writer: Writer, sent: list[Any], query: Query) -> dict[str, Any]:
    """The second time of two: the first has warmed the caches."""
    statements = await statements_of(writer, sent, query)
    told = [await explain(writer, each, ", ANALYZE, BUFFERS") for each in statements]
    told = [await explain(writer, each, ", ANALYZE, BUFFERS") for each in statements]
    every = [scan for each in told for scan in scans(each["Plan"])]
    whole = {
        scan["Relation Name"]
        for scan in every
        if scan["Node Type"] == "Seq Scan" and scan["Relation Name"] in BIG
    }
    return {
        "took": sum(each["Execution Time"] for each in told),
        "buffers": sum(
            each["Plan"]["Shared Hit Blocks"] + each["Plan"]["Shared Read Blocks"] for each in told
        ),
        "scanned whole": sorted(whole),
        "indexes": sorted({scan["Index Name"] for scan in every if "Index Name" in scan}),
    }


def table_sizes(url: str) -> list[dict[str, Any]]:
    """Rows and bytes of each table, its indexes and its TOAST included."""
    query = """
        SELECT relname, reltuples::bigint, pg_total_relation_size(oid), pg_indexes_size(oid)
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        ORDER BY 3 DESC
    """
    with psycopg.connect(url) as connection:
        return [
            {"table": table, "rows": rows, "bytes": size, "index bytes": indexes}
            for table, rows, size, indexes in connection.execute(query)
        ]
