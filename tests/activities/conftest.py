"""Orders on real books and an emulated Stripe, for the tests of what happens after a payment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.testing import ActivityEnvironment

from activities.decisions import DecisionActivities
from activities.downloads import DownloadActivities
from activities.orders import OrderActivities
from activities.payments import PaymentActivities
from activities.refunds import RefundActivities
from database import checkout_requests
from database.engine import Database
from database.tables import order_events, orders
from domain.beat import Price
from domain.cart import CartLine
from domain.order import OrderStatus
from domain.payment import PaymentOutcome
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_payments import StripePayments
from tests.cloud import EveryFile
from tests.making import TRACKOUT, find, publication, publish, request
from tests.sandbox.stripe.shop import PAYS, Shop

DISPUTED_AT_ONCE = "4000000000000259"
LIFETIME = timedelta(hours=12)


async def issued(downloads: DownloadActivities, order_id: str) -> OrderStatus:
    """Runs the step as an activity: it asks for its place in the workflow."""
    status = await ActivityEnvironment().run(downloads.issue_downloads, order_id)
    assert isinstance(status, OrderStatus)
    return status


@dataclass(frozen=True)
class Steps:
    """The activities, wired as the worker wires them."""

    database: Database
    stripe: Shop
    orders: OrderActivities
    payments: PaymentActivities
    downloads: DownloadActivities
    refunds: RefundActivities
    decisions: DecisionActivities

    async def opened(self) -> str:
        """An order whose payment page is open."""
        line = CartLine(1, beat_id="dusk", license_type=TRACKOUT)
        asked = request(line, created_at=datetime.now(UTC))
        async with self.database.writing() as writer:
            await checkout_requests.claim(writer, asked)
        await self.orders.place_order(asked.order_id)
        await self.payments.open_checkout_session(asked.order_id)
        return asked.order_id

    async def pay(self, session_id: str, card: str = PAYS) -> str:
        """Pays on a page; the payment intent."""
        sessions = self.stripe.client.v1.checkout.sessions
        await self.stripe.pay_by_card(await sessions.retrieve_async(session_id), card)
        return str((await sessions.retrieve_async(session_id)).payment_intent)

    async def pay_for(self, order_id: str, card: str = PAYS) -> str:
        """Pays on the order's own page; the payment intent."""
        session_id = (await find(self.database, order_id)).session_id
        assert session_id is not None
        return await self.pay(session_id, card)

    async def bought(self, card: str = PAYS) -> tuple[str, str]:
        """A paid and fulfilled order, and its payment."""
        order_id = await self.opened()
        payment_id = await self.pay_for(order_id, card)
        if await self.payments.confirm_payment(order_id) is PaymentOutcome.PAID:
            await self.issue_downloads(order_id)
        return order_id, payment_id

    async def issue_downloads(self, order_id: str) -> OrderStatus:
        return await issued(self.downloads, order_id)

    async def paid(self) -> tuple[str, str]:
        """A paid order, not fulfilled yet, and its payment."""
        order_id = await self.opened()
        payment_id = await self.pay_for(order_id)
        await self.payments.confirm_payment(order_id)
        return order_id, payment_id

    async def look(self, order_id: str) -> OrderStatus:
        await self.payments.confirm_payment(order_id)
        return (await find(self.database, order_id)).status

    async def other_session(self, order_id: str) -> str:
        metadata = {"order_id": order_id, "environment": "development"}
        session = await self.stripe.session(
            TRACKOUT.terms.default_price.minor,
            client_reference_id=order_id,
            metadata=metadata,
            payment_intent_data={"metadata": metadata},
        )
        return session.id

    async def held(self) -> str:
        """An order for which another amount than the quote's was paid."""
        order_id = await self.opened()
        dearer = update(orders).where(orders.c.id == order_id).values(total_minor=4000)
        async with self.database.writing() as writer:
            await writer.sql.execute(dearer)
        await self.pay_for(order_id)
        assert await self.payments.confirm_payment(order_id) is PaymentOutcome.HELD
        return order_id

    async def history(self, order_id: str) -> list[tuple[str, dict[str, Any]]]:
        columns = order_events.c
        query = select(columns.type, columns.detail).where(columns.order_id == order_id)
        async with self.database.reading() as reader:
            rows = await reader.sql.execute(query.order_by(columns.id))
            return [(row.type, row.detail) for row in rows]


@pytest.fixture
async def steps(database: Database, stripe_shop: Shop) -> Steps:
    amount = TRACKOUT.terms.default_price
    price = Price(await stripe_shop.price(amount.minor), amount)
    await publish(database, publication("dusk", prices={TRACKOUT: price}))
    checkout = StripeCheckout(stripe_shop.client, "development", LIFETIME)
    payments = StripePayments(stripe_shop.client, "development")
    return Steps(
        database,
        stripe_shop,
        OrderActivities(database, lambda: datetime.now(UTC)),
        PaymentActivities(database, checkout, payments),
        DownloadActivities(database, EveryFile(), timedelta(hours=1), lambda: datetime.now(UTC)),
        RefundActivities(database, payments),
        DecisionActivities(database, payments),
    )
