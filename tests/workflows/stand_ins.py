"""Typed stand-ins for a checkout's activities, under the real ones' names."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

import worker
from activities.decisions import Decision
from activities.interceptor import ActivityInterceptor
from activities.orders import Closing
from activities.receipts import Receipt, UnsentReceipt
from activities.reconciliation import Differences, Missed, Sweep, Window
from activities.refunds import OtherSession, OtherSessionOutcome, Refund
from domain.license import LicenseType
from domain.money import Money
from domain.order import OrderStatus, OrderSummary
from domain.payment import CheckoutSession, PaymentOutcome, Traced
from domain.receipt import ReceiptOutcome
from tests.workflows.sandboxed import sandboxed

# What a sweep finds.
MISSED = Missed(seen=7, missed=1)
DIFFERENCES = Differences(3, ["ord_a"], [], [], [], 1)


@dataclass(frozen=True)
class Call:
    """One attempt at an activity; `at` is when the server scheduled it."""

    name: str
    order_id: str
    at: datetime


@dataclass
class StandIns:
    """What each activity answers, and what it was asked."""

    session: CheckoutSession
    # The page that turns out to be there when the order is about to be closed without one.
    opened_unnoticed: CheckoutSession | None = None
    # What successive looks at the payment find; the last one stands.
    payments: list[PaymentOutcome] = field(default_factory=lambda: [PaymentOutcome.PAID])
    # What an order is after each attempt to grant its files; the last one stands.
    granted: list[OrderStatus] = field(default_factory=lambda: [OrderStatus.COMPLETED])
    # What the attempts at an activity raise, one after the other, before they succeed.
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    unsent: list[UnsentReceipt] = field(default_factory=list)
    # What an order turns out to be when it is about to be closed unpaid.
    paid_meanwhile: OrderStatus | None = None
    status: OrderStatus = OrderStatus.PAID
    # Whose order a payment is found to have paid.
    order_of_payment: str | None = None
    # The page on which a payment was made that is not the one that counts.
    other_session: str | None = None
    # Activities that begin, and then wait until they are let go.
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    begun: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    @property
    def names(self) -> list[str]:
        return [call.name for call in self.calls]

    def activities(self) -> list[Callable[..., Any]]:
        return [
            self.place_order,
            self.open_checkout_session,
            self.confirm_payment,
            self.close_unopened_order,
            self.close_order,
            self.issue_downloads,
            self.carry_out,
            self.refund_payment,
            self.settle_other_session,
            self.find_order_of_payment,
            self.trace_payment,
            self.send_receipt,
            self.record_unsent_receipt,
            self.find_status,
            self.find_window,
            self.record_sweep,
            self.collect_missed_events,
            self.requeue_differences,
        ]

    @activity.defn
    async def place_order(self, order_id: str) -> OrderSummary:
        await self._note("place_order", order_id)
        return OrderSummary(Money(3999, "EUR"), (LicenseType.TRACKOUT_LEASE,))

    @activity.defn
    async def open_checkout_session(self, order_id: str) -> CheckoutSession:
        await self._note("open_checkout_session", order_id)
        return self.session

    @activity.defn
    async def confirm_payment(self, order_id: str) -> PaymentOutcome:
        outcome = self.payments[0]
        if len(self.payments) > 1:
            self.payments.pop(0)
        await self._note("confirm_payment", order_id)
        return outcome

    @activity.defn
    async def close_unopened_order(self, closing: Closing) -> CheckoutSession | None:
        self.closings.append(closing)
        await self._note("close_unopened_order", closing.order_id)
        return self.opened_unnoticed

    @activity.defn
    async def close_order(self, closing: Closing) -> OrderStatus:
        self.closings.append(closing)
        await self._note("close_order", closing.order_id)
        return self.paid_meanwhile or closing.status

    @activity.defn
    async def find_status(self, order_id: str) -> OrderStatus:
        await self._note("find_status", order_id)
        return self.status

    @activity.defn
    async def issue_downloads(self, order_id: str) -> OrderStatus:
        await self._note("issue_downloads", order_id)
        return self.granted.pop(0) if len(self.granted) > 1 else self.granted[0]

    @activity.defn
    async def carry_out(self, decision: Decision) -> None:
        self.decisions.append(decision)
        await self._note("carry_out", decision.order_id)

    @activity.defn
    async def refund_payment(self, refund: Refund) -> None:
        self.refunds.append(refund)
        await self._note("refund_payment", refund.order_id)

    @activity.defn
    async def settle_other_session(self, other: OtherSession) -> OtherSessionOutcome:
        await self._note("settle_other_session", other.order_id)
        return OtherSessionOutcome.REFUNDED

    @activity.defn
    async def find_order_of_payment(self, payment_id: str) -> str | None:
        await self._note("find_order_of_payment", payment_id)
        return self.order_of_payment

    @activity.defn
    async def trace_payment(self, payment_id: str) -> Traced | None:
        await self._note("trace_payment", payment_id)
        if self.order_of_payment is None:
            return None
        return Traced(self.order_of_payment, self.other_session)

    @activity.defn
    async def send_receipt(self, receipt: Receipt) -> ReceiptOutcome:
        self.receipts.append(receipt)
        if failures := self.failures.get("send_receipt"):
            raise failures.pop(0)
        return ReceiptOutcome.SENT

    @activity.defn
    async def record_unsent_receipt(self, unsent: UnsentReceipt) -> None:
        self.unsent.append(unsent)

    @activity.defn
    async def find_window(self, farthest: Window) -> Window:
        self.windows.append(farthest)
        return farthest

    @activity.defn
    async def record_sweep(self, sweep: Sweep) -> None:
        self.sweeps.append(sweep)

    @activity.defn
    async def collect_missed_events(self, window: Window) -> Missed:
        return MISSED

    @activity.defn
    async def requeue_differences(self, window: Window) -> Differences:
        await self._note("requeue_differences", "")
        return DIFFERENCES

    async def _note(self, name: str, order_id: str) -> None:
        self.calls.append(Call(name, order_id, activity.info().scheduled_time))
        self.begun[name].set()
        if name in self.held:
            await self.held[name].wait()
        failures = self.failures.get(name)
        if failures:
            raise failures.pop(0)


def worker_of(client: Client, stand_ins: StandIns, task_queue: str) -> Worker:
    """A worker like our own, but for what its activities do."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=worker.WORKFLOWS,
        activities=stand_ins.activities(),
        interceptors=[ActivityInterceptor()],
        workflow_runner=sandboxed(),
        sticky_queue_schedule_to_start_timeout=worker.STICKY_TIMEOUT,
        identity="stand-ins",
    )
