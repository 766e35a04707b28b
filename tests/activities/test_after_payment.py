"""Refunds, disputes, second payments and decisions, on real books and an emulated Stripe."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from activities.decisions import Act, Decision
from activities.refunds import OtherSession, OtherSessionOutcome, Refund
from database import attention, order_record, orders
from database.catalog_tables import beat_assets
from database.tables import orders as orders_table
from domain.beat import AssetKind
from domain.errors import AssetNotFound, NothingToDecide, RefundRefused
from domain.money import Money
from domain.order import Attention, OrderStatus
from domain.payment import PaymentOutcome, Traced
from tests.activities.conftest import DISPUTED_AT_ONCE, Steps
from tests.making import find


def refund(order_id: str, number: int = 1, minor: int | None = None) -> Refund:
    return Refund(order_id, f"refund:{number}", "an operator", "as tested", minor)


async def test_refunds_in_part_leave_the_files_and_the_last_one_closes_them(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    for number, (minor, status, back) in enumerate(
        [
            (1000, OrderStatus.COMPLETED, 1000),
            (500, OrderStatus.COMPLETED, 1500),
            (None, OrderStatus.REFUNDED, 3999),
        ]
    ):
        for _ in range(2):  # each may be tried again after it was made
            await steps.refunds.refund_payment(refund(order_id, number, minor))
        assert await steps.look(order_id) is status
        assert (await find(steps.database, order_id)).refunded == Money(back, "EUR")
    lines = [event for event, _ in await steps.history(order_id)][4:]
    assert lines == [
        "refund_decided",
        "refunded_in_part",
        "refund_decided",
        "refunded_in_part",
        "refund_decided",
        "refunded",
    ]


async def test_a_refund_is_noted_with_who_and_why(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    await steps.refunds.refund_payment(refund(order_id, minor=1000))
    assert (await steps.history(order_id))[-1] == (
        "refund_decided",
        {
            "by": "an operator",
            "reason": "as tested",
            "refund": "refund:1",
            "amount": "10.00 EUR",
        },
    )


async def test_an_unpaid_order_has_nothing_to_send_back(steps: Steps) -> None:
    order_id = await steps.opened()
    with pytest.raises(NothingToDecide):
        await steps.refunds.refund_payment(refund(order_id))


async def test_a_disputed_payment_is_not_sent_back(steps: Steps) -> None:
    order_id, _ = await steps.bought(DISPUTED_AT_ONCE)
    with pytest.raises(RefundRefused):
        await steps.refunds.refund_payment(refund(order_id))


async def test_a_refund_that_came_before_the_payment_was_known_grants_nothing(
    steps: Steps,
) -> None:
    order_id = await steps.opened()
    payment_id = await steps.pay_for(order_id)
    await steps.stripe.client.v1.refunds.create_async({"payment_intent": payment_id})
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.REFUNDED
    order = await find(steps.database, order_id)
    assert (order.status, order.payment_id) == (OrderStatus.REFUNDED, payment_id)


@pytest.mark.parametrize(
    ("outcome", "status"), [("won", OrderStatus.COMPLETED), ("lost", OrderStatus.DISPUTED)]
)
async def test_a_dispute_closes_the_files_and_opens_them_again_when_won(
    steps: Steps, outcome: str, status: OrderStatus
) -> None:
    order_id, payment_id = await steps.bought()
    dispute = await steps.stripe.switch("disputes", payment_intent=payment_id, reason="fraudulent")
    assert await steps.look(order_id) is OrderStatus.DISPUTED
    await steps.stripe.switch(f"disputes/{dispute['id']}/close", outcome=outcome)
    assert await steps.look(order_id) is status


async def test_a_second_payment_for_a_paid_order_goes_back_once(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    other = OtherSession(order_id, await steps.other_session(order_id))
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.UNPAID
    second = await steps.pay(other.session_id)
    for _ in range(2):
        assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.REFUNDED
    refunds = await steps.stripe.client.v1.refunds.list_async({})
    assert [(each.payment_intent, each.amount) for each in refunds.data] == [(second, 3999)]
    assert await steps.look(order_id) is OrderStatus.COMPLETED
    lines = [event for event, _ in await steps.history(order_id)]
    assert lines.count("second_payment_refunded") == 1


async def test_a_second_payment_whose_refund_came_back_is_an_operators_to_see_to(
    steps: Steps,
) -> None:
    order_id, _ = await steps.bought()
    other = OtherSession(order_id, await steps.other_session(order_id))
    second = await steps.pay(other.session_id)
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.REFUNDED
    refunds = await steps.stripe.client.v1.refunds.list_async({})
    await steps.stripe.switch(f"refunds/{refunds.data[0].id}/settle", outcome="failed")
    assert await steps.payments.trace_payment(second) == Traced(order_id, other.session_id)
    for _ in range(2):  # it is not sent again and again
        assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.KEPT
    assert len((await steps.stripe.client.v1.refunds.list_async({})).data) == 1
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (
        OrderStatus.COMPLETED,
        Attention.SECOND_PAYMENT_KEPT,
    )
    await steps.stripe.client.v1.refunds.create_async({"payment_intent": second})  # by hand
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.REFUNDED
    assert (await find(steps.database, order_id)).attention is None


async def test_of_two_sessions_the_one_that_was_paid_is_the_orders(steps: Steps) -> None:
    order_id = await steps.opened()
    own = (await find(steps.database, order_id)).session_id
    assert own is not None
    other = OtherSession(order_id, await steps.other_session(order_id))
    payment_id = await steps.pay(other.session_id)
    for _ in range(2):
        assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.ADOPTED
    assert await steps.look(order_id) is OrderStatus.PAID
    order = await find(steps.database, order_id)
    assert (order.session_id, order.payment_id) == (other.session_id, payment_id)
    adopted = await steps.stripe.client.v1.checkout.sessions.retrieve_async(other.session_id)
    assert order.session_expires_at == datetime.fromtimestamp(adopted.expires_at, UTC)
    assert order.session_url == f"https://shop.example/ok?session={other.session_id}"
    async with steps.database.reading() as reader:
        for held in (own, other.session_id):  # by the buyer, whose page they were
            assert await orders.find_by_session(reader, held) == order
            assert await order_record.id_of(reader, held) == order_id
        assert await orders.find_by_session(reader, "cs_test_unheard_of") is None
    closed = await steps.stripe.client.v1.checkout.sessions.retrieve_async(own)
    assert closed.status == "expired"


async def test_a_paid_page_that_a_restore_took_out_of_the_books_is_the_orders_again(
    steps: Steps,
) -> None:
    order_id = await steps.opened()
    page = (await find(steps.database, order_id)).session_id
    assert page is not None
    await steps.pay(page)
    nothing = dict.fromkeys(("session_id", "session_url", "session_expires_at"))
    restored = update(orders_table).where(orders_table.c.id == order_id)
    async with steps.database.recording() as recorder:
        await recorder.sql.execute(restored.values(status=OrderStatus.FAILED, **nothing))
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.EXPIRED
    other = OtherSession(order_id, page)
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.ADOPTED
    assert await steps.look(order_id) is OrderStatus.PAID
    assert (await find(steps.database, order_id)).session_id == page
    assert (await steps.stripe.client.v1.refunds.list_async({})).data == []


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"environment": "development"},
        {"environment": "development", "order_id": "ord_of_somebody_else"},
        {"environment": "production", "order_id": None},
    ],
)
async def test_a_payment_link_that_names_an_order_buys_and_returns_nothing(
    steps: Steps, metadata: dict[str, str | None]
) -> None:
    order_id = await steps.opened()
    own = (await find(steps.database, order_id)).session_id
    named = {name: value or order_id for name, value in metadata.items()}
    link = await steps.stripe.session(3999, client_reference_id=order_id, metadata=named)
    await steps.pay(link.id)
    other = OtherSession(order_id, link.id)
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.UNPAID
    order = await find(steps.database, order_id)
    assert (order.status, order.session_id) == (OrderStatus.PENDING, own)
    assert (await steps.stripe.client.v1.refunds.list_async({})).data == []


async def test_a_second_payment_that_stripe_keeps_is_an_operators_to_see_to(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    other = OtherSession(order_id, await steps.other_session(order_id))
    await steps.pay(other.session_id, DISPUTED_AT_ONCE)
    assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.KEPT
    assert (await find(steps.database, order_id)).attention is Attention.SECOND_PAYMENT_KEPT
    assert (await steps.history(order_id))[-1][0] == "second_payment_kept"
    disputes = await steps.stripe.client.v1.disputes.list_async({})
    await steps.stripe.switch(f"disputes/{disputes.data[0].id}/close", outcome="lost")
    for _ in range(2):
        assert await steps.refunds.settle_other_session(other) is OtherSessionOutcome.REFUNDED
    assert (await find(steps.database, order_id)).attention is None
    assert (await steps.history(order_id))[-1][0] == "second_payment_refunded"


async def test_an_order_refunded_for_its_missing_file_waits_for_nothing_more(steps: Steps) -> None:
    order_id = await steps.opened()
    payment_id = await steps.pay_for(order_id)
    await steps.look(order_id)
    lost = delete(beat_assets).where(beat_assets.c.kind == AssetKind.MASTER)
    async with steps.database.writing() as writer:
        await writer.sql.execute(lost)
    with pytest.raises(AssetNotFound):
        await steps.issue_downloads(order_id)
    await steps.stripe.client.v1.refunds.create_async({"payment_intent": payment_id})
    await steps.look(order_id)
    assert await steps.issue_downloads(order_id) is OrderStatus.REFUNDED
    assert (await find(steps.database, order_id)).attention is None


async def test_a_look_that_comes_late_raises_no_flag(steps: Steps) -> None:
    order_id = await steps.held()
    await steps.refunds.refund_payment(refund(order_id))
    await steps.look(order_id)
    async with steps.database.writing() as writer:
        await attention.flag(writer, order_id, Attention.PAYMENT_DIFFERS, "payment_held")
        await attention.flag(writer, order_id, Attention.FILE_MISSING, "file_missing")
    assert (await find(steps.database, order_id)).attention is None


async def test_a_refund_of_nothing_sends_nothing_back(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    with pytest.raises(RefundRefused):
        await steps.refunds.refund_payment(refund(order_id, minor=0))
    assert await steps.look(order_id) is OrderStatus.COMPLETED


async def test_an_approved_payment_counts_as_paid(steps: Steps) -> None:
    order_id = await steps.held()
    approval = Decision(order_id, Act.APPROVE, "an operator", "the shop gave a cent away", "upd_1")
    for _ in range(2):
        await steps.decisions.carry_out(approval)
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.PAID
    order = await find(steps.database, order_id)
    assert (order.status, order.attention) == (OrderStatus.PAID, None)
    assert (await steps.history(order_id))[-2:] == [
        (
            "approve_decided",
            {"by": "an operator", "reason": "the shop gave a cent away", "decision": "upd_1"},
        ),
        ("paid", {"amount": "39.99 EUR", "session": order.session_id}),
    ]


async def test_a_held_payment_that_is_sent_back_closes_the_order(steps: Steps) -> None:
    order_id = await steps.held()
    assert (await find(steps.database, order_id)).attention is Attention.PAYMENT_DIFFERS
    await steps.refunds.refund_payment(refund(order_id))
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.REFUNDED
    order = await find(steps.database, order_id)
    assert (order.status, order.refunded, order.attention) == (
        OrderStatus.REFUNDED,
        Money(4000, "EUR"),
        None,
    )


async def test_only_what_is_held_can_be_approved(steps: Steps) -> None:
    order_id, _ = await steps.bought()
    before = await steps.history(order_id)
    with pytest.raises(NothingToDecide):
        await steps.decisions.carry_out(
            Decision(order_id, Act.APPROVE, "an operator", "no", "upd_1")
        )
    with pytest.raises(NothingToDecide):
        await steps.decisions.carry_out(
            Decision(order_id, Act.CANCEL, "an operator", "no", "upd_1")
        )
    assert await steps.history(order_id) == before


async def test_what_is_decided_again_is_noted_again_and_what_is_repeated_is_not(
    steps: Steps,
) -> None:
    order_id = await steps.opened()
    for number in ("upd_1", "upd_1", "upd_2"):
        decision = Decision(order_id, Act.RETRY, "an operator", "the buyer called", number)
        await steps.decisions.carry_out(decision)
    lines = [detail for kind, detail in await steps.history(order_id) if kind == "retry_decided"]
    assert [line["decision"] for line in lines] == ["upd_1", "upd_2"]


async def test_a_cancelled_orders_page_takes_no_money_any_more(steps: Steps) -> None:
    order_id = await steps.opened()
    await steps.decisions.carry_out(
        Decision(order_id, Act.CANCEL, "an operator", "asked for", "upd_1")
    )
    assert await steps.payments.confirm_payment(order_id) is PaymentOutcome.EXPIRED
