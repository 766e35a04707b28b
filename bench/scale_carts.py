"""Carts of one and of many, bought over HTTP on a whole system: each step's time."""

import re
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from cli.shopper import PAYING_CARD, Shopper
from cli.state import Addresses, kept_environment

# Any of the order's times that the database noted, counted from Stripe's call.
SINCE_PAID = """
    SELECT extract(epoch FROM (SELECT min(occurred_at) FROM order_events
        WHERE order_id = %(order)s AND type = 'completed')
        - (SELECT min(received_at) FROM webhook_events WHERE order_id = %(order)s)) * 1000
"""
WEBHOOK = re.compile(r"request .* ms=([\d.]+) .*order_id=(\S+) .*route=/api/stripe/webhook")


def publish_copies(at: Addresses, wanted: int) -> None:
    """Publishes the demo's beats again under other names, until that many are on sale."""
    beats, copies = Path(at.data) / "beats", Path(at.data) / "copies"
    if copies.exists():
        return
    for number in range(wanted // len(list(beats.glob("*/beat.toml"))) + 2):
        for beat in beats.glob("*/beat.toml"):
            copy = copies / f"{beat.parent.name}-{number}"
            copy.mkdir(parents=True)
            for file in beat.parent.iterdir():
                (copy / file.name).hardlink_to(file)
            title = tomllib.loads(beat.read_text())["title"]
            text = beat.read_text().replace(f'"{title}"', f'"{title} {number}"')
            (copy / "beat.toml").unlink()
            (copy / "beat.toml").write_text(text)
    command = [sys.executable, "-m", "cli", "publish", str(copies)]
    done = subprocess.run(  # noqa: S603
        command, env=kept_environment(Path(at.data)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(copies)
        raise RuntimeError(done.stdout + done.stderr)


def measure(at: Addresses, sizes: list[int], rounds: int) -> list[dict[str, Any]]:
    """The median time of each step for each size of a cart, in milliseconds."""
    took: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    log = Path(at.data) / "logs" / "api.log"
    with (
        closing(Shopper(at.api, "buyer@beatline.example", "A Buyer")) as shopper,
        psycopg.connect(at.database_url, autocommit=True) as books,
    ):
        offered = [beat for beat in shopper.beats(limit=100) if beat["stripeWavPriceId"]]
        for turn in range(rounds + 2):
            for size in sizes:
                steps = _buy(shopper, books, offered[:size], log)
                for step, spent in steps.items():
                    if turn >= 2:  # the first warm everything up
                        took[step, size].append(spent)
    return [
        {"step": step, "size": size, "p50": round(statistics.median(times), 1)}
        for (step, size), times in took.items()
    ]


def _buy(
    shopper: Shopper, books: psycopg.Connection[Any], beats: list[dict[str, Any]], log: Path
) -> dict[str, float]:
    items = [
        {"priceId": beat["stripeWavPriceId"], "quantity": 1, "beatTitle": beat["title"]}
        for beat in beats
    ]
    started = time.perf_counter()
    session = shopper.check_out("create-multi-checkout", {"items": items})
    opened = time.perf_counter()
    shopper.pay(session, PAYING_CARD)
    order = shopper.wait_for(session.id, "COMPLETED")
    row = books.execute(SINCE_PAID, {"order": order["id"]}).fetchone()
    time.sleep(0.5)  # the receipt is sent; nobody else is served while the rest is timed
    looks, lists = [], []
    for _ in range(5):
        begun = time.perf_counter()
        shopper.order(session.id)
        looked = time.perf_counter()
        shopper.downloads(order["id"]).raise_for_status()
        looks.append(looked - begun)
        lists.append(time.perf_counter() - looked)
    acks = [
        float(found[1])
        for line in log.read_text().splitlines()
        if (found := WEBHOOK.search(line)) and found[2] == order["id"]
    ]
    return {
        "checkout answered": (opened - started) * 1000,
        "webhook acknowledged": acks[0],
        "paid to COMPLETED": float(row[0]) if row else 0.0,
        "order looked at": statistics.median(looks) * 1000,
        "downloads listed": statistics.median(lists) * 1000,
    }
