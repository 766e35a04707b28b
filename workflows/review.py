"""The review of a payment: what has become of the money since the buyer paid."""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from workflows import steps, visibility
from workflows.checkout import Checkout, CheckoutWorkflow, PaymentReported
from workflows.news import News
from workflows.options import MISSED_AFTER

with workflow.unsafe.imports_passed_through():
    from activities.refunds import OtherSession
    from domain.order import OrderStatus
    from domain.payment import HELD, PaymentOutcome, Traced

# What a look at the payment makes of an order that has its files or none.
_STATUS = {
    PaymentOutcome.REFUNDED: OrderStatus.REFUNDED,
    PaymentOutcome.DISPUTED: OrderStatus.DISPUTED,
    PaymentOutcome.HELD_DISPUTED: OrderStatus.DISPUTED,
}

_CAME_BACK = (
    "A refund **came back** from the buyer's bank: the order stands as if it had not been made. "
    "Send the money another way, or ask for the refund again."
)

# After these the order waits for its files, or for an operator: in its checkout.
_UNFINISHED = frozenset({PaymentOutcome.PAID, PaymentOutcome.REFUND_FAILED}) | HELD


@dataclass(frozen=True)
class Review:
    """What to look at: a payment (Stripe's intent), or a session that is not the order's own."""

    payment_id: str | None = None
    order_id: str | None = None
    other_session_id: str | None = None


@workflow.defn(name="PaymentReview")
class PaymentReviewWorkflow:
    """A look at one payment, started by Stripe's news of it; news on the way has it look again.

    Returns the payment's outcome, or None if the payment is none of ours.
    """

    @workflow.init
    def __init__(self, review: Review) -> None:
        self._news = News()

    @workflow.signal
    def payment_reported(self, report: PaymentReported) -> None:
        """Refunds and disputes are asked for, so a report may come twice, late or early."""
        self._news.came()

    @workflow.run
    async def run(self, review: Review) -> PaymentOutcome | None:
        traced = await self._traced(review)
        if traced is None:
            return None
        order_id, other_session_id = traced.order_id, traced.other_session_id
        visibility.tell(f"Looking at the payment of {order_id}, of which Stripe had news.")
        while True:
            self._news.take()
            if other_session_id is not None:
                await steps.settle_other_session(OtherSession(order_id, other_session_id))
            outcome = await steps.confirm_payment(order_id)
            await self._follow(order_id, outcome)
            if not self._news.take():
                return outcome

    async def _traced(self, review: Review) -> Traced | None:
        if review.order_id is not None:
            return Traced(review.order_id, review.other_session_id)
        assert review.payment_id is not None  # noqa: S101 - what a review without an order has
        if workflow.patched("second-payments-are-traced"):
            return await steps.trace_payment(review.payment_id)
        order_id = await steps.find_order_of_payment(review.payment_id)
        return Traced(order_id) if order_id is not None else None

    async def _follow(self, order_id: str, outcome: PaymentOutcome) -> None:
        """Leaves what follows to the checkout; one that has ended too soon is opened again."""
        if outcome in _STATUS:
            visibility.now(_STATUS[outcome])
            visibility.tell(f"The order is {_STATUS[outcome]}: its downloads are closed.")
        if outcome is PaymentOutcome.REFUND_FAILED:
            visibility.needs_attention(True)
            visibility.tell(_CAME_BACK)
        if await tell_checkout(order_id, outcome) or outcome not in _UNFINISHED:
            return
        if await steps.find_status(order_id) is not OrderStatus.COMPLETED:
            await _reopen(order_id)


async def _reopen(order_id: str) -> None:
    """Starts the order's checkout again, unless it has been started meanwhile."""
    try:
        await workflow.start_child_workflow(
            CheckoutWorkflow.run,
            Checkout.of(order_id, reopened=True),
            id=order_id,
            task_timeout=MISSED_AFTER,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary="A buyer's checkout, opened again by news of its payment",
        )
    except WorkflowAlreadyStartedError:
        await tell_checkout(order_id, PaymentOutcome.PAID)


async def tell_checkout(order_id: str, outcome: PaymentOutcome) -> bool:
    """Has the order's checkout look again; False if it has ended."""
    checkout = workflow.get_external_workflow_handle(order_id)
    try:
        await checkout.signal(
            CheckoutWorkflow.payment_reported, PaymentReported("review", str(outcome))
        )
    except ApplicationError:
        return False
    return True
