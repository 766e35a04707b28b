"""From paid to delivered: the files granted, the receipt sent."""

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import options, steps, visibility
from workflows.news import News
from workflows.receipt import deliver

with workflow.unsafe.imports_passed_through():
    from activities.receipts import Receipt
    from activities.refusals import refusal_behind
    from domain.order import OrderStatus
    from domain.receipt import ReceiptOutcome


async def fulfill(order_id: str, news: News, at_once: bool) -> OrderStatus:
    """Grants the downloads; a file that is missing holds the order until it is there."""
    visibility.tell("Paid. The downloads are being granted.")
    status = await _granted(order_id, at_once)
    if status is None:
        visibility.held(OrderStatus.PAID)
        status = await _granted_in_the_end(order_id, news, at_once)
        visibility.needs_attention(False)
    visibility.now(status)
    if status is OrderStatus.COMPLETED:
        visibility.tell("COMPLETED: the downloads are granted; the receipt is on its way.")
        await _send_receipt(order_id)
    return status


async def _send_receipt(order_id: str) -> None:
    """A mail that cannot be sent never holds back the order; operators are told of it."""
    outcome = await deliver(Receipt(order_id))
    visibility.tell(f"COMPLETED: the downloads are granted; the receipt was {outcome}.")
    if outcome is ReceiptOutcome.FAILED:
        visibility.needs_attention(True)


async def _granted_in_the_end(order_id: str, news: News, at_once: bool) -> OrderStatus:
    visibility.tell(
        f"**Held** since {visibility.clock()}: paid, but a file that was sold is missing. Put it "
        "back, then ask for `retry`."
    )
    while True:
        await news.within(options.HELD_CHECK)
        status = await _granted(order_id, at_once)
        if status is not None:
            return status


async def _granted(order_id: str, at_once: bool) -> OrderStatus | None:
    """What the order is with its files granted; None where one of them is missing."""
    try:
        return await steps.issue_downloads(order_id, at_once)
    except FailureError as error:
        if refusal_behind(error) is None:
            raise
        return None
