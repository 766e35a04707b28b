"""No name, address, signed URL or secret in any history or log."""

import re
from collections.abc import Iterator

from tests.chaos.diary import MAIL_DOMAIN, NAME
from tests.chaos.evidence import Execution, histories
from tests.chaos.invariants import Finding, Kind
from tests.chaos.plan import PROGRAMS
from tests.chaos.world import World

OURS = (*PROGRAMS, "migrate", "setup", "publish")
_BUYER = re.compile(f"{re.escape(MAIL_DOMAIN)}|{re.escape(NAME)}", re.IGNORECASE)
_SIGNED = re.compile(r"[?&](?:grant|signature)=")


async def leaks(world: World, executions: list[Execution]) -> list[Finding]:
    found = [
        Finding(Kind.WRONG, f"the history of {name} holds {what}")
        async for name, text in histories(world, executions)
        for what in told(text, world.secrets)
    ]
    for name in OURS:
        text = world.fleet.log(name).read_text(errors="replace")
        found += [
            Finding(Kind.WRONG, f"the log of {name} holds {what}")
            for what in told(text, world.secrets)
        ]
    return found


def told(text: str, secrets: list[str]) -> Iterator[str]:
    """What in a text should not be there, in words that do not repeat it."""
    if _BUYER.search(text):
        yield "a buyer's name or address"
    if _SIGNED.search(text):
        yield "a signed URL"
    if any(secret in text for secret in secrets):
        yield "a secret"
