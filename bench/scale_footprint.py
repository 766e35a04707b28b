"""What a running system takes: memory of the API and the worker, and time to be ready."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from typing import Any

import httpx
import psutil

from cli.shopper import PAYING_CARD, Shopper
from cli.state import Addresses

PROGRAMS = {"api": ["cli", "api"], "worker": ["cli", "worker"]}


def memory(at: Addresses) -> dict[str, dict[str, float]]:
    """RSS and PSS of each program, in MB; PSS counts what is shared among those who share it."""
    found = {}
    for process in psutil.Process(at.pid).children(recursive=True):
        line = process.cmdline()
        for name, words in PROGRAMS.items():
            if line[-2:] == words:
                told = process.memory_full_info()
                found[name] = {"rss": round(told.rss / 1e6, 1), "pss": round(told.pss / 1e6, 1)}
    return found


def cpu(at: Addresses) -> dict[str, float]:
    """CPU seconds that each part has taken since it started."""
    taken = {"api": 0.0, "worker": 0.0, "postgres": 0.0, "temporal": 0.0}
    for process in psutil.Process(at.pid).children(recursive=True):
        line = " ".join(process.cmdline())
        names = [name for name, words in PROGRAMS.items() if line.endswith(" ".join(words))]
        names += [name for name in ("postgres", "temporal") if process.name() == name]
        for name in names[:1]:
            spent = process.cpu_times()
            # Those of PostgreSQL's children that have ended are in their parent's account.
            ended = spent.children_user + spent.children_system if name == "postgres" else 0
            taken[name] += spent.user + spent.system + ended
    return taken


def load(at: Addresses, orders: int, requests: int) -> None:
    """So many orders bought and completed, four at a time, and so many other requests."""

    def buy(number: int) -> None:
        with closing(Shopper(at.api, f"buyer{number}@beatline.example", "A Buyer")) as shopper:
            beat = next(each for each in shopper.beats() if each["stripeWavPriceId"])
            body = {"priceId": beat["stripeWavPriceId"], "beatTitle": beat["title"]}
            session = shopper.check_out("create-checkout", body)
            shopper.pay(session, PAYING_CARD)
            order = shopper.wait_for(session.id, "COMPLETED", within=120)
            shopper.downloads(order["id"]).raise_for_status()

    with ThreadPoolExecutor(4) as buyers:
        list(buyers.map(buy, range(orders)))
    with httpx.Client(base_url=at.api) as client:
        for number in range(requests):
            client.get("/api/beats", params={"page": 1 + number % 5}).raise_for_status()


def starts(system: Callable[[], AbstractContextManager[Addresses]], times: int) -> dict[str, Any]:
    """How long it took, each time, from the command to ready."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        with system():
            took.append(round(time.perf_counter() - started, 2))
    return {"seconds": took, "median": statistics.median(took)}
