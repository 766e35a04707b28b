"""Buyers, each with habits of their own, and what they saw."""

import asyncio
import time
import uuid
from random import Random
from typing import Any

import httpx

from domain.license import LicenseType
from tests.chaos.bank import open_second_page, take_back
from tests.chaos.diary import NAME, Diary
from tests.chaos.invariants import STANDING
from tests.chaos.vocabulary import Buyer, Clicks, Payment, Return
from tests.chaos.world import PATIENCE, World

CARD, DECLINED = "4242424242424242", "4000000000000002"
DEBIT, FAILING_DEBIT = "DE89370400440532013000", "DE62370400440532013001"

GIVES_UP = 60.0  # seconds after which a buyer stops asking for a page
LEAVES = 60.0  # seconds after which a buyer who paid stops looking at the order
GLANCES = 3.0  # seconds after which one does who did not
LATER = 1.0  # seconds after which money goes back only once the buyer has looked
IMPATIENCE = 0.15  # seconds
ASKS_AGAIN = 0.4  # seconds between two tries
# Seconds between two looks at an order: longer each time, as the shop's page has it.
FIRST_PAUSE, LONGER, LONGEST_PAUSE = 1.0, 1.35, 15.0

PRICE_IDS = {
    LicenseType.WAV_LEASE: "stripeWavPriceId",
    LicenseType.TRACKOUT_LEASE: "stripeTrackoutPriceId",
    LicenseType.UNLIMITED_LEASE: "stripeUnlimitedPriceId",
}
# What those pay with who fill in the page once, and are done.
_MEANS = {Payment.CARD: CARD, Payment.DEBIT: DEBIT, Payment.FAILING_DEBIT: FAILING_DEBIT}
# The answers that a storefront must expect of a shop in trouble.
NOT_NOW = (429, 503)


class Visit:
    """One buyer's dealings with the shop and with Stripe."""

    def __init__(self, world: World, beats: list[dict[str, Any]], buyer: Buyer) -> None:
        self._world = world
        self._beats = beats
        self._buyer = buyer
        self._dice = Random(buyer.dice)
        self.diary = Diary(buyer)
        self._told_to_wait = 0.0  # seconds, by the last answer, if it was one and no page

    async def run(self) -> Diary:
        """All of it, but for what comes when all is over."""
        await asyncio.sleep(self._buyer.arrives)
        await self._get_a_page()
        if self.diary.session is None:
            return self.diary
        await asyncio.sleep(self._buyer.hesitates)
        await self._pay()
        if self._buyer.aftermath_after > LATER:  # with the links to the files in hand
            await self._look()
            await self._regret(self.diary.session)
        else:
            await asyncio.gather(self._look(), self._regret(self.diary.session))
        return self.diary

    async def come_back_late(self) -> None:
        """Pays on a page that was opened long ago."""
        if self._buyer.payment is Payment.WHEN_ALL_IS_OVER and self.diary.session:
            await self._submit(CARD)

    async def is_served(self, within: float) -> bool:
        """Whether the order comes that this buyer, who paid on its own page, still waits for."""
        waits = self._buyer.returns is Return.WAITS and self.diary.has_paid_own_page
        if not waits or (self.diary.seen and self.diary.seen[-1] in STANDING):
            return True
        leave = time.monotonic() + within
        while time.monotonic() < leave:
            order = await self._seen_order()
            if order and order["status"] in STANDING:
                return True
            await asyncio.sleep(ASKS_AGAIN)
        return False

    async def fetches_links(self) -> bool:
        """Whether the order is done, and its links are in this buyer's hands."""
        if self._buyer.payment is not Payment.CARD or not self.diary.has_paid_own_page:
            return False
        order = await self._seen_order()
        if order is None or order["status"] != "COMPLETED":
            return False
        await self._download(order["id"])
        return bool(self.diary.addresses)

    # The page

    async def _get_a_page(self) -> None:
        body = self._body()
        key = None if self._buyer.clicks is Clicks.WITHOUT_A_KEY else self._key()
        match self._buyer.clicks:
            case Clicks.TWICE:
                await asyncio.gather(self._ask(body, key), self._ask(body, key))
            case Clicks.IMPATIENTLY:
                await self._ask(body, key, IMPATIENCE)
        give_up, tries = time.monotonic() + GIVES_UP, 0
        while time.monotonic() < give_up:
            if await self._ask(body, key):
                break
            await asyncio.sleep(self._pause(tries))
            tries += 1
        if key is not None and len(self.diary.sessions) > 1:
            self.diary.surprises.append(f"one key, {len(self.diary.sessions)} sessions")

    def _pause(self, tries: int) -> float:
        """Seconds until this buyer asks again: as the shop's page has it, unless impatient."""
        if self._buyer.clicks is Clicks.IMPATIENTLY:
            return ASKS_AGAIN
        return self._told_to_wait or min(LONGEST_PAUSE, ASKS_AGAIN * 2**tries)

    def _key(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128)))

    def _body(self) -> dict[str, Any]:
        beats = self._dice.sample(self._beats, self._dice.randint(1, 4))
        chosen = [(beat, self._dice.choice(tuple(LicenseType))) for beat in beats]
        price_ids = [beat[PRICE_IDS[kind]] for beat, kind in chosen]
        returns = {
            "successUrl": f"{self._world.system.url('api')}/ok?session_id={{CHECKOUT_SESSION_ID}}",
            "cancelUrl": f"{self._world.system.url('api')}/cart",
        }
        if len(chosen) == 1:
            self.diary.wanted = [(price_ids[0], 1)]
            return returns | {"priceId": price_ids[0], "beatTitle": beats[0]["title"]}
        self.diary.wanted = [(price_id, self._dice.randint(1, 3)) for price_id in price_ids]
        items = [
            {
                "priceId": price_id,
                "quantity": quantity,
                "beatTitle": beat["title"],
                "licenseType": kind.value,
            }
            for (beat, kind), (price_id, quantity) in zip(chosen, self.diary.wanted, strict=True)
        ]
        return returns | {"items": items}

    async def _ask(self, body: dict[str, Any], key: str | None, patience: float = PATIENCE) -> bool:
        path = "create-multi-checkout" if "items" in body else "create-checkout"
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = await self._world.http.post(
                f"/api/stripe/{path}", json=body, headers=headers, timeout=patience
            )
        except httpx.HTTPError:
            self._told_to_wait = 0.0
            return False
        if answer.status_code != 200:
            self._told_to_wait = float(answer.headers.get("Retry-After", 0))
            self._expect(answer)
            return False
        given = answer.json()
        self.diary.sessions.add(given["sessionId"])
        self.diary.session, self.diary.url = given["sessionId"], given["url"]
        return True

    def _expect(self, answer: httpx.Response, *more: int) -> None:
        if answer.status_code not in (*NOT_NOW, *more):
            told = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
            self.diary.surprises.append(f"{told} {answer.text[:200]}")

    # The payment

    async def _pay(self) -> None:
        if self._buyer.payment in _MEANS:
            await self._submit(_MEANS[self._buyer.payment])
            return
        match self._buyer.payment:
            case Payment.AFTER_A_DECLINE:
                await self._submit(DECLINED)
                await self._submit(CARD)
            case Payment.SUBMITS_TWICE:
                await asyncio.gather(self._submit(CARD), self._submit(CARD))
            case Payment.AS_IT_EXPIRES:
                await asyncio.gather(self._submit(CARD), self._expire())
            case Payment.LETS_IT_EXPIRE:
                await self._expire()
            case _:
                await self._pay_on_two_pages()

    async def _pay_on_two_pages(self) -> None:
        match self._buyer.payment:
            case Payment.ON_A_SECOND_PAGE_TOO:
                await self._submit(CARD)
                await self._submit(CARD, await self._second_page())
            case Payment.ON_A_SECOND_PAGE_FIRST:
                await self._submit(CARD, await self._second_page())
                await self._submit(CARD)
            case Payment.ON_A_SECOND_PAGE_INSTEAD:
                await self._submit(CARD, await self._second_page())
                await self._expire()

    async def _submit(self, means: str, url: str | None = None) -> None:
        """Fills in a payment page with a card, or with a bank account."""
        form = {"email": self.diary.email, "name": NAME}
        if means.isdigit():
            card = {"card_number": means, "card_expiry": "12 / 40", "card_cvc": "123"}
            form |= {"method": "card"} | card
        else:
            form |= {"method": "sepa_debit", "iban": means}
        answer = await self._world.http.post(
            url or self.diary.url, data=form, headers={"Accept": "application/json"}, timeout=60
        )
        if answer.status_code != 200 or means != CARD:
            return
        self.diary.has_paid_own_page |= url is None
        if self.diary.paid_at is None:
            self.diary.paid_at = time.time()

    async def _expire(self) -> None:
        await self._world.switch("stripe", f"/sessions/{self.diary.session}/expire")

    async def _second_page(self) -> str:
        assert self.diary.session is not None
        return await open_second_page(self._world, self.diary.session, self.diary.wanted)

    # Back in the shop

    async def _look(self) -> None:
        """Waits for the order, and fetches a file once it is there."""
        if self._buyer.returns is Return.CLOSES_THE_TAB:
            return
        leave = time.monotonic() + (LEAVES if self.diary.paid_at else GLANCES)
        pause = FIRST_PAUSE
        while time.monotonic() < leave:
            order = await self._seen_order()
            if order and order["status"] in STANDING:
                self.diary.order = order["id"]
                await self._download(order["id"])
                return
            if self.diary.paid_at is None and order and order["status"] != "PENDING":
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * LONGER)

    async def _seen_order(self) -> dict[str, Any] | None:
        try:
            answer = await self._world.http.get(f"/api/orders/multi-payment/{self.diary.session}")
        except httpx.HTTPError:
            return None
        if answer.status_code != 200:
            self._expect(answer)
            return None
        order: dict[str, Any] = answer.json()["data"]
        self.diary.saw(order["status"])
        return order

    async def _download(self, order_id: str) -> None:
        body = {"customerEmail": f" {self.diary.email.upper()}"}
        try:
            answer = await self._world.http.post(f"/api/download/multi-order/{order_id}", json=body)
            if answer.status_code != 200:
                self._expect(answer, 403)
                return
            beats = answer.json()["data"]["beats"]
            self.diary.addresses = [beat["downloadUrls"]["master"] for beat in beats]
            address = self._dice.choice(self.diary.addresses)
            await self._world.http.get(address, follow_redirects=True)
        except httpx.HTTPError:
            return

    async def _regret(self, session_id: str) -> None:
        if self.diary.paid_at is not None:
            await take_back(self._world, session_id, self._buyer)
