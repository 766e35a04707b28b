"""One function per activity: with its policy, and what the Temporal UI shows of it."""

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

from workflows import options

with workflow.unsafe.imports_passed_through():
    from activities.decisions import Decision, DecisionActivities
    from activities.downloads import DownloadActivities
    from activities.orders import Closing, OrderActivities
    from activities.payments import PaymentActivities
    from activities.receipts import Receipt, ReceiptActivities, UnsentReceipt
    from activities.reconciliation import (
        Differences,
        Missed,
        ReconciliationActivities,
        Sweep,
        Window,
    )
    from activities.refunds import OtherSession, OtherSessionOutcome, Refund, RefundActivities
    from activities.refusals import refusal_behind
    from domain.errors import Refusal
    from domain.order import OrderStatus, OrderSummary
    from domain.payment import CheckoutSession, PaymentOutcome, Traced
    from domain.receipt import ReceiptOutcome


def _step(policy: ActivityConfig, summary: str) -> ActivityConfig:
    return ActivityConfig(**policy, summary=summary)


def _is_final(error: FailureError) -> bool:
    """Whether a step of its own would end as what was tried at once has ended."""
    return isinstance(refusal_behind(error), Refusal) or is_cancelled_exception(error)


async def place_order(order_id: str) -> OrderSummary:
    """Raises FailureError around a CartRefused where the cart cannot be sold.

    It is tried within the workflow's own task first, which saves a buyer a round trip; what does
    not succeed there becomes a step of its own, for operators to see.
    """
    try:
        return await workflow.execute_local_activity_method(
            OrderActivities.place_order, order_id, **options.DATABASE_ROW_AT_ONCE
        )
    except FailureError as error:  # what fails here bears no ActivityError around it
        if _is_final(error):
            raise
    return await workflow.execute_activity_method(
        OrderActivities.place_order,
        order_id,
        **_step(options.DATABASE_ROW_FOR_BUYER, "Check the cart, freeze the quote"),
    )


async def open_checkout_session(order_id: str) -> CheckoutSession:
    """Raises ActivityError around a CheckoutRefused where Stripe says no."""
    return await workflow.execute_activity_method(
        PaymentActivities.open_checkout_session,
        order_id,
        **_step(options.VENDOR_CALL_FOR_BUYER, "Open the payment page at Stripe"),
    )


async def confirm_payment(order_id: str) -> PaymentOutcome:
    return await workflow.execute_activity_method(
        PaymentActivities.confirm_payment,
        order_id,
        **_step(options.VENDOR_CALL_MUST_SUCCEED, "Ask Stripe about the payment, record it"),
    )


async def close_unopened_order(closing: Closing) -> CheckoutSession | None:
    return await workflow.execute_activity_method(
        OrderActivities.close_unopened_order,
        closing,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, f"Close the order: {closing.reason}"),
    )


async def close_order(closing: Closing) -> OrderStatus:
    return await workflow.execute_activity_method(
        OrderActivities.close_order,
        closing,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, f"Close the order: {closing.reason}"),
    )


async def issue_downloads(order_id: str, at_once: bool) -> OrderStatus:
    """Raises FailureError around an AssetNotFound where a sold file is missing.

    With `at_once` it is tried as `place_order` is: files that were seen lately are granted by a few
    statements, and what needs to ask for them becomes a step of its own.
    """
    if at_once:
        try:
            return await workflow.execute_local_activity_method(
                DownloadActivities.issue_downloads, order_id, **options.DATABASE_ROW_AT_ONCE
            )
        except FailureError as error:
            if _is_final(error):
                raise
    return await workflow.execute_activity_method(
        DownloadActivities.issue_downloads,
        order_id,
        **_step(options.VENDOR_CALL_MUST_SUCCEED, "Look for the files, grant the downloads"),
    )


async def carry_out(decision: Decision) -> None:
    """Raises ActivityError around a NothingToDecide where the order does not wait for it."""
    await workflow.execute_activity_method(
        DecisionActivities.carry_out,
        decision,
        **_step(options.VENDOR_CALL_MUST_SUCCEED, f"An operator decided: {decision.act}"),
    )


async def refund_payment(refund: Refund) -> None:
    """Raises ActivityError around a RefundRefused or NothingToDecide."""
    await workflow.execute_activity_method(
        RefundActivities.refund_payment,
        refund,
        **_step(options.VENDOR_CALLS_MUST_SUCCEED, "Send money back through Stripe"),
    )


async def settle_other_session(other: OtherSession) -> OtherSessionOutcome:
    return await workflow.execute_activity_method(
        RefundActivities.settle_other_session,
        other,
        **_step(options.VENDOR_CALLS_MUST_SUCCEED, "Send a second payment back"),
    )


async def find_order_of_payment(payment_id: str) -> str | None:
    return await workflow.execute_activity_method(
        PaymentActivities.find_order_of_payment,
        payment_id,
        **_step(options.VENDOR_CALL_MUST_SUCCEED, "Find the order of the payment"),
    )


async def trace_payment(payment_id: str) -> Traced | None:
    return await workflow.execute_activity_method(
        PaymentActivities.trace_payment,
        payment_id,
        **_step(options.VENDOR_CALLS_MUST_SUCCEED, "Find the order of the payment"),
    )


async def find_status(order_id: str) -> OrderStatus:
    return await workflow.execute_activity_method(
        OrderActivities.find_status,
        order_id,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, "See what the order is now"),
    )


async def find_window(farthest: Window) -> Window:
    return await workflow.execute_activity_method(
        ReconciliationActivities.find_window,
        farthest,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, "See how far back nobody has looked"),
    )


async def record_sweep(sweep: Sweep) -> None:
    await workflow.execute_activity_method(
        ReconciliationActivities.record_sweep,
        sweep,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, "Note that this sweep has come to its end"),
    )


async def collect_missed_events(window: Window) -> Missed:
    return await workflow.execute_activity_method(
        ReconciliationActivities.collect_missed_events,
        window,
        **_step(options.SWEEP, "Collect the events that never reached us"),
    )


async def requeue_differences(window: Window) -> Differences:
    return await workflow.execute_activity_method(
        ReconciliationActivities.requeue_differences,
        window,
        **_step(options.SWEEP, "Compare Stripe's payments with the orders"),
    )


async def send_receipt(receipt: Receipt) -> ReceiptOutcome:
    """Raises ActivityError around a MailRefused, or when no server took it within a day."""
    return await workflow.execute_activity_method(
        ReceiptActivities.send_receipt,
        receipt,
        **_step(options.MAIL_WITHIN_A_DAY, "Send the receipt"),
    )


async def record_unsent_receipt(unsent: UnsentReceipt) -> None:
    await workflow.execute_activity_method(
        ReceiptActivities.record_unsent_receipt,
        unsent,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, "Note that the receipt was not sent"),
    )
