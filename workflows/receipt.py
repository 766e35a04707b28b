"""A receipt: sent within a day, or an operator is told."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows import steps

with workflow.unsafe.imports_passed_through():
    from activities.receipts import Receipt, UnsentReceipt
    from activities.refusals import refusal_behind
    from domain.errors import MailRefused, OrderNotFound
    from domain.receipt import ReceiptOutcome

_TOLD = {
    ReceiptOutcome.SENT: "Sent.",
    ReceiptOutcome.SKIPPED: "Not sent, as the order's history explains.",
    ReceiptOutcome.FAILED: "**Not sent**: the order's history says why.",
}


@workflow.defn(name="Receipt")
class ReceiptWorkflow:
    """A receipt that somebody asked for again; its workflow id is `receipt:{order id}:{number}`."""

    @workflow.run
    async def run(self, receipt: Receipt) -> ReceiptOutcome:
        workflow.set_current_details("Handing the receipt to the mail server.")
        outcome = await deliver(receipt)
        workflow.set_current_details(_TOLD[outcome])
        return outcome


async def deliver(receipt: Receipt) -> ReceiptOutcome:
    """Sends a receipt, or records that it could not be sent: no order fails for its mail."""
    try:
        return await steps.send_receipt(receipt)
    except ActivityError as error:
        refusal = refusal_behind(error)
        if is_cancelled_exception(error) or isinstance(refusal, OrderNotFound):
            raise
        reason = str(refusal) if isinstance(refusal, MailRefused) else "not sent within a day"
    await steps.record_unsent_receipt(UnsentReceipt(receipt.order_id, receipt.number, reason))
    return ReceiptOutcome.FAILED
