"""What the page of an order says, whatever becomes of the payment."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.buyer import Buyer
from tests.end_to_end.shop import Shop

AWAITED = "You are paying for this already"
RETURNED = "DE62370400440532013001"  # a debit of this account fails


@pytest.fixture
async def silent_stripe(shop: Shop) -> AsyncIterator[Shop]:
    """A Stripe that sends no webhook and answers no question about a session."""
    await shop.switch("/webhooks/hold")
    await shop.switch(
        "/faults", on="api", path="/v1/checkout/sessions/cs_", method="GET", status=500
    )
    yield shop
    await speak_up(shop)


async def speak_up(shop: Shop) -> None:
    await shop.switch_off()
    await shop.switch("/webhooks/release")


async def test_a_late_webhook_is_waited_for_and_the_cart_kept_until_then(
    buyer: Buyer, silent_stripe: Shop
) -> None:
    await buyer.browse()
    await buyer.add("Overpass")
    await buyer.open_cart()
    await buyer.check_out()
    await buyer.pay()
    for _ in range(2):
        await buyer.sees_order("Your order is in.")
        await expect(buyer.says("Confirming the payment")).to_be_visible()
        await buyer.sees_count(1)
        await buyer.page.reload()
    await speak_up(silent_stripe)
    await buyer.sees_order("It’s yours.")
    await buyer.sees_count(0)


async def test_what_is_being_paid_for_is_marked_and_never_bought_twice(
    buyer: Buyer, silent_stripe: Shop
) -> None:
    await buyer.browse()
    await buyer.add("Overpass")
    await buyer.open_cart()
    first = await buyer.check_out()
    other = await buyer.another_tab("/cart")
    await other.sees_total("€19.99")
    await buyer.pay()
    await buyer.sees_order("Your order is in.")
    await expect(other.says(AWAITED)).to_be_visible()  # by itself
    await buyer.go("/cart?checkout=cancelled")  # as "back" does
    await expect(buyer.says(AWAITED)).to_be_visible()
    await expect(buyer.says("nothing was charged")).to_have_count(0)
    await expect(buyer.button("Check out")).to_be_disabled()
    await buyer.browse()
    await buyer.add("Overpass")  # on purpose, which waits for the first one all the same
    await buyer.add("Slow Tide")
    await buyer.open_cart()
    await expect(buyer.item("Overpass")).to_contain_text(AWAITED)
    await buyer.sees_total("€19.99")
    await buyer.check_out()
    second = await silent_stripe.order(buyer.session)
    assert [item["beat"]["title"] for item in second["items"]] == ["Slow Tide"]
    await buyer.open_cart()
    await buyer.page.get_by_role("link", name="See the order").click()
    await buyer.sees_order("Your order is in.")
    assert buyer.session == first
    await speak_up(silent_stripe)
    await buyer.sees_order("It’s yours.")
    await buyer.sees_count(2)
    await buyer.open_cart()
    await buyer.sees_total("€39.98")  # one more Overpass, and Slow Tide


async def test_what_a_bank_would_not_pay_for_can_be_bought_again(
    buyer: Buyer, silent_stripe: Shop
) -> None:
    await buyer.browse()
    await buyer.add("Slow Tide")
    await buyer.open_cart()
    session = await buyer.check_out()
    await silent_stripe.pay(buyer.page.url, method="sepa_debit", iban=RETURNED)
    await buyer.go(f"/success?session_id={session}")
    await buyer.sees_order("Your order is in.")
    await buyer.open_cart()
    await expect(buyer.says(AWAITED)).to_be_visible()
    await speak_up(silent_stripe)
    await silent_stripe.order_in("FAILED", session)
    await buyer.page.reload()
    await buyer.sees_total("€19.99")
    await expect(buyer.says(AWAITED)).to_have_count(0)
    assert await buyer.check_out() != session


async def test_a_refund_is_explained_and_ends_the_downloads(buyer: Buyer) -> None:
    order = await buyer.buys("Terrazzo")
    await buyer.shop.stripe.v1.refunds.create_async({"payment_intent": order["paymentId"]})
    await buyer.shop.order_in("REFUNDED", order["sessionId"])
    await buyer.button("WAV master of Terrazzo").click()  # of a page from before
    await expect(buyer.page.locator(".file__phase")).to_contain_text("refunded", ignore_case=True)
    await buyer.page.reload()
    await buyer.sees_order("Refunded.")
    await expect(buyer.says("The money is on its way back to you")).to_be_visible()
    await expect(buyer.button("WAV master of Terrazzo")).to_have_count(0)


async def test_a_refund_in_part_is_shown_and_leaves_the_downloads(buyer: Buyer) -> None:
    order = await buyer.buys("Terrazzo")
    refund = {"payment_intent": order["paymentId"], "amount": 500}
    await buyer.shop.stripe.v1.refunds.create_async(refund)  # type: ignore[arg-type]
    query = "SELECT refunded_minor FROM orders WHERE id = %s"
    await buyer.shop.comes_to(500, query, order["id"])
    await buyer.page.reload()
    await expect(buyer.says("€5.00")).to_be_visible()
    await expect(buyer.button("WAV master of Terrazzo")).to_be_visible()


async def test_a_dispute_is_explained_and_one_that_is_won_opens_the_files_again(
    buyer: Buyer,
) -> None:
    order = await buyer.buys("Slow Tide")
    dispute = await buyer.shop.switch(
        "/disputes", payment_intent=order["paymentId"], reason="product_not_received"
    )
    await buyer.shop.order_in("DISPUTED", order["sessionId"])
    await buyer.page.reload()
    await buyer.sees_order("Under dispute.")
    await expect(buyer.says("its downloads are closed for now")).to_be_visible()
    await buyer.shop.switch(f"/disputes/{dispute['id']}/close", outcome="won")
    await buyer.shop.order_in("COMPLETED", order["sessionId"])
    await buyer.page.reload()
    await buyer.sees_order("It’s yours.")


async def test_a_debit_that_fails_days_later_leaves_the_cart_to_try_again(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Slow Tide")
    await buyer.open_cart()
    session = await buyer.check_out()
    await buyer.shop.pay(buyer.page.url, method="sepa_debit", iban=RETURNED)
    await buyer.shop.switch(f"/sessions/{session}/settle")
    await buyer.go(f"/success?session_id={session}")
    await buyer.sees_order("The payment failed.")
    await buyer.sees_count(1)
    await buyer.page.get_by_role("link", name="To the cart").click()
    assert await buyer.check_out() != session


async def test_a_payment_page_that_ran_out_is_explained(buyer: Buyer) -> None:
    await buyer.browse()
    await buyer.add("Overpass")
    await buyer.open_cart()
    session = await buyer.check_out()
    await buyer.shop.switch(f"/sessions/{session}/expire")
    await buyer.go(f"/success?session_id={session}")
    await buyer.sees_order("Nothing was paid.")
    await buyer.sees_count(1)


async def test_an_address_of_no_order_says_so(buyer: Buyer) -> None:
    await buyer.go("/success?session_id=cs_test_none")
    await buyer.sees_order("No such order.")
