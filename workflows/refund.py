"""A refund: money sent back through Stripe, because an operator decided so."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from workflows import steps, visibility
from workflows.review import tell_checkout

with workflow.unsafe.imports_passed_through():
    from activities.refunds import Refund
    from activities.refusals import refusal_behind, to_application_error
    from domain.payment import PaymentOutcome


@workflow.defn(name="Refund")
class RefundWorkflow:
    """One refund; its workflow id is the refund's, so that it is made once."""

    @workflow.run
    async def run(self, refund: Refund) -> PaymentOutcome:
        """What the payment is afterwards; fails with the refusal if Stripe says no."""
        visibility.tell(f"Sending money of {refund.order_id} back.")
        try:
            await steps.refund_payment(refund)
        except ActivityError as error:
            refusal = refusal_behind(error)
            if refusal is None:
                raise
            raise to_application_error(refusal) from error
        outcome = await steps.confirm_payment(refund.order_id)
        await tell_checkout(refund.order_id, outcome)
        visibility.tell(f"Done: the payment is {outcome}.")
        return outcome
