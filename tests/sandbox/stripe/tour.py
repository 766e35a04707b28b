"""Everything that the emulator can do, done once, so that what it answers can be looked at."""

import time
from typing import Any

from tests.sandbox.stripe.shop import DECLINED, FAILS, SETTLES, Shop

BLOCKED = "4100000000000019"


async def take(shop: Shop) -> None:
    """Walk through every operation, every state and every event."""
    await _sell(shop)
    await _visit_the_page(shop)
    await _settle_debits(shop)
    await _pay_by_api(shop)
    await _give_back(shop)
    await _dispute(shop)
    await _look_at_everything(shop)


async def _sell(shop: Shop) -> None:
    products, prices = shop.client.v1.products, shop.client.v1.prices
    given = {
        "name": "Dusk",
        "images": ["https://shop.example/a.png"],
        "url": "https://shop.example",
    }
    product = await products.create_async({**given, "metadata": {"beat": "dusk"}})  # type: ignore[typeddict-item]
    await products.update_async(product.id, {"name": "Dawn", "images": ""})
    gone = await products.create_async({"id": "gone", "name": "Gone"})
    await products.delete_async(gone.id)
    price = await prices.create_async(
        {"product": product.id, "unit_amount": 1999, "currency": "eur", "lookup_key": "dusk:wav"}
    )
    await prices.update_async(price.id, {"nickname": "WAV"})
    await products.update_async(product.id, {"default_price": price.id})
    monthly = {"interval": "month"}
    await shop.price(recurring=monthly)


async def _visit_the_page(shop: Shop) -> None:
    sessions = shop.client.v1.checkout.sessions
    paid = await shop.session(
        client_reference_id="ord_1",
        customer_email="buyer@example.com",
        phone_number_collection={"enabled": True},
        allowed_payment_method_types=["card"],
        payment_intent_data={
            "description": "A beat",
            "setup_future_usage": "off_session",
            "shipping": {"name": "A Buyer", "address": {"line1": "Spreeufer 1"}},
        },
    )
    await sessions.update_async(paid.id, {"metadata": {"note": "x"}})
    for number in (DECLINED, BLOCKED):
        await shop.pay_by_card(paid, number)
    await shop.again(paid)
    await shop.pay_by_card(paid)
    await sessions.retrieve_async(paid.id, {"expand": ["line_items", "payment_intent"]})
    await sessions.line_items.list_async(paid.id)
    expired = await shop.session()
    await sessions.expire_async(expired.id)
    free = await shop.session(0, excluded_payment_method_types=["sepa_debit"])
    await shop.submit(free, {})


async def _settle_debits(shop: Shop) -> None:
    for iban in (SETTLES, FAILS):
        session = await shop.session()
        await shop.pay_by_debit(session, iban)
        await shop.again(session)
        await shop.switch(f"sessions/{session.id}/settle")
        await shop.again(session)


async def _pay_by_api(shop: Shop) -> None:
    intents, methods = shop.client.v1.payment_intents, shop.client.v1.payment_methods
    bare = await shop.intent()
    await intents.update_async(bare.id, {"description": "A beat", "amount": 4000})
    method = await methods.create_async({"type": "card", "card": {"token": "tok_visa"}})
    await methods.update_async(method.id, {"billing_details": {"email": "buyer@example.com"}})
    await methods.retrieve_async(method.id)
    await intents.update_async(bare.id, {"payment_method": method.id})
    await intents.confirm_async(bare.id)
    held = await shop.intent("pm_card_visa", capture_method="manual")
    await intents.capture_async(held.id)
    for options in ({}, {"payment_method": "pm_card_visa", "capture_method": "manual"}):
        given_up = await shop.intent(**options)
        await intents.cancel_async(given_up.id, {"cancellation_reason": "abandoned"})
    page = await shop.session()
    await shop.ask("GET", f"/v1/payment_pages/{page.id}")
    given = {"payment_method_data[type]": "card", "payment_method_data[card][token]": "tok_visa"}
    email = {"payment_method_data[billing_details][email]": "buyer@example.com"}
    await shop.ask("POST", f"/v1/payment_pages/{page.id}/confirm", given | email)


async def _give_back(shop: Shop) -> None:
    refunds = shop.client.v1.refunds
    part = await refunds.create_async(
        {"payment_intent": await shop.paid_intent(), "amount": 1000, "reason": "fraudulent"}
    )
    await refunds.update_async(part.id, {"metadata": {"why": "test"}})
    await shop.ask("POST", f"/v1/refunds/{part.id}/cancel")
    for method in ("pm_card_pendingRefund", "pm_card_refundFail"):
        paid = await shop.intent(method)
        refund = await refunds.create_async({"payment_intent": paid.id})
        await shop.switch(f"refunds/{refund.id}/settle")
        await refunds.retrieve_async(refund.id)


async def _dispute(shop: Shop) -> None:
    disputes = shop.client.v1.disputes
    texts = ("winning_evidence", "losing_evidence", "escalate_inquiry_evidence")
    for method in ("pm_card_createDispute", "pm_card_createDisputeInquiry"):
        for text in texts:
            dispute = await shop.dispute_of(await shop.intent(method))
            evidence: Any = {"uncategorized_text": text}
            await disputes.update_async(dispute.id, {"evidence": evidence, "submit": False})
            await disputes.update_async(dispute.id, {"evidence": evidence})
    dispute = await shop.dispute_of(await shop.intent("pm_card_createDisputeProductNotReceived"))
    await disputes.close_async(dispute.id)
    await disputes.retrieve_async(dispute.id)


async def _look_at_everything(shop: Shop) -> None:
    """Every list, whole, and of every kind one thing by its id."""
    v1 = shop.client.v1
    since: Any = {"created": {"gte": int(time.time()) - 3600}, "limit": 100}
    for service in (
        *(v1.products, v1.prices, v1.checkout.sessions, v1.payment_intents, v1.charges),
        *(v1.refunds, v1.disputes, v1.events),
    ):
        page: Any = await service.list_async(since)
        things = [each async for each in page.auto_paging_iter()]
        await service.retrieve_async(things[0].id)
    charge = (await v1.charges.list_async({"limit": 1})).data[0]
    await v1.charges.update_async(charge.id, {"fraud_details": {"user_report": "safe"}})
