"""What the commands print for programs: camelCase JSON, amounts in major units, as the API's."""

from typing import Any

from pydantic import AliasPath, Field

from api.schemas.order import OrderView
from api.schemas.wire import Amount, Instant, Wire
from domain.beat import AssetKind
from domain.license import LicenseType
from domain.order import OrderStatus
from domain.payment import PaymentOutcome, PaymentState
from domain.receipt import ReceiptOutcome
from domain.standing import DisputeState
from domain.stuck import Stuck


class StandstillView(Wire):
    why: Stuck
    since: Instant


class ListedOrderView(Wire):
    id: str
    status: OrderStatus
    total_amount: Amount = Field(validation_alias="total")
    refunded_amount: Amount = Field(validation_alias="refunded")
    currency: str = Field(validation_alias=AliasPath("total", "currency"))
    customer_email: str | None
    created_at: Instant
    paid_at: Instant | None
    stuck: StandstillView | None = Field(validation_alias="standstill")


class InboxCount(Wire):
    undelivered: int
    failing: int
    unknown: int


class OrderListView(Wire):
    orders: list[ListedOrderView]
    inbox: InboxCount


class EventView(Wire):
    id: str
    type: str
    object_id: str
    order_id: str | None
    payment_id: str | None
    created_at: Instant
    received_at: Instant
    delivered_at: Instant | None
    outcome: str | None
    attempts: int
    failure: str | None


class PileView(Wire):
    count: int
    oldest: list[EventView]


class BacklogView(Wire):
    undelivered: PileView
    failing: PileView
    unknown: PileView
    last_reconciliation: Instant | None  # when the last one that came to its end began


class HistoryLineView(Wire):
    at: Instant
    event: str
    detail: dict[str, str]


class GrantedFileView(Wire):
    beat_id: str
    title: str
    license_type: LicenseType
    asset: AssetKind
    granted_at: Instant
    links: int
    last_link_at: Instant | None


class PendingStepView(Wire):
    name: str
    attempt: int
    is_running: bool
    failure: str | None
    next_attempt_at: Instant | None


class PendingTaskView(Wire):
    since: Instant
    attempt: int
    failure: str | None


class WorkflowView(Wire):
    id: str
    run_id: str
    type: str
    status: str
    started_at: Instant
    closed_at: Instant | None
    details: str | None
    steps: tuple[PendingStepView, ...]
    task: PendingTaskView | None


class DisputeView(Wire):
    id: str = Field(validation_alias="dispute_id")
    state: DisputeState


class PaymentView(Wire):
    """The payment as Stripe states it."""

    session_id: str
    state: PaymentState
    amount: Amount
    refunded_amount: Amount = Field(validation_alias="refunded")
    currency: str = Field(validation_alias=AliasPath("amount", "currency"))
    is_refunded_in_full: bool
    payment_intent_id: str | None
    method: str | None
    paid_at: Instant | None
    customer_email: str | None = Field(validation_alias=AliasPath("customer", "email"))
    disputes: tuple[DisputeView, ...]


class RecordView(Wire):
    """All that is known of an order; what could not be asked is null, and `missing` says why."""

    order: OrderView
    stuck: StandstillView | None
    disputes: dict[str, DisputeState]
    history: list[HistoryLineView]
    events: list[EventView]
    downloads: list[GrantedFileView]
    workflow: WorkflowView | None
    related: list[WorkflowView]
    stripe: PaymentView | None
    differences: list[str]
    missing: dict[str, str]


class ActView(Wire):
    """What an operator had done, and where the order is since."""

    order_id: str
    act: str
    outcome: str
    status: OrderStatus


class RefundView(Wire):
    order_id: str
    refund_id: str
    amount: Amount
    currency: str
    payment: PaymentOutcome
    status: OrderStatus


class ReceiptView(Wire):
    order_id: str
    workflow_id: str
    outcome: ReceiptOutcome | None


class ReportView(Wire):
    """What a reconciliation looked at, and what it had done again."""

    hours: int
    events_seen: int
    events_missed: int
    sessions_compared: int
    unpaid_here: list[str]
    unfulfilled: list[str]
    overdue: list[str]
    returned_there: list[str]
    events_requeued: int

    @classmethod
    def of(cls, hours: int, report: Any) -> "ReportView":
        seen = {"events_seen": report.missed.seen, "events_missed": report.missed.missed}
        return cls.model_validate({"hours": hours, **seen, **vars(report.differences)})
