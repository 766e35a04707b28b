"""From the cost of one order to what 1, 100 and 10,000 a second need, by calculation.

And by one simulation: of orders that wait for a worker. `--costs FILE` takes what
`python -m bench.scale --part footprint` measured; without it, the costs are those of
docs/scaling.md.
"""

import argparse
import heapq
import json
import math
import random
import statistics
from dataclasses import dataclass
from pathlib import Path

BUSY = 0.6  # how busy a process may be: above this, waiting grows faster than the load
RATES = (1, 10, 100, 1000, 10_000)
STRIPE_ENDPOINT, STRIPE_ACCOUNT = 25, 100  # requests a second, in live mode
PARTITION = 500  # tasks a second that one partition of a task queue passes on, said cautiously
SHARD = 50  # writes to histories a second that one history shard takes, said cautiously


@dataclass(frozen=True)
class Costs:
    """Of one order, bought and downloaded: CPU milliseconds, and things counted.

    Those that `make bench` measured with 50 buyers at once; as much again as the API and PostgreSQL
    took is allowed them for what it leaves out, the looks at the order and its downloads.
    """

    api_ms: float = 25.0
    worker_ms: float = 53.0
    postgres_ms: float = 17.0
    temporal_ms: float = 53.0
    rows: float = 14.6  # that PostgreSQL writes
    bytes: float = 4_700.0  # that stay in PostgreSQL
    actions: float = 11.0  # as Temporal Cloud counts them
    history_events: float = 35.0
    tasks: float = 8.0  # workflow and activity tasks
    stripe_calls: float = 2.0
    stripe_calls_of_one_endpoint: float = 1.0


def needs(rate: float, costs: Costs) -> dict[str, float]:
    """What so many orders a second need."""
    return {
        "orders/s": rate,
        "API processes": processes(rate, costs.api_ms),
        "workers": processes(rate, costs.worker_ms),
        "PostgreSQL cores": math.ceil(rate * costs.postgres_ms / 1000 / BUSY),
        "rows written/s": round(rate * costs.rows),
        "GB a month": round(rate * costs.bytes * 86_400 * 30 / 1e9),
        "actions/s": round(rate * costs.actions),
        "queue partitions": max(4, math.ceil(rate * costs.tasks / PARTITION)),
        "history shards": 2 ** math.ceil(math.log2(max(4, rate * costs.history_events / SHARD))),
        "Stripe accounts": max(
            math.ceil(rate * costs.stripe_calls_of_one_endpoint / STRIPE_ENDPOINT),
            math.ceil(rate * costs.stripe_calls / STRIPE_ACCOUNT),
        ),
    }


def processes(rate: float, milliseconds: float) -> int:
    """Processes of one core each, none of them busier than BUSY."""
    return max(1, math.ceil(rate * milliseconds / 1000 / BUSY))


def simulate(rate: float, milliseconds: float, servers: int, orders: int = 20_000) -> list[float]:
    """How long each order waited, in milliseconds, where they come at random (M/G/c).

    The work of an order varies by a third, as it does where some carts are large.
    """
    chance = random.Random(1)  # noqa: S311
    free = [0.0] * servers
    now, waits = 0.0, []
    for _ in range(orders):
        now += chance.expovariate(rate) * 1000
        begins = max(now, heapq.heappop(free))
        heapq.heappush(free, begins + milliseconds * chance.lognormvariate(-0.05, 0.32))
        waits.append(begins - now)
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale_model", description=__doc__)
    parser.add_argument("--costs", type=Path)
    asked = parser.parse_args()
    costs = Costs()
    if asked.costs:
        costs = Costs(**json.loads(asked.costs.read_text())["footprint"]["costs"])
    for rate in RATES:
        print("  ".join(f"{name} {value:,}" for name, value in needs(rate, costs).items()))
    print("\nWaiting for a worker at 100 orders/s: ms at p50 and p99")
    enough = processes(100, costs.worker_ms)
    for servers in range(math.ceil(100 * costs.worker_ms / 1000), enough + 3, 2):
        waits = simulate(100, costs.worker_ms, servers)
        cuts = statistics.quantiles(waits, n=100)
        busy = 100 * costs.worker_ms / 1000 / servers
        print(f"  {servers:3} workers, {busy:4.0%} busy: {cuts[49]:8.1f} {cuts[98]:8.1f}")


if __name__ == "__main__":
    main()
