"""Nothing private leaves by an answer, an address, a log line or a workflow's history."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from cli.state import load_secrets
from domain.order import order_id_for
from tests.end_to_end.shop import Shop, new_key
from tests.waiting import meanwhile

EMAIL = "private.buyer@beatline.example"
NAME = "Private B. Uyer"
STRANGER = "private.stranger@beatline.example"
PERSONAL = ("private.buyer", "private.stranger", "Private B. Uyer", quote(EMAIL), quote(STRANGER))
# What only our own inside says of itself.
INNER = (
    "Traceback",
    "psycopg",
    "sqlalchemy",
    "temporalio",
    "pydantic",
    "SELECT ",
    "/site-packages",
)
LOGS = ("api", "worker", "publish", "migrate", "temporal", "postgres")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def secrets(shop: Shop) -> set[str]:
    """What opens something, of this very system."""
    known = load_secrets(Path(shop.addresses.data))
    return {
        known.stripe_secret_key,
        known.stripe_webhook_secret,
        known.cloudinary_api_secret,
        known.grant_secret,
        known.postgres_password,
        shop.addresses.database_url,
    }


@pytest.fixture(scope="module")
async def sold_files(shop: Shop) -> set[str]:
    """Where masters and stems are."""
    async with shop.database.cursor() as cursor:
        await cursor.execute("SELECT public_id FROM beat_assets WHERE kind IN ('master', 'stems')")
        return {row[0] for row in await cursor.fetchall()}


@pytest.fixture(scope="module")
async def order(shop: Shop) -> Json:
    """A Trackout lease, after a card that was declined, bought by somebody with a secret name."""
    beat, *_ = await shop.full_beats()
    item = {"priceId": beat["stripeTrackoutPriceId"], "quantity": 1, "beatTitle": NAME}
    answer = await shop.check_out({"items": [item], "customerEmail": EMAIL})
    session = answer.json()
    private = {"email": EMAIL, "name": NAME}
    declined = await shop.pay(session["url"], card_number="4000000000000002", **private)
    assert declined.status_code == 402
    await shop.pay(session["url"], **private)
    return await shop.order_in("COMPLETED", session["sessionId"])


@pytest.fixture(scope="module")
async def links(shop: Shop, order: Json) -> Json:
    answer = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": f" {EMAIL.upper()}"}
    )
    found: Json = answer.json()["data"]["beats"][0]["downloadUrls"]
    return found


@pytest.fixture(scope="module")
async def answers(shop: Shop, order: Json, links: Json) -> list[httpx.Response]:
    """What every endpoint says to strangers, sound or not; e-mails everywhere they may be put."""
    get, post = shop.http.get, shop.http.post
    beat = order["items"][0]["beatId"]
    wrong = {"orderId": order["id"], "customerEmail": STRANGER}
    unknown = {"orderId": STRANGER, "customerEmail": STRANGER}
    item = {"priceId": "price_none", "quantity": 1, "beatTitle": STRANGER}
    odd = {"Idempotency-Key": STRANGER, "X-Request-ID": STRANGER, "Referer": STRANGER}
    calls = [
        get("/api/beats", params={"limit": 100, "search": STRANGER}),
        get("/api/beats", params={"limit": 100}),
        get("/api/beats", params={"sortField": STRANGER}),
        get(f"/api/beats/{beat}"),
        get(f"/api/beats/{STRANGER}"),
        get("/api/beats/genres"),
        get("/api/licenses"),
        get("/api/health"),
        get("/api/health/ready"),
        get("/openapi.json"),
        get(f"/api/{STRANGER}"),
        get(f"/api/orders/lookup/{STRANGER}"),
        get(f"/api/orders/multi-payment/{order['id']}"),
        get(f"/api/download/beat/{beat}", params=wrong),
        get(f"/api/download/stems/{beat}", params=wrong),
        get(f"/api/download/beat/{beat}", params=unknown),
        get(f"/api/download/beat/{STRANGER}", params={"type": "preview"}),
        get(f"/api/download/beat/{beat}", params={"grant": STRANGER}),
        get(f"/api/download/stems/{beat}", params={"grant": f"{links['stems']}x"}),
        get(f"/api/download/beat/{beat}", params={"type": STRANGER}),
        post(f"/api/download/multi-order/{order['id']}", json={"customerEmail": STRANGER}),
        post(f"/api/download/multi-order/{STRANGER}", json={"customerEmail": STRANGER}),
        post(f"/api/download/multi-order/{order['id']}", json={"email": STRANGER}),
        shop.check_out({"items": [item], "customerEmail": STRANGER}, key=new_key()),
        shop.check_out({"items": [item | {"quantity": STRANGER}]}),
        shop.check_out({"priceId": STRANGER + "\n"}),
        shop.check_out({"priceId": "price_none", "successUrl": f"https://a.example/{STRANGER}"}),
        post("/api/stripe/create-checkout", content=f'{{"priceId": "{STRANGER}'.encode()),
        post("/api/stripe/create-checkout", json={}, headers=odd),
        post("/api/stripe/webhook", json={"customer_email": STRANGER}),
        shop.send_signed(json.dumps({"customer_email": STRANGER})),
        shop.send_event("evt_private", order["id"], customer_details={"email": STRANGER}),
        shop.send_event("evt_private_2", order["id"], "charge.refund.updated", email=STRANGER),
        shop.http.request("DELETE", f"/api/beats?{STRANGER}"),
    ]
    return await asyncio.gather(*calls)


def said(answer: httpx.Response) -> str:
    return f"{answer.headers} {answer.text}"


async def test_no_answer_to_a_stranger_says_anything_private(
    answers: list[httpx.Response], order: Json, secrets: set[str], sold_files: set[str]
) -> None:
    session = {order["sessionId"], order["paymentId"]}
    for answer in answers:
        text = said(answer)
        told = [word for word in {*PERSONAL, *secrets, *sold_files, *session} if word in text]
        assert told == [], f"{answer.request.method} {answer.request.url}"
        if answer.request.url.path != "/openapi.json":
            assert [word for word in INNER if word in text] == []


async def test_only_a_grants_own_address_says_where_a_file_is(
    shop: Shop, order: Json, links: Json, secrets: set[str], sold_files: set[str]
) -> None:
    beat = order["items"][0]["beatId"]
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    seen = await shop.http.get(f"/api/orders/lookup/{order['sessionId']}")
    granted = await shop.http.post(
        f"/api/download/multi-order/{order['id']}", json={"customerEmail": EMAIL}
    )
    for answer in (seen, granted):
        assert [word for word in {*secrets, *sold_files} if word in said(answer)] == []
    for asked, kind in (
        (f"/api/download/beat/{beat}", "master"),
        (f"/api/download/stems/{beat}", "stems"),
    ):
        by_email = await shop.http.get(asked, params=known)
        by_grant = await shop.http.get(links[kind])
        for answer in (by_email, by_grant):
            text = said(answer).replace("%2F", "/")
            assert answer.status_code == 307
            assert answer.content == b""
            assert [word for word in (*PERSONAL, *secrets) if word in text] == []
            assert [name for name in sold_files if f"={name}&" in text] == [
                name for name in sold_files if name.startswith(f"beats/{beat}/{kind}")
            ]


async def test_no_address_that_we_make_bears_a_buyer(shop: Shop, order: Json, links: Json) -> None:
    page = await shop.stripe.v1.checkout.sessions.retrieve_async(order["sessionId"])
    files = [(await shop.http.get(links[kind])).headers["location"] for kind in ("master", "stems")]
    for address in (*links.values(), *files, page.success_url, page.cancel_url):
        assert [word for word in (*PERSONAL, "%40", "@") if word in str(address)] == []
        assert order["sessionId"] not in str(address)


async def test_no_log_tells_who_bought_or_how_to_get_it(
    shop: Shop, order: Json, links: Json, answers: list[httpx.Response], secrets: set[str]
) -> None:
    known = {"orderId": order["id"], "customerEmail": EMAIL}
    beat = order["items"][0]["beatId"]
    asked = {"X-Request-ID": "the-last-of-these"}
    await shop.http.get(f"/api/download/beat/{beat}", params=known)
    file = await shop.http.get(links["stems"], headers=asked)
    grants = {links[kind].rpartition("grant=")[2] for kind in ("master", "stems")}
    signature = file.headers["location"].partition("signature=")[2].partition("&")[0]
    private = {*PERSONAL, *secrets, *grants, signature, order["sessionId"], STRANGER, EMAIL}
    folder = Path(shop.addresses.data) / "logs"
    told = folder / "api.log"
    await meanwhile(lambda: "the-last-of-these" in told.read_text("utf-8"))  # after the answer
    for part in LOGS:
        log = (folder / f"{part}.log").read_text("utf-8", errors="replace")
        assert [word for word in private if word in log] == [], part
    assert order["id"] in told.read_text("utf-8")  # what an operator may know it by


async def test_no_workflow_tells_who_buys(
    shop: Shop, order: Json, answers: list[httpx.Response], secrets: set[str], sold_files: set[str]
) -> None:
    """Histories with their payloads and failures, memos, search attributes, summaries, details."""
    private = {*PERSONAL, *secrets, *sold_files, EMAIL, STRANGER}
    history = await shop.temporal.get_workflow_handle(order["id"]).fetch_history()
    events = "".join(str(event) for event in history.events)
    assert order["id"] in events  # payloads are readable here, as they are in the UI
    assert [word for word in private if word in events] == []
    count = 0
    async for found in shop.temporal.list_workflows():
        handle = shop.temporal.get_workflow_handle(found.id, run_id=found.run_id)
        described = await handle.describe()
        told = f"{found.raw_info}{described.raw_description}{await described.memo()}"
        assert [word for word in private if word in told] == [], found.id
        count += 1
    assert count > 0


@pytest.mark.parametrize("status", [400, 402, 500])
async def test_a_workflow_that_stripe_refuses_or_fails_tells_no_more(
    shop: Shop, secrets: set[str], status: int
) -> None:
    beat, *_ = await shop.full_beats()
    item = {"priceId": beat["stripeWavPriceId"], "quantity": 1}
    key = new_key()
    await shop.switch("/faults", on="api", method="POST", path="/sessions$", status=status, times=1)
    try:
        answer = await shop.check_out({"items": [item], "customerEmail": STRANGER}, key)
    finally:
        await shop.switch_off()
    history = await shop.temporal.get_workflow_handle(order_id_for(key)).fetch_history()
    told = "".join(str(event) for event in history.events)
    log = (Path(shop.addresses.data) / "logs" / "worker.log").read_text("utf-8")
    assert answer.status_code in (200, 400, 503)
    assert [word for word in {*PERSONAL, *secrets} if word in told + answer.text + log] == []
