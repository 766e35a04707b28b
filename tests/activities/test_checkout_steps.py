"""The steps of a checkout against real books and an emulated Stripe, each run twice or torn."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from activities.downloads import DownloadActivities
from activities.orders import Closing, OrderActivities
from activities.payments import PaymentActivities
from database import checkout_requests, grants
from database.catalog_tables import beat_assets
from database.engine import Database
from database.tables import order_events, orders
from domain.beat import AssetKind, Price
from domain.cart import CartLine
from domain.checkout import CheckoutRequest
from domain.errors import (
    AssetNotFound,
    CartReason,
    CartRefused,
    CheckoutAbandoned,
    OrderNotFound,
    Unavailable,
)
from domain.money import Money
from domain.order import OrderStatus
from domain.payment import CheckoutSession, PaymentOutcome
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_payments import StripePayments
from tests.activities.conftest import issued
from tests.cloud import EveryFile
from tests.making import TRACKOUT, WAV, find, publication, publish, request
from tests.sandbox.stripe.shop import SETTLES, Shop


@dataclass(frozen=True)
class Steps:
    """The activities, wired as the worker wires them."""

    database: Database
    stripe: Shop
    orders: OrderActivities
    payments: PaymentActivities
    downloads: DownloadActivities

    async def asked(self, *wanted: Any) -> CheckoutRequest:
        """A claimed request for licenses of the beat on sale."""
        lines = [CartLine(1, beat_id="dusk", license_type=kind) for kind in wanted or (TRACKOUT,)]
        made = request(*lines, created_at=datetime.now(UTC))
        async with self.database.writing() as writer:
            await checkout_requests.claim(writer, made)
        return made

    async def placed(self) -> str:
        order_id = (await self.asked()).order_id
        await self.orders.place_order(order_id)
        return order_id

    async def opened(self, order_id: str) -> CheckoutSession:
        return await self.payments.open_checkout_session(order_id)

    async def fault(self, **effect: Any) -> None:
        """The next call that opens a session meets a fault."""
        path = "/v1/checkout/sessions$"
        await self.stripe.switch("faults", on="api", method="POST", path=path, times=1, **effect)

    async def sessions(self) -> list[str]:
        """Every session that Stripe has."""
        return [
            page.id for page in (await self.stripe.client.v1.checkout.sessions.list_async()).data
        ]

    async def bought(self, **how: Any) -> str:
        """An order whose buyer has paid, as far as Stripe knows."""
        order_id = await self.placed()
        session = await self.opened(order_id)
        page = await self.stripe.client.v1.checkout.sessions.retrieve_async(session.id)
        await self.stripe.pay_by_card(page, **how)
        return order_id

    async def history(self, order_id: str) -> list[str]:
        query = select(order_events.c.type).where(order_events.c.order_id == order_id)
        async with self.database.reading() as reader:
            return list(await reader.sql.scalars(query.order_by(order_events.c.id)))


@pytest.fixture
async def steps(database: Database, stripe_shop: Shop) -> Steps:
    amount = TRACKOUT.terms.default_price
    price = Price(await stripe_shop.price(amount.minor), amount)
    await publish(database, publication("dusk", prices={TRACKOUT: price}))
    stripe = StripeCheckout(stripe_shop.client, "development", timedelta(hours=12))
    return Steps(
        database,
        stripe_shop,
        OrderActivities(database, lambda: datetime.now(UTC)),
        PaymentActivities(database, stripe, StripePayments(stripe_shop.client, "development")),
        DownloadActivities(database, EveryFile(), timedelta(hours=1), lambda: datetime.now(UTC)),
    )


async def test_an_order_is_placed_once_however_often_it_is_tried(steps: Steps) -> None:
    order_id = await steps.placed()
    before = await find(steps.database, order_id)
    await steps.orders.place_order(order_id)
    assert await find(steps.database, order_id) == before
    assert await steps.history(order_id) == ["placed"]


async def test_a_cart_that_cannot_be_sold_places_nothing(steps: Steps) -> None:
    asked = await steps.asked(TRACKOUT, WAV)
    with pytest.raises(CartRefused) as refused:
        await steps.orders.place_order(asked.order_id)
    (problem,) = refused.value.problems
    assert (problem.line, problem.reason) == (1, CartReason.LICENSE_NOT_OFFERED)
    async with steps.database.reading() as reader:
        assert list(await reader.sql.scalars(select(orders.c.id))) == []


async def test_an_order_that_nobody_asked_for_is_not_placed(steps: Steps) -> None:
    with pytest.raises(OrderNotFound):
        await steps.orders.place_order("ord_unheard_of")
    with pytest.raises(OrderNotFound):
        await steps.opened("ord_unheard_of")
    with pytest.raises(OrderNotFound):
        await steps.payments.confirm_payment("ord_unheard_of")


async def test_an_order_has_one_session_however_often_it_is_opened(steps: Steps) -> None:
    order_id = await steps.placed()
    opened = await steps.opened(order_id)
    assert await steps.opened(order_id) == opened
    assert (await find(steps.database, order_id)).session_id == opened.id
    assert await steps.history(order_id) == ["placed", "session_opened"]


async def test_a_session_made_unnoticed_is_the_orders_after_all(steps: Steps) -> None:
    order_id = await steps.placed()
    await steps.fault(cut=True, executed=True)
    with pytest.raises(Unavailable):
        await steps.opened(order_id)
    assert (await find(steps.database, order_id)).session_id is None
    opened = await steps.opened(order_id)
    assert await steps.sessions() == [opened.id]
    assert (await find(steps.database, order_id)).session_id == opened.id


async def test_a_key_that_stripe_will_not_forget_is_left_behind(steps: Steps) -> None:
    order_id = await steps.placed()
    await steps.fault(status=500, saved=True)
    for _ in range(2):  # the fault itself, and its replay, which spends the attempt
        assert (await find(steps.database, order_id)).checkout_attempt == 1
        with pytest.raises(Unavailable):
            await steps.opened(order_id)
    assert (await find(steps.database, order_id)).checkout_attempt == 2
    opened = await steps.opened(order_id)
    assert await steps.sessions() == [opened.id]


async def test_an_order_that_was_given_up_gets_no_page_any_more(steps: Steps) -> None:
    order_id = await steps.placed()
    given_up = Closing(order_id, OrderStatus.CANCELLED, "as tested")
    assert await steps.orders.close_unopened_order(given_up) is None
    assert await steps.orders.close_unopened_order(given_up) is None
    with pytest.raises(CheckoutAbandoned):
        await steps.opened(order_id)
    assert await steps.sessions() == []
    assert await steps.history(order_id) == ["placed", "cancelled"]


async def test_an_order_with_a_page_is_not_given_up(steps: Steps) -> None:
    order_id = await steps.placed()
    opened = await steps.opened(order_id)
    given_up = Closing(order_id, OrderStatus.CANCELLED, "as tested")
    assert await steps.orders.close_unopened_order(given_up) == opened
    assert (await find(steps.database, order_id)).status is OrderStatus.PENDING
    assert await steps.history(order_id) == ["placed", "session_opened"]


async def test_a_placed_order_stays_as_it_was_quoted(steps: Steps) -> None:
    order_id = await steps.placed()
    before = await find(steps.database, order_id)
    await publish(steps.database, publication("dusk", is_active=False, prices={}))
    await steps.orders.place_order(order_id)
    assert await find(steps.database, order_id) == before


async def test_an_unpaid_session_confirms_nothing(steps: Steps) -> None:
    order_id = await steps.placed()
    await steps.opened(order_id)
    before = await find(steps.database, order_id)
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.WAITING
    assert await find(steps.database, order_id) == before


async def test_a_payment_is_confirmed_once_however_often_it_is_looked_at(steps: Steps) -> None:
    order_id = await steps.bought()
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.PAID
    paid = await find(steps.database, order_id)
    assert paid.status is OrderStatus.PAID
    assert (paid.customer_email, paid.payment_method) == ("buyer@example.com", "card")
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.PAID
    assert await find(steps.database, order_id) == paid
    assert await steps.history(order_id) == ["placed", "session_opened", "paid"]


async def test_money_on_its_way_pays_nothing_yet(steps: Steps) -> None:
    order_id = await steps.placed()
    session = await steps.opened(order_id)
    page = await steps.stripe.client.v1.checkout.sessions.retrieve_async(session.id)
    await steps.stripe.pay_by_debit(page, SETTLES)
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.SETTLING
    assert (await find(steps.database, order_id)).status is OrderStatus.PENDING


async def test_another_amount_than_the_quotes_is_held_and_noted(steps: Steps) -> None:
    order_id = await steps.bought()
    dearer = update(orders).where(orders.c.id == order_id).values(total_minor=4000)
    async with steps.database.writing() as writer:
        await writer.sql.execute(dearer)
    for _ in range(2):
        assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.HELD
    order = await find(steps.database, order_id)
    assert (order.status, order.total) == (OrderStatus.PENDING, Money(4000, "EUR"))
    assert await steps.history(order_id) == ["placed", "session_opened", "payment_held"]


async def test_downloads_are_issued_once_and_complete_the_order(steps: Steps) -> None:
    order_id = await steps.bought()
    await steps.payments.confirm_payment(order_id)
    for _ in range(2):
        await issued(steps.downloads, order_id)
    assert (await find(steps.database, order_id)).status is OrderStatus.COMPLETED
    async with steps.database.reading() as reader:
        granted = await grants.of_order(reader, order_id)
    assert [grant.kind for grant in granted] == [AssetKind.MASTER, AssetKind.STEMS]
    assert (await steps.history(order_id))[3:] == ["completed"]


async def test_a_missing_file_leaves_the_order_paid_and_nothing_granted(steps: Steps) -> None:
    order_id = await steps.bought()
    await steps.payments.confirm_payment(order_id)
    lost = delete(beat_assets).where(beat_assets.c.kind == AssetKind.STEMS)
    async with steps.database.writing() as writer:
        await writer.sql.execute(lost)
    with pytest.raises(AssetNotFound):
        await issued(steps.downloads, order_id)
    assert (await find(steps.database, order_id)).status is OrderStatus.PAID
    async with steps.database.reading() as reader:
        assert await grants.of_order(reader, order_id) == []


async def test_an_order_is_closed_once_and_never_after_it_was_paid(steps: Steps) -> None:
    unpaid, paid = await steps.placed(), await steps.bought()
    await steps.payments.confirm_payment(paid)
    closings = [Closing(each, OrderStatus.CANCELLED, "as tested") for each in (unpaid, paid)]
    for _ in range(2):
        found = [await steps.orders.close_order(each) for each in closings]
        assert found == [OrderStatus.CANCELLED, OrderStatus.PAID]
    assert await steps.history(unpaid) == ["placed", "cancelled"]
    assert await steps.history(paid) == ["placed", "session_opened", "paid"]
