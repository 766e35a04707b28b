"""What becomes of a payment after its order is done: refunds, disputes, second payments."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import pytest
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError

from activities.refunds import Refund
from activities.refusals import refusal_behind
from domain.errors import RefundRefused
from domain.order import OrderStatus, new_order_id
from domain.payment import CheckoutSession, PaymentOutcome
from tests.making import NOW
from tests.waiting import meanwhile, soon, until
from tests.workflows.stand_ins import StandIns, worker_of
from workflows import visibility
from workflows.checkout import Checkout, CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said
from workflows.refund import RefundWorkflow
from workflows.review import PaymentReviewWorkflow, Review

REFUND = PaymentReported("evt_9", "charge.refunded")
PAID, REFUNDED, DISPUTED = PaymentOutcome.PAID, PaymentOutcome.REFUNDED, PaymentOutcome.DISPUTED


@dataclass(frozen=True)
class Shop:
    """An order among stand-ins, on a real server."""

    client: Client
    stand_ins: StandIns
    order_id: str

    async def review(self, review: Review) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(
            PaymentReviewWorkflow.run,
            review,
            id=f"review:{self.order_id}",
            task_queue=self.order_id,
            start_signal="payment_reported",
            start_signal_args=[REFUND],
        )

    async def checkout(self) -> WorkflowHandle[Any, CheckoutResult]:
        return await self.client.start_workflow(
            CheckoutWorkflow.run,
            Checkout.of(self.order_id),
            id=self.order_id,
            task_queue=self.order_id,
        )


class Open(Protocol):
    def __call__(self, *payments: PaymentOutcome) -> AbstractAsyncContextManager[Shop]: ...


@pytest.fixture
def shop(dev_client: Client) -> Open:
    @asynccontextmanager
    async def opened(*payments: PaymentOutcome) -> AsyncIterator[Shop]:
        order_id = new_order_id()
        session = CheckoutSession("cs_1", "https://pay.example/cs_1", NOW)
        stand_ins = StandIns(session, payments=list(payments), order_of_payment=order_id)
        async with worker_of(dev_client, stand_ins, order_id):
            yield Shop(dev_client, stand_ins, order_id)

    return opened


@pytest.mark.parametrize("outcome", [REFUNDED, DISPUTED])
async def test_money_that_went_back_is_taken_in_and_grants_nothing(
    shop: Open, outcome: PaymentOutcome
) -> None:
    async with shop(outcome) as here:
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == outcome
    assert here.stand_ins.names == ["trace_payment", "confirm_payment"]


async def test_a_dispute_that_was_won_has_the_checkout_grant_the_files_that_it_kept_back(
    shop: Open,
) -> None:
    async with shop(PAID) as here:
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == PAID
        checkout = here.client.get_workflow_handle(here.order_id)
        assert await soon(checkout.result()) == CheckoutResult.COMPLETED
    assert here.stand_ins.names[-1] == "issue_downloads"
    assert len(here.stand_ins.receipts) == 1


async def test_a_held_payment_that_a_review_finds_waits_in_its_checkout(shop: Open) -> None:
    async with shop(PaymentOutcome.HELD, PaymentOutcome.HELD, PAID) as here:
        here.stand_ins.status = OrderStatus.PENDING
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == PaymentOutcome.HELD
        checkout = here.client.get_workflow_handle(here.order_id)
        await meanwhile(lambda: here.stand_ins.names.count("confirm_payment") == 2)
        await until(lambda: approved(checkout))
        assert await soon(checkout.result()) == CheckoutResult.COMPLETED


async def approved(checkout: WorkflowHandle[Any, Any]) -> bool:
    """Whether an approval was taken: it is turned away until the payment is known to be held."""
    try:
        await checkout.execute_update(CheckoutWorkflow.approve, Said("an operator", "as tested"))
    except WorkflowUpdateFailedError:
        return False
    return True


async def test_an_order_that_has_its_files_is_not_opened_again(shop: Open) -> None:
    async with shop(PAID) as here:
        here.stand_ins.status = OrderStatus.COMPLETED
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == PAID
    assert here.stand_ins.names == ["trace_payment", "confirm_payment", "find_status"]


async def test_money_that_comes_while_the_order_is_closed_is_fulfilled(shop: Open) -> None:
    async with shop(PaymentOutcome.EXPIRED) as here:
        here.stand_ins.paid_meanwhile = OrderStatus.PAID
        checkout = await here.checkout()
        await checkout.signal(CheckoutWorkflow.payment_reported, REFUND)
        assert await soon(checkout.result()) == CheckoutResult.COMPLETED
    assert here.stand_ins.names[-2:] == ["close_order", "issue_downloads"]


async def test_a_refund_that_came_back_makes_the_review_findable_and_opens_nothing_again(
    shop: Open,
) -> None:
    async with shop(PaymentOutcome.REFUND_FAILED) as here:
        here.stand_ins.status = OrderStatus.COMPLETED
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == PaymentOutcome.REFUND_FAILED
        described = await review.describe()
        assert described.typed_search_attributes[visibility.NEEDS_ATTENTION] is True
    assert here.stand_ins.names == ["trace_payment", "confirm_payment", "find_status"]


async def test_a_held_checkout_tells_of_a_dispute_and_ends_when_the_bank_takes_the_money(
    shop: Open,
) -> None:
    held, disputed = PaymentOutcome.HELD, PaymentOutcome.HELD_DISPUTED
    async with shop(held, disputed, held, disputed, DISPUTED) as here:
        checkout = await here.checkout()
        for status in ("PENDING", "DISPUTED", "PENDING", "DISPUTED"):
            await checkout.signal(CheckoutWorkflow.payment_reported, REFUND)
            await until(partial(shows, checkout, status))
        await checkout.signal(CheckoutWorkflow.payment_reported, REFUND)
        assert await soon(checkout.result()) == CheckoutResult.DISPUTED
        attributes = (await checkout.describe()).typed_search_attributes
        assert attributes[visibility.NEEDS_ATTENTION] is False
    assert "issue_downloads" not in here.stand_ins.names


async def shows(checkout: WorkflowHandle[Any, Any], status: str) -> bool:
    """Whether a checkout is found among those that need attention, in this status."""
    attributes = (await checkout.describe()).typed_search_attributes
    return (
        attributes.get(visibility.NEEDS_ATTENTION) is True
        and attributes.get(visibility.ORDER_STATUS) == status
    )


async def test_while_a_checkout_runs_its_review_leaves_the_files_to_it(shop: Open) -> None:
    async with shop(PAID) as here:
        checkout = await here.checkout()
        await checkout.execute_update(CheckoutWorkflow.checkout_session)
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) == PAID
        assert await soon(checkout.result()) == CheckoutResult.COMPLETED
    assert here.stand_ins.names.count("issue_downloads") == 1


async def test_a_payment_that_is_none_of_ours_is_left_alone(shop: Open) -> None:
    async with shop(REFUNDED) as here:
        here.stand_ins.order_of_payment = None
        review = await here.review(Review(payment_id="pi_1"))
        assert await soon(review.result()) is None
    assert here.stand_ins.names == ["trace_payment"]


async def test_a_second_session_that_was_paid_is_settled_first(shop: Open) -> None:
    async with shop(REFUNDED) as here:
        other = Review(order_id=here.order_id, other_session_id="cs_2")
        await soon((await here.review(other)).result())
    assert here.stand_ins.names == ["settle_other_session", "confirm_payment"]


async def test_news_of_a_second_payment_has_that_one_settled(shop: Open) -> None:
    async with shop(PAID) as here:
        here.stand_ins.other_session, here.stand_ins.status = "cs_2", OrderStatus.COMPLETED
        review = await here.review(Review(payment_id="pi_2"))
        assert await soon(review.result()) == PAID
    names = ["trace_payment", "settle_other_session", "confirm_payment", "find_status"]
    assert here.stand_ins.names == names


async def test_news_during_a_review_has_it_look_again(shop: Open) -> None:
    async with shop(DISPUTED, REFUNDED) as here:
        here.stand_ins.held["confirm_payment"] = asyncio.Event()
        review = await here.review(Review(payment_id="pi_1"))
        await soon(here.stand_ins.begun["confirm_payment"].wait())
        await review.signal(PaymentReviewWorkflow.payment_reported, REFUND)
        here.stand_ins.held["confirm_payment"].set()
        assert await soon(review.result()) == REFUNDED
    assert here.stand_ins.names.count("confirm_payment") == 2


async def test_a_refund_is_made_and_then_looked_for(shop: Open) -> None:
    async with shop(REFUNDED) as here:
        refund = Refund(here.order_id, "refund:1", "an operator", "as tested")
        outcome = await soon(
            here.client.execute_workflow(
                RefundWorkflow.run, refund, id=here.order_id, task_queue=here.order_id
            )
        )
    assert outcome is REFUNDED
    assert here.stand_ins.names == ["refund_payment", "confirm_payment"]


async def test_a_refund_that_stripe_refuses_says_why(shop: Open) -> None:
    async with shop(PAID) as here:
        here.stand_ins.failures["refund_payment"] = [RefundRefused("charge_disputed")]
        refund = Refund(here.order_id, "refund:1", "an operator", "as tested")
        with pytest.raises(WorkflowFailureError) as failed:
            await soon(
                here.client.execute_workflow(
                    RefundWorkflow.run, refund, id=here.order_id, task_queue=here.order_id
                )
            )
    assert isinstance(failed.value.cause, ApplicationError)
    refusal = refusal_behind(failed.value)
    assert isinstance(refusal, RefundRefused)
    assert refusal.reason == "charge_disputed"
