"""The checkout session, and the payment that comes of it."""

import structlog
from temporalio import activity

from database import attention, inbox, order_events, order_sessions, orders, standings
from database.engine import Database
from domain.errors import CheckoutAbandoned, OrderNotFound, Refusal, Unavailable
from domain.order import Attention, Order, OrderStatus
from domain.payment import (
    HELD,
    CheckoutSession,
    Payment,
    PaymentOutcome,
    PaymentState,
    PaymentTerms,
    Traced,
    judge,
    session_of,
)
from gateways.stripe_checkout import AttemptSpent, StripeCheckout
from gateways.stripe_payments import StripePayments

log = structlog.get_logger()


class PaymentActivities:
    """What Stripe and we agree on for an order."""

    def __init__(
        self, database: Database, checkout: StripeCheckout, payments: StripePayments
    ) -> None:
        self._database = database
        self._checkout = checkout
        self._payments = payments

    @activity.defn
    async def open_checkout_session(self, order_id: str) -> CheckoutSession:
        """Opens the order's payment page at Stripe, or finds the one that it has.

        Idempotent by `order:{id}:checkout:{attempt}`, the attempt being the order's own. Raises
        CheckoutRefused if Stripe says no, CheckoutAbandoned if the order was closed meanwhile.
        """
        order = await find_order(self._database, order_id)
        opened = session_of(order)
        if opened is not None:
            return opened
        if order.status is not OrderStatus.PENDING:
            raise CheckoutAbandoned
        try:
            session = await self._checkout.open_session(order)
        except AttemptSpent as spent:
            async with self._database.recording() as recorder:
                await order_sessions.spend_attempt(recorder, order_id, order.checkout_attempt)
            raise spent.fault from None
        async with self._database.recording() as recorder:
            if await order_sessions.attach(recorder, order_id, session):
                return session
            attached = await order_sessions.find(recorder, order_id)
        if attached is None:
            raise CheckoutAbandoned
        return attached

    @activity.defn
    async def confirm_payment(self, order_id: str) -> PaymentOutcome:
        """Asks Stripe where the payment stands, and takes what it says into the order.

        Money in full, as quoted, makes the order PAID; what has gone back since, and disputes,
        come with the same look. Money that is not the quote's holds the order for an operator; a
        refund that the buyer's bank returned has one look at it. A page of which our books know
        nothing, since its news overtook our note or a failover lost it, is found by opening it.
        """
        async with self._database.reading() as reader:
            terms = await orders.terms_of(reader, order_id)
        if terms is None:
            raise OrderNotFound
        session_id = terms.session_id or await self._page_again(order_id)
        if session_id is None:
            return PaymentOutcome.EXPIRED
        payment = await self._payments.find(session_id)
        outcome = judge(payment, terms.total, terms.approved_payment_id)
        if payment.state is PaymentState.SETTLING:
            async with self._database.recording() as recorder:
                await order_events.note_once(recorder, order_id, order_events.SETTLING)
        if payment.state is not PaymentState.PAID:
            return outcome
        if outcome in HELD:
            await self._hold(terms, payment)
            return outcome
        came_back = await self._take_in(terms, payment)
        is_paid = outcome is PaymentOutcome.PAID
        return PaymentOutcome.REFUND_FAILED if is_paid and came_back else outcome

    async def _page_again(self, order_id: str) -> str | None:
        """The session that Stripe has under the order's key, noted once more.

        None if the order was given up: whatever page there may have been is none of it.
        """
        try:
            return (await self.open_checkout_session(order_id)).id
        except CheckoutAbandoned:
            return None
        except Refusal as refused:
            raise Unavailable("The order's payment page", detail=refused.code) from refused

    async def _hold(self, terms: PaymentTerms, payment: Payment) -> None:
        """Has an operator decide; what the buyer's bank says meanwhile is known all the same."""
        why, amount = Attention.PAYMENT_DIFFERS, str(payment.amount)
        async with self._database.writing() as writer:
            await standings.record_payment(writer, terms.order_id, payment, terms.total)
            await standings.record_payer(writer, terms.order_id, payment)
            await attention.flag(writer, terms.order_id, why, "payment_held", amount=amount)

    async def _take_in(self, terms: PaymentTerms, payment: Payment) -> bool:
        """Notes what has become of the money; whether an operator is to see to what came back."""
        why = Attention.REFUND_FAILED
        async with self._database.writing() as writer:
            change = await standings.record_payment(
                writer, terms.order_id, payment, terms.total, terms.approved_payment_id
            )
            if Attention.PAYMENT_DIFFERS in terms.waits_for:  # it is decided, one way or another
                await attention.clear(writer, terms.order_id, Attention.PAYMENT_DIFFERS)
            if change.now.unmet - change.before.unmet:
                await attention.flag(writer, terms.order_id, why, event=None)
                return True
            if not change.now.unmet and why in terms.waits_for:
                await attention.clear(writer, terms.order_id, why)
        return bool(change.now.unmet) and why in terms.waits_for

    @activity.defn
    async def find_order_of_payment(self, payment_id: str) -> str | None:
        """The order that a payment intent paid, by our books or else by Stripe's."""
        async with self._database.reading() as reader:
            order_id = await orders.id_by_payment(reader, payment_id)
        return order_id or await self._payments.order_of(payment_id)

    @activity.defn
    async def trace_payment(self, payment_id: str) -> Traced | None:
        """The same, and by which page where the order has another payment: it was paid twice.

        None, too, where Stripe names an order that our books do not have: operators see its events
        in the inbox, as nobody else will look at them.
        """
        order_id = await self.find_order_of_payment(payment_id)
        if order_id is None:
            return None
        try:
            order = await find_order(self._database, order_id)
        except OrderNotFound:
            log.warning("payment_for_unknown_order", payment_id=payment_id, order_id=order_id)
            async with self._database.recording() as recorder:
                await inbox.mark_unknown(recorder, payment_id, order_id)
            return None
        if order.payment_id in (None, payment_id):
            return Traced(order_id)
        return Traced(order_id, await self._payments.session_of(payment_id))


async def find_order(database: Database, order_id: str) -> Order:
    """Raises OrderNotFound where there is none."""
    async with database.reading() as reader:
        order = await orders.find(reader, order_id)
    if order is None:
        raise OrderNotFound
    return order
