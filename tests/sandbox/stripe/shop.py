"""A shop that sells through the emulator, by Stripe's official library."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import stripe

KEY = "sk_test_of_the_tests"
WITHIN = 5.0  # seconds
PAYS, DECLINED, NO_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"
SETTLES, FAILS = "DE89370400440532013000", "DE62370400440532013001"
SHOP = "https://shop.example"


async def eventually(holds: Callable[[], object], within: float = WITHIN) -> None:
    """Poll until something holds; fails at the deadline."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


class Shop:
    """Makes what tests need, and buys it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._vendor = stripe.AIOHTTPClient(timeout=10)
        self.client = stripe.StripeClient(
            KEY, base_addresses={"api": url}, http_client=self._vendor
        )
        self.browser = httpx.AsyncClient(base_url=url)

    async def close(self) -> None:
        await self._vendor.close_async()  # type: ignore[no-untyped-call]
        await self.browser.aclose()

    async def price(self, amount: int = 3999, currency: str = "eur", **options: Any) -> str:
        price = await self.client.v1.prices.create_async(
            {
                "product_data": {"name": "Night Drive"},
                "unit_amount": amount,
                "currency": currency,
                **options,  # type: ignore[typeddict-item]
            }
        )
        return price.id

    async def session(self, amount: int = 3999, **options: Any) -> stripe.checkout.Session:
        price = await self.price(amount, options.pop("currency", "eur"))
        given: Any = {
            "mode": "payment",
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": f"{SHOP}/ok?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{SHOP}/cart",
            **options,
        }
        return await self.client.v1.checkout.sessions.create_async(given)

    async def again(self, session: stripe.checkout.Session) -> stripe.checkout.Session:
        """The session as it is now, with its payment."""
        return await self.client.v1.checkout.sessions.retrieve_async(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        )

    async def submit(
        self, session: stripe.checkout.Session, fields: Mapping[str, str], *, json: bool = True
    ) -> httpx.Response:
        """Send the payment page's form."""
        form = {"email": "buyer@example.com", "name": "A Buyer", **fields}
        accept = "application/json" if json else "text/html"
        path = f"/c/pay/{session.id}"
        return await self.browser.post(path, data=form, headers={"Accept": accept})

    async def pay_by_card(
        self, session: stripe.checkout.Session, number: str = PAYS, *, json: bool = True
    ) -> httpx.Response:
        card = {"card_number": number, "card_expiry": "12 / 34", "card_cvc": "123"}
        return await self.submit(session, card, json=json)

    async def pay_by_debit(self, session: stripe.checkout.Session, iban: str) -> httpx.Response:
        return await self.submit(session, {"method": "sepa_debit", "iban": iban})

    async def paid_intent(self, amount: int = 3999) -> str:
        """The payment intent of a session that was just paid."""
        session = await self.session(amount)
        await self.pay_by_card(session)
        paid = await self.client.v1.checkout.sessions.retrieve_async(session.id)
        return str(paid.payment_intent)

    async def intent(self, method: str | None = None, **options: Any) -> stripe.PaymentIntent:
        """A payment intent of its own, paid by `method` where one is given."""
        given: Any = {"amount": 3999, "currency": "eur", **options}
        if method is not None:
            given |= {"payment_method": method, "confirm": True}
        return await self.client.v1.payment_intents.create_async(given)

    async def charge_of(self, intent: str) -> stripe.Charge:
        """The latest charge of a payment intent."""
        found = await self.client.v1.charges.list_async({"payment_intent": intent, "limit": 1})
        return found.data[0]

    async def dispute_of(self, intent: stripe.PaymentIntent) -> stripe.Dispute:
        """The only dispute of a payment intent."""
        (found,) = (await self.client.v1.disputes.list_async({"payment_intent": intent.id})).data
        return found

    async def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """Call the API without the library, for what the library would not send."""
        sent = {"Authorization": f"Bearer {KEY}", **headers}
        fields: dict[str, Any] = {"data" if method == "POST" else "params": form or {}}
        return await self.browser.request(method, path, headers=sent, **fields)

    async def switch(self, path: str, /, **given: Any) -> Any:
        """Turn one of the emulator's switches."""
        answer = await self.browser.post(f"/_emulator/{path}", json=given)
        assert answer.is_success, answer.text
        return answer.json()

    async def deliveries(self, state: str) -> list[dict[str, Any]]:
        answer = await self.browser.get("/_emulator/deliveries", params={"state": state})
        found: list[dict[str, Any]] = answer.json()["data"]
        return found
