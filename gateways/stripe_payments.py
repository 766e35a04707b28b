"""Payments at Stripe: where one stands, and money sent back."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import stripe
from stripe.checkout import Session
from stripe.params import RefundCreateParams, RefundListParams

from domain.errors import RefundRefused, Unavailable
from domain.money import Money
from domain.payment import OtherPage, Payment
from domain.reconciliation import PaidOrder, Returned
from domain.standing import DisputeSeen
from gateways.stripe_client import (
    CALLS_WITHIN,
    PAGE,
    answered_within,
    asking,
    fault_of,
    instant,
    is_final,
    pages,
    unavailable,
)
from gateways.stripe_facts import (
    REFUNDS_FAILED,
    charge_of,
    dispute_seen,
    metadata_of,
    payment_of,
    refund_seen,
)

# How many keys a refund tries, should Stripe have kept faults of its own under the first ones.
_REFUND_KEYS = 5


@dataclass(frozen=True)
class RefundWish:
    """Money to be sent back, once: `key` names the wish. Without an amount, all that is left."""

    key: str
    order_id: str
    payment_id: str
    amount: Money | None = None
    is_duplicate: bool = False


@dataclass(frozen=True)
class _Made:
    """What there is of a wish at Stripe: money sent back for it, and attempts that failed later."""

    is_done: bool
    failed: int


class StripePayments:
    """One environment's payments. Every method raises Unavailable where Stripe cannot answer."""

    def __init__(
        self,
        client: stripe.StripeClient,
        environment: str,
        patience: timedelta = CALLS_WITHIN,
        page: int = PAGE,
    ) -> None:
        """What takes several calls is given up after `patience`; lists come by so many a `page`."""
        self._stripe = client.v1
        self._environment = environment
        self._patience = patience
        self._page = page

    async def find(self, session_id: str) -> Payment:
        """What Stripe knows now of the payment behind a checkout session."""
        async with answered_within(self._patience):
            with asking():
                return await self._with_what_followed(await self._retrieve(session_id))

    async def find_other(self, session_id: str, order_id: str) -> OtherPage | None:
        """The same for another session; None unless it is ours, and of this very order.

        By its metadata, which we alone write: anybody who pays by a payment link of the account may
        choose its reference.
        """
        async with answered_within(self._patience):
            with asking(), suppress(_Missing), _missing():
                session = await self._retrieve(session_id)
                metadata = metadata_of(session)
                if self._is_ours(metadata) and metadata.get("order_id") == order_id:
                    payment = await self._with_what_followed(session)
                    return OtherPage(payment, session.url, instant(session.expires_at))
        return None

    async def _retrieve(self, session_id: str) -> Session:
        return await self._stripe.checkout.sessions.retrieve_async(
            session_id, {"expand": ["payment_intent.latest_charge.refunds"]}
        )

    async def _with_what_followed(self, session: Session) -> Payment:
        """The payment with its refunds and disputes, most often without another call."""
        payment, charge = payment_of(session), charge_of(session)
        if charge is None or charge.refunds is None:
            return payment
        refunds: Iterable[stripe.Refund] = charge.refunds.data
        if charge.refunds.has_more:  # a charge shows the last ten
            refunds = await self._refunds({"charge": charge.id})
        seen = tuple(refund_seen(each, charge) for each in refunds)
        disputes = await self._disputes(charge.id) if charge.disputed else ()
        return replace(payment, refunds=seen, disputes=disputes)

    async def _refunds(self, of: RefundListParams) -> list[stripe.Refund]:
        page = await self._stripe.refunds.list_async({**of, "limit": self._page})
        return [refund async for refund in page.auto_paging_iter()]

    async def order_of(self, payment_id: str) -> str | None:
        """The order that a payment intent names as ours; None if it names none."""
        with asking(), suppress(_Missing), _missing():
            metadata = metadata_of(await self._stripe.payment_intents.retrieve_async(payment_id))
            return metadata.get("order_id") if self._is_ours(metadata) else None
        return None

    async def session_of(self, payment_id: str) -> str | None:
        """The checkout session that a payment intent was paid on; None if there was none."""
        with asking():
            found = await self._stripe.checkout.sessions.list_async(
                {"payment_intent": payment_id, "limit": 1}
            )
            return found.data[0].id if found.data else None

    async def expire(self, session_id: str) -> None:
        """Closes a payment page, so that nobody can pay on it; one that is done with stays so."""
        try:
            await self._stripe.checkout.sessions.expire_async(session_id)
        except stripe.InvalidRequestError as error:
            if error.http_status != 400:  # 400: it is no longer open, which is what was wanted
                raise unavailable(error) from error
        except stripe.StripeError as error:
            raise unavailable(error) from error

    async def refund(self, wish: RefundWish) -> bool:
        """Sends money back; False if this wish, or all of the money, has gone back before.

        Stripe forgets keys after a day, so the wish is looked for among the payment's refunds
        first. One that a bank returned (Stripe calls it failed) is made anew, under another key.
        Raises RefundRefused if Stripe says no.
        """
        made = await self._made(wish)
        if made.is_done:
            return False
        key = f"{wish.key}:again{made.failed}" if made.failed else wish.key
        for number in range(1, _REFUND_KEYS + 1):
            try:
                return await self._create_refund(wish, f"{key}:{number}")
            except (Unavailable, RefundRefused) as fault:
                if not is_final(fault.__cause__):
                    raise
                # Stripe keeps an old answer under this key, and may have sent the money since.
                if (await self._made(wish)).is_done:
                    return True
        raise Unavailable("Stripe", detail=f"every key of {wish.key} is spent")

    async def paid_orders(self, since: datetime) -> AsyncIterator[list[PaidOrder]]:
        """Our orders whose sessions were made since then and are paid; page by page."""
        start = int(since.timestamp())
        with asking():
            first = await self._stripe.checkout.sessions.list_async(
                {"created": {"gte": start}, "status": "complete", "limit": self._page}
            )
            async for page in pages(first):
                yield [
                    PaidOrder(order_id, session.id)
                    for session in page
                    if session.payment_status == "paid" and (order_id := self._order_in(session))
                ]

    async def returns(self, since: datetime) -> AsyncIterator[list[Returned]]:
        """Refunds made, and disputes opened, since then; page by page."""
        start = int(since.timestamp())
        with asking():
            refunds = await self._stripe.refunds.list_async(
                {"created": {"gte": start}, "limit": self._page, "expand": ["data.charge"]}
            )
            async for page in pages(refunds):
                yield [
                    Returned(str(refund.payment_intent), refund_seen(refund, refund.charge))
                    for refund in page
                    if isinstance(refund.charge, stripe.Charge)
                ]
            disputes = await self._stripe.disputes.list_async(
                {"created": {"gte": start}, "limit": self._page}
            )
            now = datetime.now(UTC)
            async for opened in pages(disputes):
                yield [
                    Returned(str(each.payment_intent), dispute_seen(each, now)) for each in opened
                ]

    def _order_in(self, session: Session) -> str | None:
        metadata = metadata_of(session)
        return metadata.get("order_id") if self._is_ours(metadata) else None

    def _is_ours(self, metadata: dict[str, str]) -> bool:
        return metadata.get("environment") == self._environment

    async def _made(self, wish: RefundWish) -> _Made:
        with asking():
            failed = [
                refund.status in REFUNDS_FAILED
                for refund in await self._refunds({"payment_intent": wish.payment_id})
                if metadata_of(refund).get("wish") == wish.key
            ]
        return _Made(is_done=not all(failed), failed=sum(failed))

    async def _create_refund(self, wish: RefundWish, key: str) -> bool:
        parameters: RefundCreateParams = {
            "payment_intent": wish.payment_id,
            "metadata": {
                "wish": wish.key,
                "order_id": wish.order_id,
                "environment": self._environment,
            },
        }
        if wish.amount is not None:
            parameters["amount"] = wish.amount.minor
        if wish.is_duplicate:
            parameters["reason"] = "duplicate"
        try:
            with _refusing():
                await self._stripe.refunds.create_async(parameters, {"idempotency_key": key})
        except RefundRefused as refusal:
            if refusal.reason == "charge_already_refunded":
                return False
            raise
        return True

    async def _disputes(self, charge_id: str) -> tuple[DisputeSeen, ...]:
        now = datetime.now(UTC)
        with asking():
            page = await self._stripe.disputes.list_async(
                {"charge": charge_id, "limit": self._page}
            )
            return tuple([dispute_seen(each, now) async for each in page.auto_paging_iter()])


class _Missing(Exception):
    """Stripe knows no such object."""


@contextmanager
def _missing() -> Iterator[None]:
    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            raise _Missing from error
        raise


@contextmanager
def _refusing() -> Iterator[None]:
    """Turns Stripe's no to a refund into RefundRefused, all else into Unavailable."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise RefundRefused(error.code or "", fault_of(error)) from error
    except stripe.StripeError as error:
        raise unavailable(error) from error
