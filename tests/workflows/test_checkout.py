"""How a checkout begins and ends, but for the wait in between."""

import asyncio
import re
from datetime import timedelta

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import CancelledError

from activities.orders import Closing
from activities.refusals import refusal_behind
from domain.beat import AssetKind
from domain.errors import (
    AssetNotFound,
    BeatlineError,
    CartProblem,
    CartReason,
    CartRefused,
    CheckoutAbandoned,
    CheckoutRefused,
    OrderNotFound,
    Unavailable,
)
from domain.order import OrderStatus
from domain.payment import PaymentOutcome
from tests.waiting import soon
from tests.workflows.conftest import Running, Start
from workflows.checkout import CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said

HELD_WORDS = r"\*\*Held\*\* since .* UTC: what was paid is not what was quoted\."
NOW, HOUR = timedelta(0), timedelta(hours=1)
SAID = Said("an operator", "as tested")
REPORT = PaymentReported("evt_1", "checkout.session.completed")


def again(failure: Exception) -> list[Exception]:
    """What is tried within a workflow's task is tried once more if news cuts into the task."""
    return [failure] * 5


async def refusal(running: Running) -> BeatlineError | None:
    """With what the buyer who waits for the payment page is answered."""
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await soon(running.handle.execute_update(CheckoutWorkflow.checkout_session))
    return refusal_behind(failed.value)


async def details(running: Running) -> str:
    metadata = await running.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return str(metadata.current_details)


async def test_every_buyer_who_asks_gets_the_same_page(start: Start) -> None:
    async with start() as running:
        ask = running.handle.execute_update
        answers = await asyncio.gather(*(ask(CheckoutWorkflow.checkout_session) for _ in range(5)))
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        await running.result()
    assert answers == [running.stand_ins.session] * 5
    assert running.stand_ins.names.count("open_checkout_session") == 1


async def test_a_cart_that_cannot_be_sold_is_told_line_by_line(start: Start) -> None:
    refused = CartRefused(
        (
            CartProblem(0, CartReason.BEAT_WITHDRAWN, "Dusk"),
            CartProblem(2, CartReason.UNKNOWN_PRICE, "price_x"),
        )
    )
    async with start(failures={"place_order": again(refused)}) as running:
        answer = await refusal(running)
        assert await running.result() is CheckoutResult.REFUSED
    assert isinstance(answer, CartRefused)
    assert answer.problems == refused.problems
    assert set(running.stand_ins.names) == {"place_order"}


async def test_a_page_that_stripe_refuses_fails_the_order(start: Start) -> None:
    async with start(
        failures={"open_checkout_session": [CheckoutRefused("customer_email")]}
    ) as running:
        answer = await refusal(running)
        assert await running.result() is CheckoutResult.REFUSED
    assert isinstance(answer, CheckoutRefused)
    assert answer.parameter == "customer_email"
    assert running.stand_ins.closings == [
        Closing(running.handle.id, OrderStatus.FAILED, "the payment page was refused")
    ]
    assert running.stand_ins.names == [
        "place_order",
        "open_checkout_session",
        "close_unopened_order",
    ]


async def test_an_order_that_was_never_asked_for_is_refused(start: Start) -> None:
    async with start(failures={"place_order": again(OrderNotFound())}) as running:
        assert isinstance(await refusal(running), OrderNotFound)
        assert await running.result() is CheckoutResult.REFUSED
    assert set(running.stand_ins.names) == {"place_order", "close_unopened_order"}


async def test_a_buyer_is_not_kept_waiting_for_ever(start: Start) -> None:
    away = [Unavailable("Stripe", timedelta(minutes=25)) for _ in range(9)]
    async with start(failures={"open_checkout_session": [*away]}) as running:
        assert await running.result() is CheckoutResult.REFUSED
        assert running.stand_ins.closings == [
            Closing(
                running.handle.id,
                OrderStatus.CANCELLED,
                "no payment page could be opened in time",
            )
        ]
        assert len(away) == 9
    assert running.stand_ins.names.count("open_checkout_session") == 3
    assert running.times("close_unopened_order")[0] <= HOUR


async def test_a_page_that_was_opened_unnoticed_can_still_be_paid(start: Start) -> None:
    away: list[Exception] = [Unavailable("Stripe", timedelta(minutes=25)) for _ in range(9)]
    async with start(failures={"open_checkout_session": away}) as running:
        running.stand_ins.opened_unnoticed = running.stand_ins.session
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names[-2:] == ["confirm_payment", "issue_downloads"]


async def test_news_while_an_order_without_a_page_is_closed_begins_anew(start: Start) -> None:
    refused = [OrderNotFound() for _ in range(2)]
    async with start(failures={"place_order": [*refused]}, hold="close_unopened_order") as running:
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        await soon(running.stand_ins.begun["close_unopened_order"].wait())
        running.stand_ins.failures.clear()
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        running.let_go("close_unopened_order")
        assert await running.result() is CheckoutResult.COMPLETED


async def test_a_buyer_who_waits_too_long_is_told_so(start: Start) -> None:
    broken: list[Exception] = [Unavailable("PostgreSQL", 2 * HOUR) for _ in range(2)]
    async with start(failures={"place_order": broken}) as running:
        assert isinstance(await refusal(running), CheckoutAbandoned)
        assert await running.result() is CheckoutResult.REFUSED
    assert running.stand_ins.names == ["place_order", "place_order", "close_unopened_order"]


async def test_what_is_away_for_a_while_is_asked_again_when_it_wants(start: Start) -> None:
    away: list[Exception] = [Unavailable("Stripe", timedelta(minutes=m)) for m in (3, 5)]
    async with start(failures={"open_checkout_session": away}) as running:
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names.count("open_checkout_session") == 3
    assert running.times("confirm_payment") == [timedelta(minutes=8)]


@pytest.mark.parametrize("step", ["confirm_payment", "close_order", "issue_downloads"])
async def test_once_money_may_have_moved_a_step_is_tried_until_it_succeeds(
    start: Start, step: str
) -> None:
    outages: list[Exception] = [
        *(Unavailable("PostgreSQL", HOUR) for _ in range(3)),
        RuntimeError("a bug that was mended"),
    ]
    end = PaymentOutcome.EXPIRED if step == "close_order" else PaymentOutcome.PAID
    async with start(end, failures={step: outages}) as running:
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        result = await running.result()
    expected = {"close_order": CheckoutResult.CANCELLED}
    assert result is expected.get(step, CheckoutResult.COMPLETED)
    assert running.stand_ins.names.count(step) == 5


async def test_a_missing_file_holds_the_order_until_it_is_there(start: Start) -> None:
    missing: list[Exception] = [AssetNotFound("dusk", AssetKind.STEMS) for _ in range(2)]
    async with start(failures={"issue_downloads": missing}) as running:
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        await running.passes(HOUR)
        assert re.fullmatch(
            r"\*\*Held\*\* since .* UTC: paid, but a file that was sold is missing\. .*",
            await details(running),
        )
        await running.handle.execute_update(CheckoutWorkflow.retry, SAID)
        assert await running.result() is CheckoutResult.COMPLETED
        assert round(await running.lasted() / HOUR) == 7
    assert running.stand_ins.names.count("issue_downloads") == 3
    assert running.stand_ins.closings == []


async def test_an_operator_reads_what_an_order_waits_for(start: Start) -> None:
    async with start(PaymentOutcome.HELD, PaymentOutcome.PAID) as running:
        await running.handle.execute_update(CheckoutWorkflow.checkout_session)
        assert re.match("Waiting for the buyer to pay, since .* UTC", await details(running))
        await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)
        await running.passes(HOUR)
        assert re.match(HELD_WORDS, await details(running))
        await running.handle.execute_update(CheckoutWorkflow.retry, SAID)
        await running.result()
        assert await details(running) == (
            "COMPLETED: the downloads are granted; the receipt was sent."
        )


async def test_a_checkout_that_is_called_off_closes_no_order_by_itself(start: Start) -> None:
    async with start(hold="open_checkout_session") as running:
        await soon(running.stand_ins.begun["open_checkout_session"].wait())
        await running.handle.cancel()
        running.let_go("open_checkout_session")
        with pytest.raises(WorkflowFailureError) as failed:
            await running.result()
    assert isinstance(failed.value.cause, CancelledError)
    assert running.stand_ins.names == ["place_order", "open_checkout_session"]
