"""The checkout: from a buyer's request to downloads granted, or to an order closed unpaid."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.orders import Closing
    from activities.refusals import refusal_behind, to_application_error
    from domain.errors import CartRefused, CheckoutAbandoned, CheckoutRefused, Refusal
    from domain.order import OrderStatus
    from domain.payment import CheckoutSession, PaymentOutcome
    from workflows import options, steps
    from workflows.waiting import AWAITING, patience


@dataclass(frozen=True)
class Checkout:
    """Which order a checkout is for; what was asked for lies in the database."""

    order_id: str


@dataclass(frozen=True)
class PaymentReported:
    """Stripe told us of something that may have changed an order's payment."""

    event_id: str
    event_type: str


class CheckoutResult(StrEnum):
    """How a checkout ended."""

    REFUSED = "refused"  # there was no payment page, and the buyer was told why
    CANCELLED = "cancelled"  # the buyer did not pay in time
    FAILED = "failed"  # the payment did not come through
    COMPLETED = "completed"


@workflow.defn(name="Checkout")
class CheckoutWorkflow:
    """One order's checkout; its workflow id is the order id."""

    @workflow.init
    def __init__(self, checkout: Checkout) -> None:
        self._order_id = checkout.order_id
        self._session: CheckoutSession | None = None
        self._refusal: ApplicationError | None = None
        self._news = False

    @workflow.run
    async def run(self, checkout: Checkout) -> CheckoutResult:
        try:
            await steps.place_order(self._order_id)
            self._session = await steps.open_checkout_session(self._order_id)
        except ActivityError as error:
            self._session = await self._last_look(error)
        if self._session is None:
            return CheckoutResult.REFUSED
        match await self._payment(self._session):
            case PaymentOutcome.EXPIRED:
                await self._close(OrderStatus.CANCELLED, "the payment page expired unpaid")
                return CheckoutResult.CANCELLED
            case PaymentOutcome.FAILED:
                await self._close(OrderStatus.FAILED, "the payment did not come through")
                return CheckoutResult.FAILED
        await self._fulfill()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return CheckoutResult.COMPLETED

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
        self._news = True

    @workflow.update
    def retry(self) -> None:
        """An operator asks to look again now."""
        self._news = True

    async def _payment(self, session: CheckoutSession) -> PaymentOutcome:
        """Waits until the payment is decided: on Stripe's reports, and by asking now and then."""
        outcome, checks = PaymentOutcome.WAITING, 0
        while True:
            self._tell(AWAITING[outcome])
            await self._news_within(patience(session, outcome, checks, workflow.now()))
            outcome = await steps.confirm_payment(self._order_id)
            if outcome not in AWAITING:
                return outcome
            checks += 1

    async def _fulfill(self) -> None:
        """Grants the downloads; a file that is missing holds the order until it is there."""
        while True:
            self._tell("Paid; granting the downloads.")
            try:
                await steps.issue_downloads(self._order_id)
            except ActivityError as error:
                if refusal_behind(error) is None:
                    raise
                self._tell("**Held**: a file that was sold is missing from the catalogue.")
                await self._news_within(options.HELD_CHECK)
            else:
                self._tell("Completed: the downloads are granted.")
                return

    async def _last_look(self, error: ActivityError) -> CheckoutSession | None:
        """Closes an order that got no payment page, and tells the waiting buyer why.

        Returns the page if there is one after all: then somebody may be paying on it.
        """
        if is_cancelled_exception(error):
            raise error
        refusal = refusal_behind(error)
        if not isinstance(refusal, Refusal):  # out of time, whatever stood in the way
            refusal = CheckoutAbandoned()
        self._tell(f"No payment page: {refusal.code}.")
        if not isinstance(refusal, CartRefused):
            session = await steps.close_unopened_order(_closing(self._order_id, refusal))
            if session is not None:
                return session
        self._refusal = to_application_error(refusal)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return None

    async def _close(self, status: OrderStatus, reason: str) -> None:
        self._tell(f"Closed: {reason}.")
        await steps.close_order(Closing(self._order_id, status, reason))

    async def _news_within(self, time: timedelta) -> None:
        """Returns at the next report or request to look, or when the time is over."""
        try:
            await workflow.wait_condition(
                lambda: self._news, timeout=time, timeout_summary="Look again, even unasked"
            )
        except TimeoutError:
            workflow.logger.debug("no news within %s", time)
        self._news = False

    def _tell(self, details: str) -> None:
        """One sentence for whoever opens the workflow in the Temporal UI."""
        workflow.set_current_details(details)


def _closing(order_id: str, refusal: Refusal) -> Closing:
    if isinstance(refusal, CheckoutRefused):
        return Closing(order_id, OrderStatus.FAILED, "the payment page was refused")
    return Closing(order_id, OrderStatus.CANCELLED, "no payment page could be opened in time")
