"""What operators may tell a checkout that is under way, from the command line or the UI."""

from dataclasses import dataclass

from temporalio import workflow

from workflows import steps
from workflows.news import News

with workflow.unsafe.imports_passed_through():
    from activities.decisions import Act, Decision
    from activities.refunds import Refund
    from activities.refusals import to_application_error
    from domain.errors import NothingToDecide
    from domain.payment import HELD, PaymentOutcome


@dataclass(frozen=True)
class Said:
    """An operator's word: who says it, and why."""

    by: str
    reason: str


class Decisions:
    """The updates by which a workflow takes operators' decisions.

    Each is noted in the order's history, done, and followed by a look at the payment. One that the
    order does not wait for is turned away, and leaves nothing behind.
    """

    def __init__(self, order_id: str) -> None:
        self._order_id = order_id
        self._outcome: PaymentOutcome | None = None  # of the last look, once there is a page
        self._news = News()

    @workflow.update
    async def retry(self, said: Said) -> None:
        """Look again now."""
        await self._carry_out(Act.RETRY, said)

    @workflow.update
    async def approve(self, said: Said) -> None:
        """Take what was paid for what was quoted, and grant the files."""
        await self._carry_out(Act.APPROVE, said)

    @workflow.update
    async def cancel(self, said: Said) -> None:
        """Close the payment page, and the order with it, unless it was paid by then."""
        await self._carry_out(Act.CANCEL, said)

    @workflow.update
    async def refund(self, said: Said) -> None:
        """Send back all of a payment that is held."""
        refund_id = f"refund:{self._order_id}:held"
        await steps.refund_payment(Refund(self._order_id, refund_id, said.by, said.reason))
        self._news.came()

    @approve.validator
    def _held_to_approve(self, said: Said) -> None:
        self._require(*HELD)

    @refund.validator
    def _held_to_refund(self, said: Said) -> None:
        self._require(*HELD)

    @cancel.validator
    def _unpaid_to_cancel(self, said: Said) -> None:
        self._require(PaymentOutcome.WAITING)

    async def _carry_out(self, act: Act, said: Said) -> None:
        update = workflow.current_update_info()
        assert update is not None  # noqa: S101 - updates alone come here
        await steps.carry_out(Decision(self._order_id, act, said.by, said.reason, update.id))
        self._news.came()

    def _require(self, *outcomes: PaymentOutcome) -> None:
        if self._outcome not in outcomes:
            raise to_application_error(NothingToDecide(self._outcome or "being opened"))
