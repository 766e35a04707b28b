"""One workflow for each way that one can go: what its stand-ins answer and what it is told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from activities.receipts import Receipt
from activities.refunds import Refund
from domain.beat import AssetKind
from domain.errors import (
    AssetNotFound,
    CartProblem,
    CartReason,
    CartRefused,
    CheckoutRefused,
    MailRefused,
    Unavailable,
)
from domain.payment import PaymentOutcome
from domain.receipt import ReceiptOutcome
from tests.workflows.stand_ins import DIFFERENCES, MISSED, StandIns
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said
from workflows.receipt import ReceiptWorkflow
from workflows.reconciliation import Reconciliation, ReconciliationWorkflow, Report
from workflows.refund import RefundWorkflow
from workflows.review import PaymentReviewWorkflow, Review

Handle = WorkflowHandle[Any, CheckoutResult]
Tell = Callable[[Handle, StandIns], Awaitable[None]]
SAID = Said("an operator", "as tested")
REPORT = PaymentReported("evt_1", "checkout.session.completed")


async def _left_alone(_: Handle, __: StandIns) -> None:
    """Nobody asks for anything."""


async def _unreported(handle: Handle, _: StandIns) -> None:
    """The buyer gets the page, and nobody hears of them again."""
    await handle.execute_update(CheckoutWorkflow.checkout_session)


async def _reported(handle: Handle, _: StandIns) -> None:
    """The buyer gets the page, and Stripe reports."""
    await handle.execute_update(CheckoutWorkflow.checkout_session)
    await handle.signal(CheckoutWorkflow.payment_reported, REPORT)


def _after(step: str, update: str) -> Tell:
    """Stripe reports, and after a step an operator decides."""

    async def told(handle: Handle, stand_ins: StandIns) -> None:
        await _reported(handle, stand_ins)
        await stand_ins.begun[step].wait()
        while True:
            try:
                await handle.execute_update(update, SAID)
            except WorkflowUpdateFailedError:  # the step has begun, and is not yet over
                await asyncio.sleep(0.05)
            else:
                return

    return told


def _thrice_after(step: str, update: str) -> Tell:
    """The same three times over."""

    async def told(handle: Handle, stand_ins: StandIns) -> None:
        await _after(step, update)(handle, stand_ins)
        for _ in range(2):
            await handle.execute_update(update, SAID)

    return told


async def _called_off(handle: Handle, _: StandIns) -> None:
    """The buyer gets the page, and an operator cancels."""
    await handle.execute_update(CheckoutWorkflow.checkout_session)
    await handle.execute_update(CheckoutWorkflow.cancel, SAID)


async def _reported_twice(handle: Handle, stand_ins: StandIns) -> None:
    """Stripe reports that the money is on its way, and again that it is there."""
    await _reported(handle, stand_ins)
    await stand_ins.begun["confirm_payment"].wait()
    await handle.signal(CheckoutWorkflow.payment_reported, REPORT)


@dataclass(frozen=True)
class Outcome:
    """How one recorded workflow goes, a checkout unless it says otherwise."""

    result: object
    payments: tuple[PaymentOutcome, ...] = (PaymentOutcome.PAID,)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    told: Tell = _reported
    expires: bool = False  # at once
    others: str | None = None  # the page of a payment that is not the one that counts
    workflow: Any = CheckoutWorkflow.run
    argument: Callable[[str], object] = Checkout  # of an order id

    @property
    def is_checkout(self) -> bool:
        return self.workflow is CheckoutWorkflow.run


def outcomes() -> dict[str, Outcome]:
    """The recorded outcomes, by the names of their files."""
    return _checkouts() | _others()


def _others() -> dict[str, Outcome]:
    def review(outcome: PaymentOutcome) -> Outcome:
        return Outcome(
            outcome,
            (outcome,),
            told=_left_alone,
            workflow=PaymentReviewWorkflow.run,
            argument=lambda _: Review(payment_id="pi_1"),
        )

    return {
        "review_of_a_refund": review(PaymentOutcome.REFUNDED),
        "review_of_a_failed_refund": review(PaymentOutcome.REFUND_FAILED),
        "review_of_a_dispute": review(PaymentOutcome.DISPUTED),
        "review_of_a_dispute_won": review(PaymentOutcome.PAID),
        "review_of_a_second_payment": replace(
            review(PaymentOutcome.REFUNDED),
            argument=lambda order_id: Review(order_id=order_id, other_session_id="cs_2"),
        ),
        "review_of_a_second_payments_refund": replace(
            review(PaymentOutcome.REFUNDED), others="cs_2"
        ),
        "refund": Outcome(
            PaymentOutcome.REFUNDED,
            (PaymentOutcome.REFUNDED,),
            told=_left_alone,
            workflow=RefundWorkflow.run,
            argument=lambda order_id: Refund(order_id, "refund:1", "an operator", "as tested"),
        ),
        "receipt": Outcome(
            ReceiptOutcome.SENT,
            told=_left_alone,
            workflow=ReceiptWorkflow.run,
            argument=lambda order_id: Receipt(order_id, 2),
        ),
        "receipt_refused": Outcome(
            ReceiptOutcome.FAILED,
            failures={"send_receipt": [MailRefused("no such mailbox")]},
            told=_left_alone,
            workflow=ReceiptWorkflow.run,
            argument=lambda order_id: Receipt(order_id, 2),
        ),
        "reconciliation": Outcome(
            Report(MISSED, DIFFERENCES),
            told=_left_alone,
            workflow=ReconciliationWorkflow.run,
            argument=lambda _: Reconciliation(hours=24),
        ),
        "reconciliation_since_the_last": Outcome(
            Report(MISSED, DIFFERENCES),
            told=_left_alone,
            workflow=ReconciliationWorkflow.run,
            argument=lambda _: Reconciliation(hours=24, since_last=True),
        ),
    }


def _checkouts() -> dict[str, Outcome]:
    withdrawn = CartRefused((CartProblem(0, CartReason.BEAT_WITHDRAWN, "Dusk"),))
    unpaid = (PaymentOutcome.WAITING, PaymentOutcome.EXPIRED)
    held, paid = PaymentOutcome.HELD, PaymentOutcome.PAID
    return {
        "completed": Outcome(CheckoutResult.COMPLETED),
        "granted_at_once": Outcome(CheckoutResult.COMPLETED, argument=Checkout.of),
        "granted_at_the_second_try": Outcome(
            CheckoutResult.COMPLETED,
            failures={"issue_downloads": [Unavailable("Cloudinary")]},
            argument=Checkout.of,
        ),
        "file_missing_at_once": Outcome(
            CheckoutResult.COMPLETED,
            failures={"issue_downloads": [AssetNotFound("dusk", AssetKind.STEMS)]},
            told=_after("issue_downloads", "retry"),
            argument=Checkout.of,
        ),
        "settled_late": Outcome(
            CheckoutResult.COMPLETED, (PaymentOutcome.SETTLING, paid), told=_reported_twice
        ),
        "cancelled": Outcome(CheckoutResult.CANCELLED, unpaid, told=_unreported, expires=True),
        "called_off": Outcome(
            CheckoutResult.CANCELLED, (PaymentOutcome.EXPIRED,), told=_called_off
        ),
        "failed": Outcome(CheckoutResult.FAILED, (PaymentOutcome.FAILED,)),
        "refunded": Outcome(CheckoutResult.REFUNDED, (PaymentOutcome.REFUNDED,)),
        "disputed": Outcome(CheckoutResult.DISPUTED, (PaymentOutcome.DISPUTED,)),
        "held": Outcome(
            CheckoutResult.COMPLETED, (held, paid), told=_after("confirm_payment", "retry")
        ),
        "held_and_disputed": Outcome(
            CheckoutResult.DISPUTED,
            (held, PaymentOutcome.HELD_DISPUTED, held, PaymentOutcome.DISPUTED),
            told=_thrice_after("confirm_payment", "retry"),
        ),
        "approved": Outcome(
            CheckoutResult.COMPLETED, (held, paid), told=_after("confirm_payment", "approve")
        ),
        "sent_back": Outcome(
            CheckoutResult.REFUNDED,
            (held, PaymentOutcome.REFUNDED),
            told=_after("confirm_payment", "refund"),
        ),
        "file_missing": Outcome(
            CheckoutResult.COMPLETED,
            failures={"issue_downloads": [AssetNotFound("dusk", AssetKind.STEMS)]},
            told=_after("issue_downloads", "retry"),
        ),
        "without_a_receipt": Outcome(
            CheckoutResult.COMPLETED,
            failures={"send_receipt": [MailRefused("no such mailbox")]},
        ),
        "cart_refused": Outcome(
            CheckoutResult.REFUSED, failures={"place_order": [withdrawn]}, told=_left_alone
        ),
        "page_refused": Outcome(
            CheckoutResult.REFUSED,
            failures={
                "place_order": [Unavailable("PostgreSQL") for _ in range(2)],
                "open_checkout_session": [CheckoutRefused("customer_email")],
            },
            told=_left_alone,
        ),
    }
