"""How the system behaves as it grows: `python -m bench.scale`, or `make bench-scale`.

Fills databases of two sizes once (a million orders take some minutes, and 6 GB), and asks of each
the same things in turn. `docs/scaling.md` tells what came of it.
"""

import argparse
import asyncio
import itertools
import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from bench import scale_carts, scale_footprint, scale_http, scale_sql
from bench.scale_servers import shops
from cli.state import Addresses
from cli.system import running

PARTS = ("orders", "catalogue", "carts", "footprint")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".beatline-bench"))
    parser.add_argument("--port-base", type=int, default=33_100)
    parser.add_argument("--orders", type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument("--beats", type=int, nargs=2, default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--part", choices=PARTS, action="append")
    asked = parser.parse_args()
    asked.data.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for part in asked.part or PARTS:
        found[part] = _MEASURES[part](asked)
        (asked.data / "scale.json").write_text(json.dumps(found, indent=1) + "\n")
    print(f"All of it, for a program: {asked.data / 'scale.json'}")


def _orders(asked: argparse.Namespace) -> dict[str, Any]:
    with shops("orders", asked.orders, asked.data, asked.port_base) as both:
        http = scale_http.measure(both, scale_http.of_orders, asked.rounds)
        _show("HTTP, ms (p50)", "request", "p50", http)
        urls = {shop.size: shop.database_url for shop in both}
        sql = asyncio.run(scale_sql.measure_orders(urls, rounds=7))
        _show("SQL, ms", "query", "ms", sql)
        sizes = scale_sql.table_sizes(both[-1].database_url)
        for line in sizes:
            print(f"  {line['table']:20} {line['rows']:>10,} rows {line['bytes'] / 1e6:>9,.0f} MB")
        return {"http": http, "sql": sql, "tables": sizes}


def _catalogue(asked: argparse.Namespace) -> dict[str, Any]:
    with shops("beats", asked.beats, asked.data, asked.port_base) as both:
        http = scale_http.measure(both, scale_http.of_catalogue, asked.rounds)
        _show("HTTP, ms (p50)", "request", "p50", http)
        return {"http": http}


def _carts(asked: argparse.Namespace) -> dict[str, Any]:
    with running(asked.data / "system", asked.port_base + 20) as at:
        scale_carts.publish_copies(at, wanted=60)
        steps = scale_carts.measure(at, [1, 10, 50], rounds=max(asked.rounds // 10, 5))
    _show("Carts, ms (p50)", "step", "p50", steps)
    return {"steps": steps}


def _footprint(asked: argparse.Namespace) -> dict[str, Any]:
    bases = itertools.count(asked.port_base + 20, 10)  # a port is not free at once when left

    def system() -> AbstractContextManager[Addresses]:
        return running(asked.data / "system", next(bases))

    with system() as at:
        before, spent = scale_footprint.memory(at), scale_footprint.cpu(at)
        scale_footprint.load(at, orders=200, requests=0)
        costs = {
            f"{part}_ms": round((seconds - spent[part]) * 1000 / 200, 1)
            for part, seconds in scale_footprint.cpu(at).items()
        }
        scale_footprint.load(at, orders=0, requests=1000)
        after = scale_footprint.memory(at)
    found: dict[str, Any] = {"before": before, "after": after, "costs": costs}
    found["start"] = scale_footprint.starts(system, times=5)
    print(json.dumps(found, indent=1))
    return found


def _show(title: str, key: str, value: str, rows: list[dict[str, Any]]) -> None:
    """A line for each thing asked: its value at both sizes, and how many times larger it grew."""
    by_name: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row[key], {})[row["size"]] = row
    sizes = sorted({row["size"] for row in rows})
    print(f"\n{title:42}" + "".join(f"{size:>12,}" for size in sizes) + "   ratio")
    for name, told in by_name.items():
        small, large = told[sizes[0]], told[sizes[-1]]
        values = "".join(f"{told[size][value]:>12.2f}" for size in sizes)
        ratio = large[value] / max(small[value], 0.001)
        whole = ", ".join(large.get("scanned whole", []))
        print(f"{name:42}{values}{ratio:>8.2f}" + (f"  reads all of {whole}" if whole else ""))


_MEASURES = {
    "orders": _orders,
    "catalogue": _catalogue,
    "carts": _carts,
    "footprint": _footprint,
}


if __name__ == "__main__":
    main()
