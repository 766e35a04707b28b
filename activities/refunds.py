"""Money sent back: as operators decide, or because an order was paid twice."""

from dataclasses import dataclass
from enum import StrEnum

from temporalio import activity

from activities.payments import find_order
from database import attention, order_events, order_sessions
from database.engine import Database
from domain.checkout import success_page
from domain.errors import NothingToDecide, RefundRefused
from domain.money import Money
from domain.order import Attention, Order
from domain.payment import CheckoutSession, OtherPage, Payment, PaymentState
from gateways.stripe_payments import RefundWish, StripePayments


@dataclass(frozen=True)
class Refund:
    """Money that an operator sends back, once for each `id`; all that is left without an amount.

    `amount_minor` is in minor units of the currency that was paid.
    """

    order_id: str
    id: str
    by: str
    reason: str
    amount_minor: int | None = None


@dataclass(frozen=True)
class OtherSession:
    """A checkout session that is not the order's own, though it names the order."""

    order_id: str
    session_id: str


class OtherSessionOutcome(StrEnum):
    """What became of it."""

    UNPAID = "unpaid"
    ADOPTED = "adopted"  # it was paid first: it is the order's own now
    REFUNDED = "refunded"  # the order was paid already
    KEPT = "kept"  # and Stripe will not send it back: an operator is told


class RefundActivities:
    """Refunds through Stripe; each is made once, however often it is tried."""

    def __init__(self, database: Database, payments: StripePayments) -> None:
        self._database = database
        self._payments = payments

    @activity.defn
    async def refund_payment(self, refund: Refund) -> None:
        """Sends money back, once by `refund.id`; who wants it, and why, is noted first.

        Raises NothingToDecide if no money was received, RefundRefused if Stripe says no.
        """
        order = await find_order(self._database, refund.order_id)
        payment = await self._own_payment(order)
        if payment is None or payment.payment_intent_id is None:
            raise NothingToDecide(order.status)
        currency = payment.amount.currency
        if refund.amount_minor is not None and refund.amount_minor < 1:
            raise RefundRefused("amount_too_small", "less than one minor unit")
        amount = Money(refund.amount_minor, currency) if refund.amount_minor is not None else None
        told = {"by": refund.by, "reason": refund.reason, "refund": refund.id}
        told["amount"] = str(amount) if amount else "all that is left"
        async with self._database.writing() as writer:
            await order_events.note_once(writer, order.id, "refund_decided", **told)
        wish = RefundWish(refund.id, order.id, payment.payment_intent_id, amount)
        await self._payments.refund(wish)

    @activity.defn
    async def settle_other_session(self, other: OtherSession) -> OtherSessionOutcome:
        """Sees to it that an order keeps one payment: the first stands, the second goes back."""
        order = await find_order(self._database, other.order_id)
        if order.session_id == other.session_id:
            return OtherSessionOutcome.ADOPTED
        page = await self._paid_page(other.session_id, order.id)
        payment_id = page.payment.payment_intent_id if page is not None else None
        if page is None or payment_id is None:
            return OtherSessionOutcome.UNPAID
        payment = page.payment
        if await self._is_first(order) and await self._adopt(order, page):
            return OtherSessionOutcome.ADOPTED
        wish = RefundWish(f"refund:{payment_id}:second", order.id, payment_id, is_duplicate=True)
        paid = {"session": other.session_id, "amount": str(payment.amount)}
        if payment.came_back:  # and would again, where the card is closed
            return await self._keep(order, paid | {"reason": "refund_failed"})
        try:
            if not payment.has_gone_back:
                await self._payments.refund(wish)
        except RefundRefused as refusal:
            return await self._keep(order, paid | {"reason": refusal.reason})
        async with self._database.writing() as writer:
            await order_events.note_once(writer, order.id, "second_payment_refunded", **paid)
            await attention.clear(writer, order.id, Attention.SECOND_PAYMENT_KEPT)
        return OtherSessionOutcome.REFUNDED

    async def _paid_page(self, session_id: str, order_id: str) -> OtherPage | None:
        """Another page of the order, if it was paid; money on its way to it is noted."""
        page = await self._payments.find_other(session_id, order_id)
        if page is not None and page.payment.state is PaymentState.SETTLING:
            async with self._database.recording() as recorder:
                await order_events.note_once(recorder, order_id, order_events.SETTLING)
        return page if page is not None and page.payment.state is PaymentState.PAID else None

    async def _keep(self, order: Order, detail: dict[str, str]) -> OtherSessionOutcome:
        """Asks an operator to see to money that Stripe will not send back by itself."""
        why = Attention.SECOND_PAYMENT_KEPT
        async with self._database.writing() as writer:
            await attention.flag(writer, order.id, why, "second_payment_kept", **detail)
        return OtherSessionOutcome.KEPT

    async def _is_first(self, order: Order) -> bool:
        """Whether the order's own page is unpaid, and closed so that it stays so."""
        if order.payment_id is not None:
            return False
        if order.session_id is not None:
            await self._payments.expire(order.session_id)
        return await self._own_payment(order) is None

    async def _own_payment(self, order: Order) -> Payment | None:
        """The payment on the order's own page, if it came in or is on its way."""
        if order.session_id is None:
            return None
        payment = await self._payments.find(order.session_id)
        received = (PaymentState.PAID, PaymentState.SETTLING)
        return payment if payment.state in received else None

    async def _adopt(self, order: Order, page: OtherPage) -> bool:
        """Makes the page the order's own; one that is done with leads where its buyer went."""
        session_id = page.payment.session_id
        back = success_page(order.success_url, session_id)
        session = CheckoutSession(session_id, page.url or back, page.expires_at)
        async with self._database.writing() as writer:
            return await order_sessions.adopt(writer, order.id, session)
