"""The checkout session, and the payment that comes of it."""

from temporalio import activity

from database import orders
from database.engine import Database
from domain.errors import CheckoutAbandoned, OrderNotFound
from domain.order import Order, OrderStatus
from domain.payment import CheckoutSession, PaymentOutcome, judge
from gateways.stripe_checkout import AttemptSpent, StripeCheckout


class PaymentActivities:
    """What Stripe and we agree on for an order."""

    def __init__(self, database: Database, stripe: StripeCheckout) -> None:
        self._database = database
        self._stripe = stripe

    @activity.defn
    async def open_checkout_session(self, order_id: str) -> CheckoutSession:
        """Opens the order's payment page at Stripe, or finds the one that it has.

        Idempotent by `order:{id}:checkout:{attempt}`, the attempt being the order's own. Raises
        CheckoutRefused if Stripe says no, CheckoutAbandoned if the order was closed meanwhile.
        """
        order = await self._order(order_id)
        async with self._database.reading() as reader:
            session = await orders.session_of(reader, order_id)
        if session is not None:
            return session
        if order.status is not OrderStatus.PENDING:
            raise CheckoutAbandoned
        try:
            session = await self._stripe.open_session(order)
        except AttemptSpent as spent:
            async with self._database.writing() as writer:
                await orders.spend_attempt(writer, order_id, order.checkout_attempt)
            raise spent.fault from None
        async with self._database.writing() as writer:
            if await orders.attach_session(writer, order_id, session):
                return session
            attached = await orders.session_of(writer, order_id)
        if attached is None:
            raise CheckoutAbandoned
        return attached

    @activity.defn
    async def confirm_payment(self, order_id: str) -> PaymentOutcome:
        """Asks Stripe where the payment stands; in full, as quoted, it makes the order PAID."""
        order = await self._order(order_id)
        if order.session_id is None:
            raise RuntimeError(f"order {order_id} has no session to be paid by")
        payment = await self._stripe.find_payment(order.session_id)
        outcome = judge(payment, order.total)
        if outcome is PaymentOutcome.PAID:
            async with self._database.writing() as writer:
                await orders.record_payment(writer, order_id, payment)
        elif outcome is PaymentOutcome.HELD:
            async with self._database.writing() as writer:
                await orders.note_once(writer, order_id, "payment_held", amount=str(payment.amount))
        return outcome

    async def _order(self, order_id: str) -> Order:
        async with self._database.reading() as reader:
            order = await orders.find(reader, order_id)
        if order is None:
            raise OrderNotFound
        return order
