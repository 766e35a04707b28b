"""A buyer who has paid gets files that are there: the order waits for them to be seen."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cli.environment import without_settings
from cli.state import load_secrets
from tests.end_to_end.shop import Shop
from tests.waiting import until
from worker import CONCURRENT_WORKFLOW_TASKS
from workflows.decisions import Said

Json = dict[str, Any]
BUYERS = CONCURRENT_WORKFLOW_TASKS + 4  # more at once than a worker has hands for their orders
SAID = Said("an operator", "the file is back")


@pytest.fixture
async def beat(shop: Shop) -> AsyncIterator[Json]:
    """A beat whose files nobody has looked for lately."""
    *_, last = await shop.full_beats()
    query = "UPDATE beat_assets SET verified_at = NULL WHERE beat_id = %s"
    await shop.database.execute(query, [last["id"]])
    yield last
    await shop.http.delete(f"{shop.addresses.cloudinary}/_emulator/faults")


async def paid(shop: Shop, beat: Json) -> Json:
    """An order that is paid, and no more than that."""
    session = (await shop.check_out({"priceId": beat["stripeTrackoutPriceId"]})).json()
    assert (await shop.pay(session["url"])).status_code == 200
    return await shop.order_in("PAID", session["sessionId"])


async def switch(shop: Shop, name: str, **given: Any) -> None:
    """Turns a switch of the Cloudinary emulator."""
    answer = await shop.http.post(f"{shop.addresses.cloudinary}/_emulator/{name}", json=given)
    assert answer.status_code == 200, answer.text


async def attention(shop: Shop, order: Json, why: str) -> None:
    query = "SELECT count(*) FROM orders WHERE id = %s AND attention = %s"

    async def is_asked_for() -> bool:
        return await shop.count(query, order["id"], why) == 1

    await until(is_asked_for)


async def publish(shop: Shop) -> str:
    """Runs `beatline publish` on the folder that the shop's beats came from; what it says."""
    data, addresses = Path(shop.addresses.data), shop.addresses
    secrets = load_secrets(data)
    account = f"{secrets.cloudinary_api_key}:{secrets.cloudinary_api_secret}"
    environment = without_settings(os.environ) | {
        "DATABASE_URL": addresses.database_url,
        "STRIPE_SECRET_KEY": secrets.stripe_secret_key,
        "STRIPE_API_BASE": addresses.stripe,
        "CLOUDINARY_URL": f"cloudinary://{account}@{secrets.cloudinary_cloud}"
        f"?upload_prefix={addresses.cloudinary}",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "publish", str(data / "beats")),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_an_order_of_a_deleted_file_is_held_until_it_is_published_again(
    shop: Shop, beat: Json
) -> None:
    await switch(shop, "delete", public_id=f"beats/{beat['id']}/master")
    order = await paid(shop, beat)
    await attention(shop, order, "file_missing")
    files = f"/api/download/multi-order/{order['id']}"
    email = {"customerEmail": order["customerEmail"]}
    assert (await shop.http.post(files, json=email)).status_code == 409
    assert "1 files had to be uploaded" in await publish(shop)
    assert (await shop.order(order["sessionId"]))["status"] == "PAID"
    await shop.temporal.get_workflow_handle(order["id"]).execute_update("retry", SAID)
    await shop.order_in("COMPLETED", order["sessionId"])
    (granted,) = (await shop.http.post(files, json=email)).json()["data"]["beats"]
    master = await shop.http.get(granted["downloadUrls"]["master"], follow_redirects=True)
    assert (master.status_code, master.content[:4]) == (200, b"RIFF")


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 420, "retry_after": 1}, {"cut": True}]
)
async def test_an_order_is_completed_once_cloudinary_is_back(
    shop: Shop, beat: Json, fault: Json
) -> None:
    await switch(shop, "faults", path="/resources/", **fault)
    order = await paid(shop, beat)
    workflow = shop.temporal.get_workflow_handle(order["id"])

    async def trouble() -> str:
        """What the Temporal UI shows of the step that is under way, once it was tried again."""
        for step in (await workflow.describe()).raw_description.pending_activities:
            if step.activity_type.name == "issue_downloads" and step.attempt > 2:
                return step.last_failure.message
        return ""

    assert (await until(trouble)).startswith("Cloudinary is unavailable")
    assert (await shop.order(order["sessionId"]))["status"] == "PAID"
    await shop.http.delete(f"{shop.addresses.cloudinary}/_emulator/faults")
    await shop.order_in("COMPLETED", order["sessionId"])


async def test_a_silent_cloudinary_holds_up_no_other_buyer(shop: Shop, beat: Json) -> None:
    wanted = {"priceId": beat["stripeTrackoutPriceId"]}
    sessions = [(await shop.check_out(wanted)).json() for _ in range(BUYERS)]
    await switch(shop, "faults", path="/resources/", delay=8)
    await asyncio.gather(*(shop.pay(session["url"]) for session in sessions))
    others = [await shop.check_out(wanted) for _ in range(4)]
    assert [answer.status_code for answer in others] == [200] * 4
    for session in sessions:
        await shop.order_in("COMPLETED", session["sessionId"])
