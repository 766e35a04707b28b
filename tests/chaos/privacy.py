"""No name, address, signed URL or secret in any history, log or metric."""

import re
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus

from tests.chaos.diary import MAIL_DOMAIN, NAME
from tests.chaos.evidence import Books, Execution, histories
from tests.chaos.invariants import Finding, Kind
from tests.chaos.vocabulary import PROGRAMS
from tests.chaos.world import World

LOGS = (*PROGRAMS, "migrate", "setup", "publish", "postgres", "temporal")
METRICS = ("/metrics", "/api/metrics")  # where a program that has any would show them
_BUYER = re.compile(f"{re.escape(MAIL_DOMAIN)}|{re.escape(NAME)}", re.IGNORECASE)
_SIGNED = re.compile(r"[?&](?:grant|signature)=")


async def leaks(world: World, books: Books, executions: list[Execution]) -> AsyncIterator[Finding]:
    """What can be read by those who may not know a buyer: everything but the books themselves."""
    async for name, text in _public(world, books, executions):
        for what in told(text, world.secrets):
            yield Finding(Kind.WRONG, f"{name} holds {what}")


async def _public(
    world: World, books: Books, executions: list[Execution]
) -> AsyncIterator[tuple[str, str]]:
    async for name, text in histories(world, executions):
        yield f"the history of {name}", text
    for name in LOGS:
        yield f"the log of {name}", world.fleet.log(name).read_text(errors="replace")
    yield "what operators read of an order", str(books.history)
    yield "the inbox", str(books.inbox)
    yield "the counts of visitors", str(books.metrics)
    for path in METRICS:
        answer = await world.http.get(path)
        if answer.status_code == HTTPStatus.OK:
            yield path, answer.text


def told(text: str, secrets: list[str]) -> Iterator[str]:
    """What in a text should not be there, in words that do not repeat it."""
    if _BUYER.search(text):
        yield "a buyer's name or address"
    if _SIGNED.search(text):
        yield "a signed URL"
    if any(secret in text for secret in secrets):
        yield "a secret"
