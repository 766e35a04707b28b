"""The facts of a payment, in every state that a session can be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import RefundRefused, Unavailable
from domain.money import Money
from domain.payment import CheckoutSession, Customer, Payment, PaymentState
from domain.reconciliation import PaidOrder, Returned
from domain.standing import RefundState
from gateways.stripe_checkout import StripeCheckout
from gateways.stripe_events import StripeEvents
from gateways.stripe_payments import RefundWish, StripePayments
from tests.gateways.conftest import paid
from tests.making import order
from tests.sandbox.stripe.shop import DECLINED, FAILS, SETTLES, Shop

PAYER = Customer("buyer@example.com", "A Buyer", None)


def unpaid(session: CheckoutSession, state: PaymentState) -> Payment:
    return Payment(session.id, state, Money(3999, "EUR"), Customer())


async def test_an_open_page_awaits_its_payment(
    payments: StripePayments, opened: CheckoutSession
) -> None:
    assert await payments.find(opened.id) == unpaid(opened, PaymentState.AWAITED)


async def test_a_declined_card_leaves_the_payment_awaited(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_card(session, DECLINED)
    assert (await payments.find(opened.id)).state is PaymentState.AWAITED


async def test_a_card_payment_says_who_paid_how_much_how_and_when(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    began = datetime.now(UTC).replace(microsecond=0)
    await shop.pay_by_card(session)
    payment = await payments.find(opened.id)
    assert payment == Payment(
        session_id=opened.id,
        state=PaymentState.PAID,
        amount=Money(3999, "EUR"),
        customer=PAYER,
        payment_intent_id=payment.payment_intent_id,
        method="card",
        paid_at=payment.paid_at,
    )
    assert payment.payment_intent_id is not None
    assert payment.payment_intent_id.startswith("pi_")
    assert payment.paid_at is not None
    assert began <= payment.paid_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("iban", "end"), [(SETTLES, PaymentState.PAID), (FAILS, PaymentState.FAILED)]
)
async def test_a_bank_debit_settles_before_it_is_paid_or_fails(
    shop: Shop, payments: StripePayments, opened: CheckoutSession, iban: str, end: PaymentState
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_debit(session, iban)
    settling = await payments.find(opened.id)
    assert settling == replace(
        unpaid(opened, PaymentState.SETTLING),
        customer=PAYER,
        payment_intent_id=settling.payment_intent_id,
        method="sepa_debit",
    )
    await shop.switch(f"sessions/{opened.id}/settle")
    settled = await payments.find(opened.id)
    assert settled == replace(settling, state=end)  # when it came, Stripe does not say


async def test_a_page_that_closed_unpaid_has_expired(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    await shop.switch(f"sessions/{opened.id}/expire")
    assert await payments.find(opened.id) == unpaid(opened, PaymentState.EXPIRED)


async def test_an_amount_without_minor_units_is_read_as_it_is(
    shop: Shop, checkout: StripeCheckout, payments: StripePayments
) -> None:
    yen = await checkout.open_session(order(await shop.price(4000, "jpy")))
    session = await shop.client.v1.checkout.sessions.retrieve_async(yen.id)
    await shop.pay_by_card(session)
    assert (await payments.find(yen.id)).amount == Money(4000, "JPY")


async def test_a_session_that_stripe_does_not_know_is_no_answer(
    payments: StripePayments,
) -> None:
    with pytest.raises(Unavailable) as refused:
        await payments.find("cs_test_unheard_of")
    assert "resource_missing" in refused.value.detail


async def test_a_stripe_that_is_busy_says_when_to_come_back(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    await shop.switch("faults", on="api", method="GET", status=429, retry_after=3, times=1)
    with pytest.raises(Unavailable) as refused:
        await payments.find(opened.id)
    assert refused.value.retry_after == timedelta(seconds=3)


def wish(payment_id: str, minor: int | None = None, key: str = "refund:1") -> RefundWish:
    return RefundWish(key, "ord_1", payment_id, Money(minor, "EUR") if minor else None)


async def test_money_goes_back_in_parts_and_then_all_of_it(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    for number, (minor, back, in_full) in enumerate(
        [(1000, 1000, False), (999, 1999, False), (None, 3999, True)]
    ):
        assert await payments.refund(wish(intent, minor, f"refund:{number}"))
        payment = await payments.find(opened.id)
        assert (payment.state, payment.refunded.minor) == (PaymentState.PAID, back)
        assert payment.is_refunded_in_full is in_full
    assert not await payments.refund(wish(intent, key="refund:3"))


async def test_a_wish_is_granted_once_even_after_stripe_forgot_its_key(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    assert await payments.refund(wish(intent, 1000))
    await shop.switch("clock", offset=2 * 24 * 3600)
    assert not await payments.refund(wish(intent, 1000))
    assert (await payments.find(opened.id)).refunded.minor == 1000


async def test_a_refund_cut_off_or_answered_by_a_kept_fault_is_made_once(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    fault = {"on": "api", "method": "POST", "path": "/v1/refunds$", "times": 1}
    await shop.switch("faults", **fault, cut=True, executed=True)
    with pytest.raises(Unavailable):
        await payments.refund(wish(intent, 1000))
    assert not await payments.refund(wish(intent, 1000))
    await shop.switch("faults", **fault, status=500, saved=True)
    with pytest.raises(Unavailable):
        await payments.refund(wish(intent, 500, "refund:2"))
    assert await payments.refund(wish(intent, 500, "refund:2"))
    assert (await payments.find(opened.id)).refunded.minor == 1500


async def test_a_refund_that_the_bank_returned_is_made_anew(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    for _ in range(2):
        assert await payments.refund(wish(intent, 1000))
        assert not await payments.refund(wish(intent, 1000))
        refunds = await shop.client.v1.refunds.list_async({"payment_intent": intent, "limit": 1})
        await shop.switch(f"refunds/{refunds.data[0].id}/settle", outcome="failed")
        assert (await payments.find(opened.id)).refunded.minor == 0
    assert await payments.refund(wish(intent, 1000))
    assert (await payments.find(opened.id)).refunded.minor == 1000


async def test_every_refund_is_seen_of_a_payment_that_has_more_than_a_charge_shows(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    made = {
        (await shop.client.v1.refunds.create_async({"payment_intent": intent, "amount": 300})).id
        for _ in range(13)
    }
    first, *_ = made
    await shop.switch(f"refunds/{first}/settle", outcome="failed")
    payment = await payments.find(opened.id)
    assert {refund.refund_id for refund in payment.refunds} == made
    failed = [each.refund_id for each in payment.refunds if each.state is RefundState.FAILED]
    assert (failed, payment.refunded) == ([first], Money(3600, "EUR"))


async def test_more_than_was_paid_does_not_go_back(
    shop: Shop, payments: StripePayments, opened: CheckoutSession
) -> None:
    intent = await paid(shop, opened)
    with pytest.raises(RefundRefused):
        await payments.refund(wish(intent, 4000))


async def test_a_look_that_takes_several_calls_takes_no_longer_than_one_may(
    shop: Shop, opened: CheckoutSession
) -> None:
    await paid(shop, opened, "4000000000000259")
    for path in ("/v1/checkout/sessions/", "/v1/disputes"):
        await shop.switch("faults", on="api", method="GET", path=path, delay=0.4)
    hasty = StripePayments(shop.client, "development", patience=timedelta(seconds=0.6))
    with pytest.raises(Unavailable) as refused:
        await hasty.find(opened.id)
    assert refused.value.detail == "no answer in time"
    patient = StripePayments(shop.client, "development", patience=timedelta(seconds=5))
    assert len((await patient.find(opened.id)).disputes) == 1


async def test_a_payment_tells_whose_it_is(
    shop: Shop, checkout: StripeCheckout, payments: StripePayments
) -> None:
    ours = order(await shop.price(3999))
    intent = await paid(shop, await checkout.open_session(ours))
    assert await payments.order_of(intent) == ours.id
    assert await StripePayments(shop.client, "production").order_of(intent) is None
    assert await payments.order_of("pi_unheard_of") is None
    assert await payments.order_of(await shop.paid_intent()) is None


async def test_a_page_is_closed_once_and_a_paid_one_stays_paid(
    shop: Shop, checkout: StripeCheckout, payments: StripePayments, opened: CheckoutSession
) -> None:
    for _ in range(2):
        await payments.expire(opened.id)
    assert (await payments.find(opened.id)).state is PaymentState.EXPIRED
    other = await checkout.open_session(order(await shop.price(3999)))
    await paid(shop, other)
    await payments.expire(other.id)
    assert (await payments.find(other.id)).state is PaymentState.PAID


async def test_stripe_is_asked_what_was_paid_and_what_went_back_lately(
    shop: Shop, checkout: StripeCheckout, payments: StripePayments, opened: CheckoutSession
) -> None:
    ours = order(await shop.price(3999))
    session = await checkout.open_session(ours)
    intent = await paid(shop, session, "4000000000000259")
    other = await paid(shop, opened)
    await payments.refund(wish(other, 1000))
    since = datetime.now(UTC) - timedelta(minutes=1)
    paid_orders = [each async for page in payments.paid_orders(since) for each in page]
    assert PaidOrder(ours.id, session.id) in paid_orders
    assert len(paid_orders) == 2
    (dispute,) = (await payments.find(session.id)).disputes
    returns = [each async for page in payments.returns(since) for each in page]
    (refund,) = (await payments.find(opened.id)).refunds
    assert (refund.minor, refund.of_minor, refund.wish) == (1000, 3999, "refund:1")
    assert returns == [Returned(other, refund), Returned(intent, dispute)]
    found = StripeEvents(shop.client).since(since)
    events = [each async for page in found for each in page]
    assert {each.type for each in events} == {
        "checkout.session.completed",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    }
    assert {each.environment for each in events if each.order_id == ours.id} == {"development"}
