"""Our own code with one thing taken out of it: each of these must be noticed."""

from dataclasses import dataclass

from tests.chaos.vocabulary import Scenario


@dataclass(frozen=True)
class Mutant:
    """One passage of one file, what stands there instead, and what is to notice it.

    `by` is a scenario of chaos, the cheapest that sees it; or, where the layers behind the passage
    make good for it so that no scenario can, the tests of the passage itself.
    """

    name: str
    path: str
    passage: str
    instead: str
    by: Scenario | tuple[str, ...]


_WAITING = "tests/workflows/test_payment_wait.py"

MUTANTS = (
    Mutant(
        "no deduplication of events",
        "api/webhooks.py",
        "await self._try_to_deliver(event, kept.progress) if kept else None\n",
        "await self._try_to_deliver(event, kept.progress if kept else Progress(None))\n",
        ("tests/api/test_webhook_desk.py::test_an_event_three_times_at_once_is_told_once",),
    ),
    Mutant(
        "the inbox without ON CONFLICT",
        "database/inbox.py",
        "    .on_conflict_do_nothing()\n    .returning(webhook_events.c.order_id)\n",
        "    .returning(webhook_events.c.order_id)\n",
        Scenario.WEBHOOKS,
    ),
    Mutant(
        "grants without ON CONFLICT",
        "database/grants.py",
        "    .on_conflict_do_nothing()\n    .returning(download_grants.c.id)",
        "    .returning(download_grants.c.id)",
        ("tests/database/test_grants.py::test_granting_again_grants_nothing_new",),
    ),
    Mutant(
        "orders without ON CONFLICT",
        "database/orders.py",
        "    .on_conflict_do_nothing()\n    .returning(orders.c.id)\n",
        "    .returning(orders.c.id)\n",
        ("tests/database/test_orders.py::test_placing_an_order_again_changes_nothing",),
    ),
    Mutant(
        "buyers' requests without ON CONFLICT",
        "database/checkout_requests.py",
        "insert(checkout_requests).on_conflict_do_nothing()",
        "insert(checkout_requests)",
        Scenario.CLEAN,
    ),
    Mutant(
        "an acknowledgement before the write",
        "api/webhooks.py",
        """        async with self._database.recording() as recorder:
            kept = await inbox.record(recorder, event)
        log.info("webhook_received", type=event.type, fresh=kept is not None)
        return await self._try_to_deliver(event, kept.progress) if kept else None
""",
        """        async def later() -> None:
            await asyncio.sleep(0.1)
            async with self._database.recording() as recorder:
                kept = await inbox.record(recorder, event)
            await self._try_to_deliver(event, kept.progress if kept else Progress(None))

        self._later = asyncio.create_task(later())
        return None
""",
        Scenario.PROCESSES,
    ),
    Mutant(
        "no relay",
        "api/webhooks.py",
        "        events = iter(waiting)\n",
        "        events = iter(waiting[:0])\n",
        Scenario.WEBHOOKS,
    ),
    Mutant(
        "no signature looked at",
        "gateways/stripe_webhook.py",
        "    signed = (_signed_with(secret, payload, signature) for secret in secrets)",
        "    signed = (True for secret in secrets)",
        Scenario.WEBHOOKS,
    ),
    Mutant(
        "no question to Stripe while a buyer waits",
        "api/visits.py",
        "            await self._checkouts.report(order_id, VISIT)\n",
        "            pass\n",
        Scenario.WEBHOOKS,
    ),
    Mutant(
        "no question to Stripe while nobody waits",
        "workflows/waiting.py",
        "    left = session.expires_at + options.EXPIRY_SLACK - now\n",
        "    return options.HELD_CHECK * 1000\n"
        "    left = session.expires_at + options.EXPIRY_SLACK - now\n",
        (f"{_WAITING}::test_a_payment_that_nobody_reports_is_found_by_asking",),
    ),
    Mutant(
        "news forgotten at the end",
        "workflows/checkout.py",
        "            if status is OrderStatus.COMPLETED or not self._news.is_there:\n",
        "            if True:\n",
        (f"{_WAITING}::test_news_while_the_order_is_being_closed_begins_anew",),
    ),
    Mutant(
        "expired after paid",
        "domain/standing.py",
        "            case GivenUp() if self.is_paid:\n                return self\n",
        "",
        ("tests/domain/test_standing.py",),
    ),
    Mutant(
        "a key for Stripe that is another each time",
        "gateways/stripe_checkout.py",
        'key = f"order:{order.id}:checkout:{order.checkout_attempt}"',
        "key = f\"order:{order.id}:checkout:{id(object())}:{__import__('time').time_ns()}\"",
        Scenario.DEPENDENCIES,
    ),
    Mutant(
        "a second payment kept",
        "activities/refunds.py",
        "            if not payment.has_gone_back:\n",
        "            if False:\n",
        Scenario.WEBHOOKS,
    ),
    Mutant(
        "access not checked again",
        "domain/download.py",
        "    require_standing(file.order_status)\n    if not file.beat_exists:",
        "    if not file.beat_exists:",
        Scenario.CLEAN,
    ),
    Mutant(
        "an address in a history",
        "activities/payments.py",
        "        if outcome in HELD:\n            await self._hold(terms, payment)\n",
        "        if activity.info().attempt == 1 and payment.customer.email:\n"
        "            from temporalio.exceptions import ApplicationError\n\n"
        "            raise ApplicationError(f'ask again for {payment.customer.email}')\n"
        "        if outcome in HELD:\n            await self._hold(terms, payment)\n",
        Scenario.CLEAN,
    ),
    Mutant(
        "an address in a log",
        "activities/payments.py",
        "        outcome = judge(payment, terms.total, terms.approved_payment_id)\n",
        "        outcome = judge(payment, terms.total, terms.approved_payment_id)\n"
        "        activity.logger.warning('paid by %s', payment.customer.email)\n",
        Scenario.CLEAN,
    ),
)
