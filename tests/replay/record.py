"""Records the histories anew: `python -m tests.replay.record`, or those that are named alone.

To be run when a workflow has learned to go another way, and for a changed workflow only once no
order of the old kind is under way any more: until then the old histories must replay, by
`workflow.patched`.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from domain.payment import CheckoutSession
from sandbox import temporal
from temporal.setup import register_search_attributes
from tests.replay.outcomes import Outcome, outcomes
from tests.workflows.stand_ins import StandIns, worker_of
from workflows.options import EXPIRY_SLACK

HISTORIES = Path(__file__).with_name("histories")
QUEUE = "recorder"
HOUR = timedelta(hours=1)


async def record(client: Client, name: str, outcome: Outcome) -> str:
    """Lets one workflow go its way on a real server; returns its history as JSON."""
    # Where the page's time is nearly up, a checkout that waits for it ends while we watch.
    expires_at = datetime.now(UTC) + (
        timedelta(seconds=1) - EXPIRY_SLACK if outcome.expires else HOUR
    )
    session = CheckoutSession("cs_1", "https://pay.example/cs_1", expires_at)
    stand_ins = StandIns(session, payments=list(outcome.payments), failures=outcome.failures)
    stand_ins.order_of_payment = order_id = f"ord_{name}"
    stand_ins.other_session = outcome.others
    async with worker_of(client, stand_ins, QUEUE):
        handle = await client.start_workflow(
            outcome.workflow,
            outcome.argument(order_id),
            id=order_id if outcome.is_checkout else f"of_{order_id}",
            task_queue=QUEUE,
        )
        await outcome.told(handle, stand_ins)
        result = await handle.result()
    if result != outcome.result:
        raise RuntimeError(f"{name} ended {result}, not {outcome.result}")
    history = _without_places((await handle.fetch_history()).to_json_dict())
    return json.dumps(history, indent=2)


def _without_places(part: Any) -> Any:
    """A history without stack traces: they name the folders of the machine that recorded it."""
    match part:
        case dict():
            return {
                name: _without_places(value) for name, value in part.items() if name != "stackTrace"
            }
        case list():
            return [_without_places(each) for each in part]
        case _:
            return part


async def main() -> None:
    with temporal.running() as address:
        client = await Client.connect(address, identity="recorder")
        await register_search_attributes(client)
        for name in sys.argv[1:] or outcomes():
            outcome = outcomes()[name]
            history = await record(client, name, outcome)
            (HISTORIES / f"{name}.json").write_text(f"{history}\n")
            print(f"{name}: {outcome.result}")


if __name__ == "__main__":
    asyncio.run(main())
