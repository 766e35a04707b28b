"""The wait for a payment: on reports, and by asking now and then, until Stripe has decided."""

import asyncio
from datetime import timedelta

import pytest

from activities.orders import Closing
from domain.order import OrderStatus
from domain.payment import PaymentOutcome
from tests.waiting import soon
from tests.workflows.conftest import LIFETIME, Running, Start
from workflows.checkout import CheckoutResult, CheckoutWorkflow, PaymentReported
from workflows.decisions import Said

SAID = Said("an operator", "as tested")
REPORT = PaymentReported("evt_1", "checkout.session.completed")
NOW = timedelta(0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOLD = ["place_order", "open_checkout_session", "confirm_payment", "issue_downloads"]
WAITING, SETTLING, PAID = PaymentOutcome.WAITING, PaymentOutcome.SETTLING, PaymentOutcome.PAID
FAILED, EXPIRED, HELD = PaymentOutcome.FAILED, PaymentOutcome.EXPIRED, PaymentOutcome.HELD
REFUNDED, DISPUTED = PaymentOutcome.REFUNDED, PaymentOutcome.DISPUTED
# When Stripe is asked about a page that nobody pays on and nobody reports on.
CHECKS = [
    2 * MINUTE,
    10 * MINUTE,
    40 * MINUTE,
    *(40 * MINUTE + hours * HOUR for hours in (2, 4, 6, 8, 10)),
    LIFETIME + timedelta(seconds=10),
]


async def report(running: Running) -> None:
    await running.handle.signal(CheckoutWorkflow.payment_reported, REPORT)


async def report_before_and_during(running: Running, step: str) -> None:
    """Reports once, and again while the step to which that leads is under way."""
    await report(running)
    await soon(running.stand_ins.begun[step].wait())
    await report(running)
    running.let_go(step)


async def test_a_reported_payment_completes_the_order_at_once(start: Start) -> None:
    async with start(PAID) as running:
        await report(running)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names == SOLD
    assert running.times("confirm_payment")[-1:] == [NOW]
    assert {call.order_id for call in running.stand_ins.calls} == {running.handle.id}


async def test_two_equal_reports_complete_an_order_once(start: Start) -> None:
    async with start(PAID) as running:
        await asyncio.gather(report(running), report(running))
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names == SOLD


async def test_books_that_forgot_that_the_order_is_paid_have_stripe_asked_again(
    start: Start,
) -> None:
    """As after a failover that lost the last thing that was committed."""
    async with start(PAID) as running:
        running.stand_ins.granted = [OrderStatus.PENDING, OrderStatus.COMPLETED]
        await report(running)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names == [*SOLD, *SOLD]
    assert running.times("confirm_payment") == [NOW, NOW]


async def test_a_report_that_overtakes_the_payment_page_is_not_forgotten(start: Start) -> None:
    async with start(PAID, hold="open_checkout_session") as running:
        await soon(running.stand_ins.begun["open_checkout_session"].wait())
        await report(running)
        running.let_go("open_checkout_session")
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == [NOW]


async def test_a_report_that_comes_while_stripe_is_asked_has_it_asked_again(start: Start) -> None:
    async with start(WAITING, PAID, hold="confirm_payment") as running:
        await report_before_and_during(running, "confirm_payment")
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == [NOW, NOW]


async def test_a_report_of_nothing_new_goes_on_waiting(start: Start) -> None:
    async with start(WAITING, WAITING, PAID) as running:
        await report(running)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == [NOW, 8 * MINUTE, 38 * MINUTE]


async def test_a_payment_that_nobody_reports_is_found_by_asking(start: Start) -> None:
    async with start(WAITING, WAITING, PAID) as running:
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == CHECKS[:3]
    assert running.stand_ins.closings == []


async def test_an_unpaid_order_is_cancelled_at_its_expiry_and_not_before(start: Start) -> None:
    async with start(*[WAITING] * 8, EXPIRED) as running:
        assert await running.result() is CheckoutResult.CANCELLED
    assert running.times("confirm_payment") == CHECKS
    assert running.times("close_order") == [CHECKS[-1]]
    assert running.stand_ins.closings == [
        Closing(running.handle.id, OrderStatus.CANCELLED, "the payment page expired unpaid")
    ]
    assert "issue_downloads" not in running.stand_ins.names


async def test_money_paid_in_the_second_of_expiry_wins(start: Start) -> None:
    async with start(*[WAITING] * 8, PAID) as running:
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment")[-1:] == [CHECKS[-1]]
    assert running.stand_ins.closings == []


@pytest.mark.parametrize("end", [EXPIRED, FAILED])
async def test_news_while_the_order_is_being_closed_begins_anew(
    start: Start, end: PaymentOutcome
) -> None:
    async with start(end, PAID, hold="close_order") as running:
        await report_before_and_during(running, "close_order")
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.stand_ins.names.count("confirm_payment") == 2


@pytest.mark.parametrize("end", [REFUNDED, DISPUTED])
async def test_news_as_the_money_goes_back_has_it_looked_for_again(
    start: Start, end: PaymentOutcome
) -> None:
    async with start(end, PAID, hold="confirm_payment") as running:
        await report_before_and_during(running, "confirm_payment")
        assert await running.result() is CheckoutResult.COMPLETED


async def test_news_of_nothing_new_ends_an_order_once_more(start: Start) -> None:
    async with start(EXPIRED, hold="close_order") as running:
        await report_before_and_during(running, "close_order")
        assert await running.result() is CheckoutResult.CANCELLED
    assert running.stand_ins.names.count("close_order") == 2


async def test_a_page_that_outlives_its_time_is_asked_about_until_it_is_closed(
    start: Start,
) -> None:
    async with start(*[WAITING] * 10, EXPIRED) as running:
        assert await running.result() is CheckoutResult.CANCELLED
    ten_seconds = timedelta(seconds=10)
    assert running.times("confirm_payment")[8:] == [
        CHECKS[-1] + times * ten_seconds for times in (0, 1, 2)
    ]


@pytest.mark.parametrize(
    ("end", "result"), [(PAID, CheckoutResult.COMPLETED), (FAILED, CheckoutResult.FAILED)]
)
async def test_money_on_its_way_is_awaited_for_days(
    start: Start, end: PaymentOutcome, result: CheckoutResult
) -> None:
    async with start(*[SETTLING] * 5, end) as running:
        await report(running)
        assert await running.result() is result
    assert running.times("confirm_payment") == [times * 12 * HOUR for times in range(6)]
    failed = Closing(running.handle.id, OrderStatus.FAILED, "the payment did not come through")
    assert running.stand_ins.closings == ([failed] if end is FAILED else [])
    assert ("issue_downloads" in running.stand_ins.names) == (end is PAID)


async def test_settled_money_that_is_reported_need_not_wait_for_the_next_look(
    start: Start,
) -> None:
    async with start(SETTLING, PAID) as running:
        await report(running)
        await running.passes(3 * HOUR)
        await report(running)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == [NOW, 3 * HOUR]


async def test_a_wrong_amount_is_held_until_somebody_looks_again(start: Start) -> None:
    async with start(HELD, HELD, PAID) as running:
        await report(running)
        await running.passes(7 * HOUR)
        assert "issue_downloads" not in running.stand_ins.names
        await running.handle.execute_update(CheckoutWorkflow.retry, SAID)
        assert await running.result() is CheckoutResult.COMPLETED
    assert running.times("confirm_payment") == [NOW, 6 * HOUR, 7 * HOUR]
    assert running.stand_ins.closings == []
