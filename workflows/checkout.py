"""The checkout: from a buyer's request to downloads granted, or to an order closed unpaid."""

from dataclasses import dataclass
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from workflows import steps, visibility
from workflows.decisions import Decisions
from workflows.fulfillment import fulfill
from workflows.waiting import AWAITING, patience

with workflow.unsafe.imports_passed_through():
    from activities.orders import Closing
    from activities.refusals import refusal_behind, to_application_error
    from domain.errors import CartRefused, CheckoutAbandoned, CheckoutRefused, Refusal
    from domain.order import OrderStatus
    from domain.payment import HELD, CheckoutSession, PaymentOutcome


@dataclass(frozen=True)
class Checkout:
    """Which order a checkout is for; what was asked for lies in the database.

    One that is `reopened`, since there is news of its payment, looks at that before it waits.
    Those that began before there was `grants_at_once` go on, and replay, without it.
    """

    order_id: str
    reopened: bool = False
    grants_at_once: bool = False

    @classmethod
    def of(cls, order_id: str, *, reopened: bool = False) -> "Checkout":
        """A checkout that begins today."""
        return cls(order_id, reopened, grants_at_once=True)


@dataclass(frozen=True)
class PaymentReported:
    """Stripe told us of something that may have changed an order's payment, or a buyer waits."""

    event_id: str
    event_type: str


class CheckoutResult(StrEnum):
    """How a checkout ended."""

    REFUSED = "refused"  # there was no payment page, and the buyer was told why
    CANCELLED = "cancelled"  # the buyer did not pay in time
    FAILED = "failed"  # the payment did not come through
    REFUNDED = "refunded"  # the money went back before the files were granted
    DISPUTED = "disputed"  # so it may; should the shop win, a review opens the checkout again
    COMPLETED = "completed"


@workflow.defn(name="Checkout")
class CheckoutWorkflow(Decisions):
    """One order's checkout; its workflow id is the order id."""

    @workflow.init
    def __init__(self, checkout: Checkout) -> None:
        super().__init__(checkout.order_id)
        self._session: CheckoutSession | None = None
        self._refusal: ApplicationError | None = None
        self._grants_at_once = checkout.grants_at_once
        if checkout.reopened:
            self._news.came()

    @workflow.run
    async def run(self, checkout: Checkout) -> CheckoutResult:
        """Ends unpaid only without news: what came while the order was being closed begins anew."""
        while True:
            status = await self._sell()
            await workflow.wait_condition(workflow.all_handlers_finished)
            if status is OrderStatus.COMPLETED or not self._news.is_there:
                return CheckoutResult(status.lower()) if status else CheckoutResult.REFUSED

    @workflow.update
    async def checkout_session(self) -> CheckoutSession:
        """The payment page, as soon as there is one; fails with the refusal if there is none."""
        await workflow.wait_condition(
            lambda: self._session is not None or self._refusal is not None
        )
        if self._refusal is not None:
            raise self._refusal
        assert self._session is not None  # noqa: S101 - what the wait was for
        return self._session

    @workflow.signal
    def payment_reported(self, report: PaymentReported) -> None:
        """Stripe will be asked for the facts, so a report may come twice, late or early."""
        self._news.came()

    async def _sell(self) -> OrderStatus | None:
        """What the order is in the end; None where it got no payment page."""
        self._session = await self._page()
        if self._session is None:
            return None
        match await self._payment(self._session):
            case PaymentOutcome.EXPIRED:
                reason = "the payment page expired unpaid"
                status = await self._close(OrderStatus.CANCELLED, reason)
            case PaymentOutcome.FAILED:
                reason = "the payment did not come through"
                status = await self._close(OrderStatus.FAILED, reason)
            case PaymentOutcome.REFUNDED:
                visibility.tell("REFUNDED: the money went back before the files were granted.")
                status = OrderStatus.REFUNDED
            case PaymentOutcome.DISPUTED:
                visibility.tell("DISPUTED: the buyer's bank wants the money back, or has taken it.")
                status = OrderStatus.DISPUTED
            case _:
                status = OrderStatus.PAID
        if status is OrderStatus.PAID:  # also where money came while the order was being closed
            status = await fulfill(self._order_id, self._news, self._grants_at_once)
            if status is OrderStatus.PENDING:  # as after a failover that lost what was PAID
                self._news.came()
        else:
            visibility.now(status)
        return status

    async def _page(self) -> CheckoutSession | None:
        """The payment page; None where there can be none, and the buyer is told why."""
        visibility.tell("Checking the cart and opening the payment page.")
        self._refusal = None
        try:
            summary = await steps.place_order(self._order_id)
            session = await steps.open_checkout_session(self._order_id)
        except FailureError as error:
            return await self._last_look(error)
        visibility.opened(summary, session.id)
        return session

    async def _payment(self, session: CheckoutSession) -> PaymentOutcome:
        """Waits until the payment is decided: on Stripe's reports, and by asking now and then."""
        self._outcome, checks = PaymentOutcome.WAITING, 0
        while self._outcome in AWAITING:
            wait = patience(session, self._outcome, checks, workflow.now())
            visibility.tell(AWAITING[self._outcome].format(since=visibility.clock()))
            await self._news.within(wait)
            before, self._outcome = self._outcome, await steps.confirm_payment(self._order_id)
            if self._outcome is not before:
                _show_hold(before, self._outcome)
            checks += 1
        return self._outcome

    async def _last_look(self, error: FailureError) -> CheckoutSession | None:
        """Closes an order that got no payment page, and tells the waiting buyer why.

        Returns the page if there is one after all: then somebody may be paying on it.
        """
        if is_cancelled_exception(error):
            raise error
        is_news = self._news.take()  # not to this look
        refusal = refusal_behind(error)
        if not isinstance(refusal, Refusal):  # out of time, whatever stood in the way
            refusal = CheckoutAbandoned()
        visibility.tell(f"No payment page: {refusal.code}.")
        if not isinstance(refusal, CartRefused):
            session = await steps.close_unopened_order(_closing(self._order_id, refusal))
            if session is not None:
                if is_news:
                    self._news.came()
                return session
        self._refusal = to_application_error(refusal)
        return None

    async def _close(self, status: OrderStatus, reason: str) -> OrderStatus:
        """Gives the order up; what it is then, since money that came goes before that."""
        visibility.tell(f"Closed: {reason}.")
        return await steps.close_order(Closing(self._order_id, status, reason))


def _show_hold(before: PaymentOutcome, now: PaymentOutcome) -> None:
    """Makes a checkout that waits for an operator findable, disputed or not, until it is over."""
    if now is PaymentOutcome.HELD_DISPUTED:
        visibility.held(OrderStatus.DISPUTED)
    elif now is PaymentOutcome.HELD and before is PaymentOutcome.HELD_DISPUTED:
        visibility.held(OrderStatus.PENDING)
    elif now in HELD or before in HELD:
        visibility.needs_attention(now in HELD)


def _closing(order_id: str, refusal: Refusal) -> Closing:
    if isinstance(refusal, CheckoutRefused):
        return Closing(order_id, OrderStatus.FAILED, "the payment page was refused")
    return Closing(order_id, OrderStatus.CANCELLED, "no payment page could be opened in time")
