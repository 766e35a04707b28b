"""Bank debits: the session completes unpaid, the money comes later or never."""

from typing import Any

from tests.sandbox.stripe.receiver import Receiver
from tests.sandbox.stripe.shop import FAILS, SETTLES, Shop, eventually

DISPUTED = "DE35370400440532013002"
BEGUN = [
    "price.created",
    "payment_intent.created",
    "charge.pending",
    "payment_intent.processing",
    "checkout.session.completed",
]


async def intent_of(shop: Shop, session: Any) -> Any:
    return (await shop.again(session)).payment_intent


async def test_a_debit_completes_the_session_before_it_is_paid(
    shop: Shop, receiver: Receiver
) -> None:
    session = await shop.session()
    assert (await shop.pay_by_debit(session, "DE89 3704 0044 0532 0130 00")).status_code == 200
    complete = await shop.again(session)
    assert (complete.status, complete.payment_status) == ("complete", "unpaid")
    assert (await intent_of(shop, session)).status == "processing"
    await eventually(lambda: len(receiver.types) == len(BEGUN))
    assert receiver.types == BEGUN


async def test_a_debit_that_settles_pays_the_session(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    await shop.pay_by_debit(session, SETTLES)
    await shop.switch("clock", offset=2 * 60 * 60)  # past the hour that these debits take
    await eventually(lambda: receiver.of_type("checkout.session.async_payment_succeeded"))
    assert receiver.types[len(BEGUN) :] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert (await shop.again(session)).payment_status == "paid"
    assert (await intent_of(shop, session)).latest_charge.status == "succeeded"


async def test_a_debit_that_fails_leaves_the_session_unpaid(shop: Shop, receiver: Receiver) -> None:
    session = await shop.session()
    await shop.pay_by_debit(session, FAILS)
    await shop.switch(f"sessions/{session.id}/settle")
    await eventually(lambda: receiver.of_type("checkout.session.async_payment_failed"))
    assert receiver.types[len(BEGUN) :] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    failed = await shop.again(session)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert (await intent_of(shop, session)).status == "requires_payment_method"


async def test_a_debit_settles_once_however_often_it_is_told(shop: Shop) -> None:
    session = await shop.session()
    await shop.pay_by_debit(session, SETTLES)
    await shop.switch(f"sessions/{session.id}/settle", outcome="failed")
    again = await shop.browser.post(f"/_emulator/sessions/{session.id}/settle", json={})
    assert again.status_code == 400
    assert (await shop.again(session)).payment_status == "unpaid"


async def test_some_debits_are_disputed_as_soon_as_they_settle(
    shop: Shop, receiver: Receiver
) -> None:
    session = await shop.session()
    await shop.pay_by_debit(session, DISPUTED)
    await shop.switch(f"sessions/{session.id}/settle")
    await eventually(lambda: receiver.of_type("charge.dispute.created"))
    assert (await shop.again(session)).payment_status == "paid"


async def test_an_iban_with_a_wrong_digit_is_pointed_out(shop: Shop) -> None:
    answer = await shop.pay_by_debit(await shop.session(), "DE89370400440532013009")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["iban"])


async def test_a_debit_under_way_cannot_be_refunded(shop: Shop) -> None:
    session = await shop.session()
    await shop.pay_by_debit(session, SETTLES)
    intent = await intent_of(shop, session)
    answer = await shop.browser.post(
        "/v1/refunds",
        data={"payment_intent": intent.id},
        headers={"Authorization": "Bearer sk_test_of_the_tests"},
    )
    assert answer.status_code == 400
