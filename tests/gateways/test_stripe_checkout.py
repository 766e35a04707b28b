"""Opening checkout sessions: once for an order and attempt, whatever gets lost on the way."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from domain.errors import CheckoutRefused, Unavailable
from domain.order import Order
from gateways.stripe_checkout import AttemptSpent, StripeCheckout
from gateways.stripe_client import stripe_client
from gateways.stripe_pace import PacedHTTPClient
from gateways.stripe_payments import StripePayments
from sandbox.process import free_port
from tests.making import order
from tests.sandbox.stripe.shop import KEY, Shop

LIFETIME = timedelta(hours=12)


async def fault(shop: Shop, **effect: Any) -> None:
    """The next call that opens a session meets a fault."""
    path = "/v1/checkout/sessions$"
    await shop.switch(
        "faults", **{"on": "api", "method": "POST", "path": path, "times": 1} | effect
    )


async def sessions(shop: Shop) -> list[stripe.checkout.Session]:
    return (await shop.client.v1.checkout.sessions.list_async({"limit": 100})).data


async def placed(shop: Shop, **changes: Any) -> Order:
    return order(await shop.price(), **changes)


async def test_a_session_bears_the_orders_id_everywhere(
    shop: Shop, checkout: StripeCheckout
) -> None:
    prices = [await shop.price(3999), await shop.price(1999)]
    ours = order(*prices, customer_email="payer@example.com")
    opened = await checkout.open_session(ours)
    (session,) = await sessions(shop)
    assert (session.id, session.url) == (opened.id, opened.url)
    marks = {"order_id": ours.id, "environment": "development"}
    assert session.client_reference_id == ours.id
    assert session.metadata is not None
    assert session.metadata.to_dict() == marks
    assert (session.success_url, session.cancel_url) == (ours.success_url, ours.cancel_url)
    assert session.customer_email == "payer@example.com"
    assert session.amount_total == 5998
    assert opened.expires_at == (ours.created_at + LIFETIME).replace(microsecond=0)
    await shop.pay_by_card(session)
    intent = (await shop.again(session)).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.metadata.to_dict() == marks


async def test_the_same_attempt_gives_the_same_session(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    await checkout.open_session(await placed(shop))  # somebody else's
    assert await checkout.open_session(ours) == await checkout.open_session(ours)
    assert len(await sessions(shop)) == 2


async def test_racing_calls_of_one_attempt_make_one_session(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    await fault(shop, delay=0.3)
    results = await asyncio.gather(
        *(checkout.open_session(ours) for _ in range(5)), return_exceptions=True
    )
    (session,) = await sessions(shop)
    assert (await checkout.open_session(ours)).id == session.id
    assert all(
        isinstance(result, Unavailable) or getattr(result, "id", None) == session.id
        for result in results
    )


async def test_a_session_whose_answer_was_lost_is_given_again(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    await fault(shop, cut=True, executed=True)
    with pytest.raises(Unavailable):
        await checkout.open_session(ours)
    opened = await checkout.open_session(ours)
    assert [session.id for session in await sessions(shop)] == [opened.id]


async def test_a_failure_that_stripe_remembers_spends_the_attempt(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    await fault(shop, status=500, saved=True)
    with pytest.raises(Unavailable):
        await checkout.open_session(ours)
    with pytest.raises(AttemptSpent) as spent:
        await checkout.open_session(ours)
    assert spent.value.fault.detail.startswith("APIError 500")
    opened = await checkout.open_session(replace(ours, checkout_attempt=2))
    assert [session.id for session in await sessions(shop)] == [opened.id]


async def test_a_session_behind_a_remembered_failure_is_adopted(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    await fault(shop, status=500, saved=True, executed=True)
    with pytest.raises(Unavailable):
        await checkout.open_session(ours)
    opened = await checkout.open_session(ours)
    assert [session.id for session in await sessions(shop)] == [opened.id]


async def test_a_key_that_was_used_for_other_parameters_spends_the_attempt(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    closed = await checkout.open_session(ours)
    await shop.switch(f"sessions/{closed.id}/expire")
    renamed = StripeCheckout(shop.client, "production", LIFETIME)
    with pytest.raises(AttemptSpent):
        await renamed.open_session(ours)


async def test_a_search_among_many_open_sessions_ends_in_time_and_another_key_is_tried(
    shop: Shop,
) -> None:
    checkout = StripeCheckout(shop.client, "development", LIFETIME, patience=timedelta(seconds=0.5))
    ours = await placed(shop)
    await fault(shop, method="POST", path="/v1/checkout/sessions$", status=500, saved=True)
    with pytest.raises(Unavailable):
        await checkout.open_session(ours)
    await fault(shop, method="GET", path="/v1/checkout/sessions$", delay=1)
    with pytest.raises(AttemptSpent):
        await checkout.open_session(ours)
    again = await checkout.open_session(replace(ours, checkout_attempt=2))
    assert [session.id for session in await sessions(shop)] == [again.id]


class Watching(PacedHTTPClient):
    """Keeps the addresses that were called."""

    def __init__(self) -> None:
        super().__init__(20, 10)
        self.seen = list[str]()

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        self.seen.append(url)
        return await super().request_async(method, url, headers, post_data)


async def test_a_search_looks_at_the_sessions_of_the_orders_own_time_alone(shop: Shop) -> None:
    watching = Watching()
    client = stripe.StripeClient(KEY, base_addresses={"api": shop.url}, http_client=watching)
    ours = await placed(shop)
    await fault(shop, method="POST", path="/v1/checkout/sessions$", status=500, saved=True)
    checkout = StripeCheckout(client, "development", LIFETIME)
    for expected in (Unavailable, AttemptSpent):
        with pytest.raises(expected):
            await checkout.open_session(ours)
    await watching.close_async()  # type: ignore[no-untyped-call]
    (listed,) = (url for url in watching.seen if "status=open" in url)
    asked = parse_qs(urlsplit(listed).query)
    made = int(ours.created_at.timestamp())
    (since,), (until,) = asked["created[gte]"], asked["created[lte]"]
    assert made - 600 < int(since) < made < int(until) < made + 2 * 3600


async def test_only_the_orders_own_open_session_is_adopted(
    shop: Shop, checkout: StripeCheckout
) -> None:
    ours = await placed(shop)
    made = await checkout.open_session(ours)
    price = ours.items[0].price_id
    for _ in range(101):  # more than one page of Stripe's list
        await checkout.open_session(order(price))
    renamed = StripeCheckout(shop.client, "production", LIFETIME)
    assert await renamed.open_session(ours) == made


@pytest.mark.parametrize(
    ("effect", "wait"),
    [
        ({"status": 429, "retry_after": 7}, timedelta(seconds=7)),
        ({"status": 429}, None),
        ({"status": 500}, None),
        ({"status": 503}, None),
        ({"status": 409}, None),
        ({"status": 401}, None),
        ({"cut": True}, None),
    ],
)
async def test_what_is_not_stripes_no_is_asked_again_later(
    shop: Shop, checkout: StripeCheckout, effect: dict[str, Any], wait: timedelta | None
) -> None:
    ours = await placed(shop, customer_email="payer@example.com")
    await fault(shop, **effect)
    with pytest.raises(Unavailable) as refused:
        await checkout.open_session(ours)
    assert (refused.value.service, refused.value.retry_after) == ("Stripe", wait)
    assert "payer" not in str(refused.value)
    assert await sessions(shop) == []


async def test_a_stripe_that_does_not_answer_in_time_is_unavailable(shop: Shop) -> None:
    ours = await placed(shop)
    hasty = stripe.AIOHTTPClient(timeout=0.2)
    client = stripe.StripeClient(KEY, base_addresses={"api": shop.url}, http_client=hasty)
    await fault(shop, delay=1)
    with pytest.raises(Unavailable):
        await StripeCheckout(client, "development", LIFETIME).open_session(ours)
    await hasty.close_async()  # type: ignore[no-untyped-call]


async def test_a_stripe_that_nobody_serves_is_unavailable() -> None:
    async with stripe_client(KEY, f"http://127.0.0.1:{free_port()}") as client:
        checkout = StripeCheckout(client, "development", LIFETIME)
        with pytest.raises(Unavailable):
            await checkout.open_session(order("price_1"))
        with pytest.raises(Unavailable):
            await StripePayments(client, "development").find("cs_1")


async def test_our_client_asks_once_and_leaves_retries_to_temporal(shop: Shop) -> None:
    await fault(shop, path="/v1/prices", method="GET", status=500)
    async with stripe_client(KEY, shop.url) as client:
        with pytest.raises(stripe.APIError):
            await client.v1.prices.list_async()
        assert (await client.v1.prices.list_async()).data == []


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"customer_email": "no address"}, "customer_email"),
        ({"success_url": "nowhere"}, "success_url"),
    ],
)
async def test_what_stripe_refuses_is_refused_with_the_parameter_at_fault(
    shop: Shop, checkout: StripeCheckout, changes: dict[str, Any], parameter: str
) -> None:
    with pytest.raises(CheckoutRefused) as refused:
        await checkout.open_session(await placed(shop, **changes))
    assert refused.value.parameter == parameter
    assert await sessions(shop) == []


async def test_a_price_that_stripe_does_not_know_is_refused(checkout: StripeCheckout) -> None:
    with pytest.raises(CheckoutRefused) as refused:
        await checkout.open_session(order("price_unheard_of"))
    assert refused.value.parameter == "line_items[0][price]"


async def test_an_order_too_old_for_a_session_is_refused(
    shop: Shop, checkout: StripeCheckout
) -> None:
    long_ago = datetime.now(UTC) - LIFETIME
    with pytest.raises(CheckoutRefused) as refused:
        await checkout.open_session(await placed(shop, created_at=long_ago))
    assert refused.value.parameter == "expires_at"
