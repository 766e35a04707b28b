"""Faults on demand."""

from typing import Any

import pytest
import stripe

from sandbox.stripe.faults import CallFault, WebhookFault, read_fault
from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import Shop, eventually


async def test_the_next_calls_are_told_to_slow_down(shop: Shop) -> None:
    await shop.switch("faults", on="api", path="/products", status=429, retry_after=2, times=2)
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError) as refusal:
            await shop.client.v1.products.create_async({"name": "A"})
        assert refusal.value.headers is not None
        assert refusal.value.headers["retry-after"] == "2"
    await shop.client.v1.products.create_async({"name": "A"})
    assert len((await shop.client.v1.products.list_async()).data) == 1


async def test_a_failure_may_be_kept_under_the_key(shop: Shop) -> None:
    options: Any = {"idempotency_key": "key-1"}
    await shop.switch("faults", on="api", method="POST", status=500, saved=True, times=1)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failure:
            await shop.client.v1.products.create_async({"name": "A"}, options)
        assert failure.value.http_status == 500
    assert (await shop.client.v1.products.list_async()).data == []


async def test_a_failure_may_hide_that_the_call_took_effect(shop: Shop) -> None:
    options: Any = {"idempotency_key": "key-1"}
    await shop.switch("faults", on="api", method="POST", status=503, executed=True, times=1)
    with pytest.raises(stripe.APIError):
        await shop.client.v1.products.create_async({"name": "A"}, options)
    product = await shop.client.v1.products.create_async({"name": "A"}, options)
    assert [each.id for each in (await shop.client.v1.products.list_async()).data] == [product.id]


@pytest.mark.parametrize("executed", [True, False])
async def test_the_line_is_cut_after_or_before_the_effect(shop: Shop, *, executed: bool) -> None:
    await shop.switch("faults", on="api", method="POST", cut=True, executed=executed, times=1)
    with pytest.raises(stripe.APIConnectionError):
        await shop.client.v1.products.create_async({"name": "A"})
    products = (await shop.client.v1.products.list_async()).data
    assert len(products) == (1 if executed else 0)


@pytest.mark.parametrize(("effect", "arrivals"), [("drop", 0), ("double", 2), ("delay", 1)])
async def test_webhooks_are_lost_doubled_or_late(
    shop: Shop, receiver: Receiver, effect: str, arrivals: int
) -> None:
    await shop.switch("faults", on="webhooks", type="product.*", effect=effect, delay=0.2, times=1)
    await shop.client.v1.products.create_async({"name": "A"})
    await shop.price()
    await eventually(lambda: receiver.of_type("price.created"))
    if effect == "delay":
        assert receiver.of_type("product.created") == []
    await eventually(lambda: len(receiver.of_type("product.created")) == arrivals)
    assert len(await shop.deliveries("dropped")) == (1 if effect == "drop" else 0)


async def test_webhooks_arrive_in_another_order_the_same_each_time(
    shop: Shop, receiver: Receiver
) -> None:
    orders = []
    for _ in range(2):
        await shop.switch("reset")
        receiver.clear()
        session = await shop.session()
        await eventually(lambda: receiver.events)
        await shop.switch("faults", on="webhooks", effect="shuffle", delay=0.1, seed=7)
        await shop.pay_by_card(session)
        await eventually(lambda: len(receiver.events) == 5)
        orders.append(receiver.types[1:])
    assert orders[0] == orders[1]
    assert orders[0][-1] != "checkout.session.completed"
    assert len(set(orders[0])) == 4


async def test_a_signature_can_be_stale(shop: Shop, receiver: Receiver) -> None:
    await shop.switch("faults", on="webhooks", effect="skew", skew=-900, times=1)
    await shop.client.v1.products.create_async({"name": "A"})
    await eventually(lambda: receiver.bodies)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(
            receiver.bodies[0], receiver.signatures[0], "whsec_older", 300
        )


def test_faults_by_chance_are_the_same_for_the_same_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        fault = CallFault(probability=0.5, seed=seed)
        return [fault.strikes() for _ in range(50)]

    assert strikes(1) == strikes(1)
    assert strikes(1) != strikes(2)


@pytest.mark.parametrize(
    "given",
    [
        {"status": 200},
        {"times": 0},
        {"probability": 2},
        {"path": "("},
        {"delay": -1},
        {"unheard_of": 1},
        {"times": "many"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_fault(CallFault, given)


def test_a_webhook_fault_knows_its_effects() -> None:
    with pytest.raises(ValueError, match="effect must be"):
        read_fault(WebhookFault, {"effect": "explode"})


async def test_switches_take_json_from_no_foreign_page(shop: Shop) -> None:
    answer = await shop.browser.post("/_emulator/reset", content="{}")
    assert answer.status_code == 415
    wrong = await shop.browser.post("/_emulator/faults", json={"on": "nothing"})
    assert wrong.status_code == 400
