"""One function per activity: with its policy, and what the Temporal UI shows of it."""

from temporalio import workflow
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from activities.downloads import DownloadActivities
    from activities.orders import Closing, OrderActivities
    from activities.payments import PaymentActivities
    from activities.receipts import Receipt, ReceiptActivities, UnsentReceipt
    from domain.payment import CheckoutSession, PaymentOutcome
    from domain.receipt import ReceiptOutcome
    from workflows import options


def _step(policy: ActivityConfig, summary: str) -> ActivityConfig:
    return ActivityConfig(**policy, summary=summary)


async def place_order(order_id: str) -> None:
    """Raises ActivityError around a CartRefused where the cart cannot be sold."""
    await workflow.execute_activity_method(
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


async def close_order(closing: Closing) -> bool:
    return await workflow.execute_activity_method(
        OrderActivities.close_order,
        closing,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, f"Close the order: {closing.reason}"),
    )


async def issue_downloads(order_id: str) -> None:
    """Raises ActivityError around an AssetNotFound where a sold file is missing."""
    await workflow.execute_activity_method(
        DownloadActivities.issue_downloads,
        order_id,
        **_step(options.DATABASE_ROW_MUST_SUCCEED, "Grant the downloads"),
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
