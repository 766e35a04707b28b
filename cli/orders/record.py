"""All that can be known of one order, gathered from the books, from Temporal and from Stripe."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from cli.orders.office import Office
from database import order_list, order_record
from database.order_record import GrantedFile, HistoryLine, ReceivedEvent
from domain.errors import BeatlineError
from domain.order import Order
from domain.payment import Payment, PaymentState
from domain.standing import DisputeState
from domain.stuck import Standstill
from settings import SettingsError
from temporal.inspection import WorkflowState

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Record:
    """What could not be asked is None, and `missing` says why, by the name of who was asked."""

    order: Order
    standstill: Standstill | None
    disputes: dict[str, DisputeState]
    history: list[HistoryLine]
    events: list[ReceivedEvent]
    downloads: list[GrantedFile]
    workflow: WorkflowState | None = None
    related: list[WorkflowState] = field(default_factory=list)
    payment: Payment | None = None
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def differences(self) -> list[str]:
        """In what Stripe's word is not what our books say."""
        if self.payment is None:
            return []
        order, payment = self.order, self.payment
        is_paid = payment.state is PaymentState.PAID
        known = {dispute.dispute_id: dispute.state for dispute in payment.disputes}
        found = {
            "state": is_paid is order.status.is_unpaid,
            "amount": is_paid and payment.amount != order.total,
            "refunded": is_paid and payment.refunded_of(order.total) != order.refunded,
            "disputes": known != self.disputes,
        }
        return [name for name, differs in found.items() if differs]


async def gather(office: Office, order: Order) -> Record:
    """Asks everybody at once; who does not answer is left out."""
    missing: dict[str, str] = {}
    async with office.database.reading() as reader:
        record = Record(
            order=order,
            standstill=await order_list.standstill(reader, order.id, datetime.now(UTC)),
            disputes=await order_record.disputes(reader, order.id),
            history=await order_record.history(reader, order.id),
            events=await order_record.received(reader, order.id, order.payment_id),
            downloads=await order_record.granted(reader, order.id),
            missing=missing,
        )
    temporal = _asked("workflow", missing, _workflows(office, record))
    stripe = _asked("stripe", missing, _payment(office, order))
    workflows, payment = await asyncio.gather(temporal, stripe)
    checkout, related = workflows or (None, [])
    return Record(**{**vars(record), "workflow": checkout, "related": related, "payment": payment})


async def _asked(name: str, missing: dict[str, str], answer: Awaitable[Answer]) -> Answer | None:
    try:
        return await answer
    except (BeatlineError, SettingsError) as error:
        missing[name] = str(error)
        return None


async def _workflows(
    office: Office, record: Record
) -> tuple[WorkflowState | None, list[WorkflowState]]:
    order, inspection = record.order, await office.inspection()
    told = {told for event in record.events for told in (event.payment_id, event.object_id)}
    reviewed = set(filter(None, [*told, order.payment_id]))
    return await asyncio.gather(
        inspection.checkout(order.id), inspection.related(order.id, reviewed)
    )


async def _payment(office: Office, order: Order) -> Payment | None:
    if order.session_id is None:
        return None
    return await (await office.payments()).find(order.session_id)
