"""The facts of a payment, in every state that a session can be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Unavailable
from domain.money import Money
from domain.payment import CheckoutSession, Customer, Payment, PaymentState
from gateways.stripe_checkout import StripeCheckout
from tests.making import order
from tests.sandbox.stripe.shop import DECLINED, FAILS, SETTLES, Shop


@pytest.fixture
def checkout(shop: Shop) -> StripeCheckout:
    return StripeCheckout(shop.client, "development", timedelta(hours=12))


@pytest.fixture
async def opened(shop: Shop, checkout: StripeCheckout) -> CheckoutSession:
    return await checkout.open_session(order(await shop.price(3999)))


PAYER = Customer("buyer@example.com", "A Buyer", None)


def unpaid(session: CheckoutSession, state: PaymentState) -> Payment:
    return Payment(session.id, state, Money(3999, "EUR"), Customer())


async def test_an_open_page_awaits_its_payment(
    checkout: StripeCheckout, opened: CheckoutSession
) -> None:
    assert await checkout.find_payment(opened.id) == unpaid(opened, PaymentState.AWAITED)


async def test_a_declined_card_leaves_the_payment_awaited(
    shop: Shop, checkout: StripeCheckout, opened: CheckoutSession
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_card(session, DECLINED)
    assert (await checkout.find_payment(opened.id)).state is PaymentState.AWAITED


async def test_a_card_payment_says_who_paid_how_much_how_and_when(
    shop: Shop, checkout: StripeCheckout, opened: CheckoutSession
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    began = datetime.now(UTC).replace(microsecond=0)
    await shop.pay_by_card(session)
    payment = await checkout.find_payment(opened.id)
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
    shop: Shop, checkout: StripeCheckout, opened: CheckoutSession, iban: str, end: PaymentState
) -> None:
    session = await shop.client.v1.checkout.sessions.retrieve_async(opened.id)
    await shop.pay_by_debit(session, iban)
    settling = await checkout.find_payment(opened.id)
    assert settling == replace(
        unpaid(opened, PaymentState.SETTLING),
        customer=PAYER,
        payment_intent_id=settling.payment_intent_id,
        method="sepa_debit",
    )
    await shop.switch(f"sessions/{opened.id}/settle")
    settled = await checkout.find_payment(opened.id)
    assert settled == replace(settling, state=end, paid_at=settled.paid_at)
    assert (settled.paid_at is not None) == (end is PaymentState.PAID)


async def test_a_page_that_closed_unpaid_has_expired(
    shop: Shop, checkout: StripeCheckout, opened: CheckoutSession
) -> None:
    await shop.switch(f"sessions/{opened.id}/expire")
    assert await checkout.find_payment(opened.id) == unpaid(opened, PaymentState.EXPIRED)


async def test_an_amount_without_minor_units_is_read_as_it_is(
    shop: Shop, checkout: StripeCheckout
) -> None:
    yen = await checkout.open_session(order(await shop.price(4000, "jpy")))
    session = await shop.client.v1.checkout.sessions.retrieve_async(yen.id)
    await shop.pay_by_card(session)
    assert (await checkout.find_payment(yen.id)).amount == Money(4000, "JPY")


async def test_a_session_that_stripe_does_not_know_is_no_answer(
    checkout: StripeCheckout,
) -> None:
    with pytest.raises(Unavailable) as refused:
        await checkout.find_payment("cs_test_unheard_of")
    assert "resource_missing" in refused.value.detail


async def test_a_stripe_that_is_busy_says_when_to_come_back(
    shop: Shop, checkout: StripeCheckout, opened: CheckoutSession
) -> None:
    await shop.switch("faults", on="api", method="GET", status=429, retry_after=3, times=1)
    with pytest.raises(Unavailable) as refused:
        await checkout.find_payment(opened.id)
    assert refused.value.retry_after == timedelta(seconds=3)
