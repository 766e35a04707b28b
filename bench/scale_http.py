"""The API at two sizes, over HTTP: the same requests to each, taking turns."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import psycopg

from bench.scale_servers import Shop

# A request for one of a shop's orders, or for one page of its catalogue.
Request = Callable[[httpx.Client], httpx.Response]
WARM_UP = 12  # a connection prepares a statement that it has sent five times


def measure(
    shops: list[Shop], requests: Callable[[Shop], dict[str, Iterator[Request]]], rounds: int
) -> list[dict[str, Any]]:
    """For each kind of request and size: the median and the 95th percentile, in milliseconds."""
    took: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as stack:
        asked = [
            (shop, stack.enter_context(httpx.Client(base_url=shop.api, timeout=30)), requests(shop))
            for shop in shops
        ]
        for name in asked[0][2]:
            for turn in range(WARM_UP + rounds):
                for shop, client, every in asked:
                    request = next(every[name])
                    started = time.perf_counter()
                    answer = request(client)
                    spent = (time.perf_counter() - started) * 1000
                    if answer.status_code >= 400:
                        raise RuntimeError(f"{name} answered {answer.status_code}: {answer.text}")
                    if turn >= WARM_UP:
                        took.setdefault((name, shop.size), []).append(spent)
    return [
        {
            "request": name,
            "size": size,
            "p50": round(statistics.median(times), 2),
            "p95": round(statistics.quantiles(times, n=20)[-1], 2),
        }
        for (name, size), times in took.items()
    ]


def _asked(
    ask: Callable[..., httpx.Response], order: tuple[Any, ...], client: httpx.Client
) -> httpx.Response:
    return ask(client, *order)


def of_orders(shop: Shop) -> dict[str, Iterator[Request]]:
    """Each request is about another order, drawn from the whole table."""
    query = (
        "SELECT id, session_id, customer_email, beat_id FROM (SELECT * FROM orders "
        "WHERE status = 'COMPLETED' AND id > %s ORDER BY id LIMIT 500) AS drawn "
        "JOIN LATERAL (SELECT beat_id FROM order_items WHERE order_id = drawn.id LIMIT 1) AS item "
        "ON true"
    )
    drawn = []
    with psycopg.connect(shop.database_url) as connection:
        for start in "268bdf":
            drawn += connection.execute(query, [f"ord_{start}"]).fetchall()
    random.Random(1).shuffle(drawn)  # noqa: S311

    def for_each(ask: Callable[..., httpx.Response]) -> Iterator[Request]:
        while True:
            for order in drawn:
                yield partial(_asked, ask, order)

    return {
        "an order by its session": for_each(
            lambda client, id_, session, *_: client.get(f"/api/orders/multi-payment/{session}")
        ),
        "its downloads, by id and e-mail": for_each(
            lambda client, id_, session, email, beat: client.post(
                f"/api/download/multi-order/{id_}", json={"customerEmail": email}
            )
        ),
        "one file of it": for_each(
            lambda client, id_, session, email, beat: client.get(
                f"/api/download/beat/{beat}", params={"orderId": id_, "customerEmail": email}
            )
        ),
    }


def of_catalogue(shop: Shop) -> dict[str, Iterator[Request]]:
    """The pages that a shop's visitors turn; a rare word is one that few beats bear."""
    last = -(-shop.size * 97 // 100) // 12
    with psycopg.connect(shop.database_url) as connection:
        row = connection.execute(
            "SELECT array_agg(word ORDER BY beats) FROM (SELECT word, count(*) AS beats "
            "FROM beats, unnest(string_to_array(description, ' ')) AS word "
            "WHERE word ~ '^.{5,}$' GROUP BY word HAVING count(*) > 1) AS counted"
        ).fetchone()
    words = row[0] if row else []
    rare, frequent = words[0], words[-1]
    pages: dict[str, dict[str, str | int]] = {
        "newest": {},
        "page 40": {"page": min(40, last)},
        "the page in the middle": {"page": last // 2},
        "the last page": {"page": last},
        "by title": {"sortField": "title", "sortOrder": "asc"},
        "by genre, falling": {"sortField": "genre"},
        "by BPM": {"sortField": "bpm", "sortOrder": "asc"},
        "cheapest": {"sortField": "price", "sortOrder": "asc"},
        "dearest": {"sortField": "price"},
        "one genre": {"genre": "Trap"},
        "one genre, in the middle": {"genre": "Trap", "page": max(last // 10, 1)},
        "one genre, cheapest": {"genre": "Trap", "sortField": "price", "sortOrder": "asc"},
        "BPM 90 to 95": {"bpmMin": 90, "bpmMax": 95},
        "price 21 to 26": {"priceMin": 21, "priceMax": 26},
        "key and stems": {"key": "C", "hasStems": "true"},
        "genre, BPM, price, key": {
            "genre": "Drill", "bpmMin": 80, "bpmMax": 120, "priceMax": 25, "key": "C",
        },
        "search: a rare word": {"search": rare},
        "search: a frequent word": {"search": frequent},
        "search: in every third beat": {"search": "dark"},
        "search: two words": {"search": f"{frequent} dark"},
        "search: two letters": {"search": "ca"},
        "search: one letter": {"search": "e"},
        "search: nothing found": {"search": "zzzzzz"},
        "search: a word, cheapest": {
            "search": frequent, "sortField": "price", "sortOrder": "asc",
        },
    }  # fmt: skip

    def again(query: dict[str, str | int]) -> Iterator[Request]:
        while True:
            yield lambda client: client.get("/api/beats", params=query)

    def genres() -> Iterator[Request]:
        while True:
            yield lambda client: client.get("/api/beats/genres")

    def after_a_change(query: dict[str, str | int]) -> Iterator[Request]:
        with psycopg.connect(shop.database_url, autocommit=True) as connection:
            while True:
                connection.execute("UPDATE beats SET featured = featured WHERE id = 'beat-1'")
                yield lambda client: client.get("/api/beats", params=query)

    changed = ["newest", "one genre", "search: a rare word", "search: a frequent word",
               "search: two letters"]  # fmt: skip
    return (
        {name: again(query) for name, query in pages.items()}
        | {"genres": genres()}
        | {f"{name} (first since a change)": after_a_change(pages[name]) for name in changed}
    )
