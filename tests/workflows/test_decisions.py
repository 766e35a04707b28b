"""What operators may decide about a checkout, and what is turned away."""

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities.decisions import Act, Decision
from activities.refunds import Refund
from activities.refusals import refusal_behind
from domain.errors import NothingToDecide
from domain.payment import PaymentOutcome
from tests.waiting import soon
from tests.workflows.conftest import Running, Start
from workflows.checkout import CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said

SAID = Said("an operator", "as tested")
REPORT = PaymentReported("evt_1", "checkout.session.completed")
WAITING, HELD, PAID = PaymentOutcome.WAITING, PaymentOutcome.HELD, PaymentOutcome.PAID
EXPIRED, REFUNDED = PaymentOutcome.EXPIRED, PaymentOutcome.REFUNDED


async def looked(running: Running, times: int) -> None:
    """Has Stripe report, and waits until the payment was looked at so often."""
    await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
    await running.confirmed(times)


async def test_a_held_payment_that_is_approved_is_fulfilled(start: Start) -> None:
    async with start(HELD, PAID) as running:
        await looked(running, 1)
        await running.handle.execute_update(CheckoutWorkflow.approve, SAID, id="upd_1")
        assert await running.result() is CheckoutResult.COMPLETED
    order_id = running.handle.id
    assert running.stand_ins.decisions == [
        Decision(order_id, Act.APPROVE, "an operator", "as tested", "upd_1")
    ]
    assert running.stand_ins.names[-2:] == ["confirm_payment", "issue_downloads"]


async def test_a_held_payment_that_is_sent_back_grants_nothing(start: Start) -> None:
    async with start(HELD, REFUNDED) as running:
        await looked(running, 1)
        await running.handle.execute_update(CheckoutWorkflow.refund, SAID)
        assert await running.result() is CheckoutResult.REFUNDED
    order_id = running.handle.id
    refund = Refund(order_id, f"refund:{order_id}:held", "an operator", "as tested")
    assert running.stand_ins.refunds == [refund]
    assert "issue_downloads" not in running.stand_ins.names


async def test_an_unpaid_order_is_cancelled_once_its_page_is_closed(start: Start) -> None:
    async with start(EXPIRED) as running:
        await running.handle.execute_update(CheckoutWorkflow.checkout_session)
        await running.handle.execute_update(CheckoutWorkflow.cancel, SAID)
        assert await running.result() is CheckoutResult.CANCELLED
    assert [decision.act for decision in running.stand_ins.decisions] == [Act.CANCEL]


async def test_money_that_overtakes_the_cancelling_wins(start: Start) -> None:
    async with start(PAID) as running:
        await running.handle.execute_update(CheckoutWorkflow.checkout_session)
        await running.handle.execute_update(CheckoutWorkflow.cancel, SAID)
        assert await running.result() is CheckoutResult.COMPLETED


@pytest.mark.parametrize("act", ["approve", "refund"])
async def test_an_order_that_is_not_held_takes_no_such_decision(start: Start, act: str) -> None:
    async with start(WAITING, PAID) as running:
        await running.handle.execute_update(CheckoutWorkflow.checkout_session)
        with pytest.raises(WorkflowUpdateFailedError) as turned_away:
            await soon(running.handle.execute_update(act, SAID))
        assert isinstance(refusal_behind(turned_away.value), NothingToDecide)
        await looked(running, 1)
        await running.handle.execute_update(CheckoutWorkflow.retry, SAID)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.refunds == []
    assert [decision.act for decision in running.stand_ins.decisions] == [Act.RETRY]


async def test_a_held_order_is_not_cancelled_behind_its_payers_back(start: Start) -> None:
    async with start(HELD, PAID) as running:
        await looked(running, 1)
        with pytest.raises(WorkflowUpdateFailedError):
            await soon(running.handle.execute_update(CheckoutWorkflow.cancel, SAID))
        await running.handle.execute_update(CheckoutWorkflow.retry, SAID)
        assert await running.result() is CheckoutResult.COMPLETED
